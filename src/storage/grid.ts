/** Whether two pictures are one, by a grid of samples. */
import type { CopyTarget } from './pixels.ts';
import { planeOf } from './pixels.ts';

/** Points across and down. */
const POINTS = 16;

/** Mean difference of a channel, of 255. Two ways to convert one picture differ by a few; other pictures by dozens. */
const TOLERANCE = 16;

/** Compares two memories of one 8-bit colour format and size, but for alpha. */
export function resembles(one: CopyTarget, other: CopyTarget): boolean {
  const channels = ['R', 'G', 'B'].map((letter) => one.format.indexOf(letter));
  let sum = 0;
  for (let row = 0; row < POINTS; row++) {
    for (let column = 0; column < POINTS; column++) {
      const x = Math.floor(((column + 0.5) / POINTS) * one.width);
      const y = Math.floor(((row + 0.5) / POINTS) * one.height);
      for (const channel of channels) {
        sum += Math.abs(sampleAt(one, x, y, channel) - sampleAt(other, x, y, channel));
      }
    }
  }
  return sum / (POINTS * POINTS * channels.length) <= TOLERANCE;
}

function sampleAt({ layout, data }: CopyTarget, x: number, y: number, channel: number): number {
  const { offset, stride } = planeOf(layout);
  return data[offset + y * stride + x * 4 + channel] ?? 0;
}
