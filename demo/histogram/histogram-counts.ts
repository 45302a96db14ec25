/** Messages between the histogram worker and the page. */

/** Number of brightness bins: 256 levels, four per bin. */
export const BINS = 64;

/** Channels, in the order of the counts. */
export const CHANNELS = ['red', 'green', 'blue', 'luma'] as const;

/** One channel. */
export type Channel = (typeof CHANNELS)[number];

/** Pixels per bin, one channel after the other: `CHANNELS.length * BINS` numbers. */
export type Counts = Uint32Array<ArrayBuffer>;

/** Counts of one channel, from dark to bright. */
export function countsOf(counts: Counts, channel: Channel): Counts {
  const first = CHANNELS.indexOf(channel) * BINS;
  return counts.subarray(first, first + BINS);
}

/** Mean of a channel, from 0 to 100. */
export function meanPercent(counts: Counts, channel: Channel): number {
  let pixels = 0;
  let sum = 0;
  for (const [bin, count] of countsOf(counts, channel).entries()) {
    pixels += count;
    sum += count * bin;
  }
  return pixels === 0 ? 0 : (100 * sum) / (pixels * (BINS - 1));
}
