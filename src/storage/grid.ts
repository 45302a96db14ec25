/** Comparison of two pictures by a grid of samples. */
import type { CopyTarget } from './pixels.ts';
import { planeOf } from './pixels.ts';

/** Points across and down. */
const POINTS = 16;

/** Mean difference of a channel, of 255. Two conversions of one picture differ by a few; other pictures by dozens. */
const TOLERANCE = 16;

/** Whether two pictures of the same 8-bit colour format and size look alike, ignoring alpha. */
export function resembles(one: CopyTarget, other: CopyTarget): boolean {
  const samples = samplesOf(one);
  const others = samplesOf(other);
  const sum = samples.reduce((total, sample, index) => total + Math.abs(sample - (others[index] ?? 0)), 0);
  return sum / samples.length <= TOLERANCE;
}

/**
 * Whether a picture has too little content to be told from another, ignoring alpha: no contrast, or no colour, which
 * would reveal bytes in the wrong order.
 */
export function isFlat(target: CopyTarget): boolean {
  const samples = samplesOf(target);
  const contrast = Math.max(...samples) - Math.min(...samples);
  let colour = 0;
  for (let at = 0; at < samples.length; at += 3) {
    colour = Math.max(colour, Math.abs((samples[at] ?? 0) - (samples[at + 2] ?? 0)));
  }
  return contrast <= 2 * TOLERANCE || colour <= 2 * TOLERANCE;
}

/** Red, green and blue of each point. */
function samplesOf(target: CopyTarget): number[] {
  const channels = ['R', 'G', 'B'].map((letter) => target.format.indexOf(letter));
  const samples: number[] = [];
  for (let row = 0; row < POINTS; row++) {
    for (let column = 0; column < POINTS; column++) {
      const x = Math.floor(((column + 0.5) / POINTS) * target.width);
      const y = Math.floor(((row + 0.5) / POINTS) * target.height);
      for (const channel of channels) samples.push(sampleAt(target, x, y, channel));
    }
  }
  return samples;
}

function sampleAt({ layout, data }: CopyTarget, x: number, y: number, channel: number): number {
  const { offset, stride } = planeOf(layout);
  return data[offset + y * stride + x * 4 + channel] ?? 0;
}
