/** Histogram worker: reads pixels, possibly in shared memory, and posts counts. */
import type { Counts } from './histogram-counts.ts';
import { BINS, CHANNELS } from './histogram-counts.ts';

const LEVELS_SHIFT = Math.log2(256 / BINS);

/** Counts RGBA pixels per channel. */
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
    // BT.709 luma, in 16-bit fractions that sum to 1.
    add(3, (13_933 * red + 46_871 * green + 4732 * blue) >> 16);
  }
  return counts;
}

addEventListener('message', ({ data }: MessageEvent<Uint8Array>) => {
  const counts = count(data);
  postMessage(counts, { transfer: [counts.buffer] });
});
