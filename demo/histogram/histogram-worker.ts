/** The histogram's worker: reads pixels, which may be memory that the page has too, and answers with counts. */
import type { Counts } from './histogram-counts.ts';
import { BINS, CHANNELS } from './histogram-counts.ts';

const LEVELS_SHIFT = Math.log2(256 / BINS);

/** RGBA pixels in, counts of all channels out. */
function count(pixels: Uint8Array): Counts {
  const counts: Counts = new Uint32Array(CHANNELS.length * BINS);
  const add = (channel: number, level: number): void => {
    const at = channel * BINS + (level >> LEVELS_SHIFT);
    counts[at] = (counts[at] ?? 0) + 1;
  };
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = [pixels[at], pixels[at + 1], pixels[at + 2]];
    add(0, red);
    add(1, green);
    add(2, blue);
    // BT.709, in 16-bit fractions that add up to 1.
    add(3, (13_933 * red + 46_871 * green + 4732 * blue) >> 16);
  }
  return counts;
}

addEventListener('message', ({ data }: MessageEvent<Uint8Array>) => {
  const counts = count(data);
  postMessage(counts, { transfer: [counts.buffer] });
});
