/** What the histogram's worker and its page tell each other. */

/** How many values of brightness are told apart: 256 levels, four to a bin. */
export const BINS = 64;

/** The order of the counts. */
export const CHANNELS = ['red', 'green', 'blue', 'luma'] as const;

/** Which of them. */
export type Channel = (typeof CHANNELS)[number];

/** How many pixels are in each bin, for each channel one after the other: `CHANNELS.length * BINS` numbers. */
export type Counts = Uint32Array<ArrayBuffer>;

/** The counts of one channel, from dark to bright. */
export function countsOf(counts: Counts, channel: Channel): Counts {
  const first = CHANNELS.indexOf(channel) * BINS;
  return counts.subarray(first, first + BINS);
}

/** A channel's mean, 0 to 100. */
export function meanPercent(counts: Counts, channel: Channel): number {
  let pixels = 0;
  let sum = 0;
  for (const [bin, count] of countsOf(counts, channel).entries()) {
    pixels += count;
    sum += count * bin;
  }
  return pixels === 0 ? 0 : (100 * sum) / (pixels * (BINS - 1));
}
