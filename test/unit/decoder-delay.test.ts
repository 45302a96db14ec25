import { describe, expect, test } from 'vitest';
import { DecoderDelay } from '../../src/decode/decoder-delay.ts';

const CONFIG: VideoDecoderConfig = { codec: 'unknown' };

/** A delay after frames that each left this many chunks inside. */
function after(delay: DecoderDelay, ...left: readonly number[]): number {
  for (const inside of left) delay.learn(inside);
  return delay.frames;
}

describe('[C9] the delay of a decoder', () => {
  test('is learned from the first frame after a period without output', () => {
    const delay = new DecoderDelay(CONFIG, 0);
    expect(after(delay, 5)).toBe(0);
    delay.suspect(3);
    expect(after(delay, 3)).toBe(3);
    expect(after(delay, 7)).toBe(3);
  });

  test('is at most the number of chunks inside after that frame: the others were dropped', () => {
    const delay = new DecoderDelay(CONFIG, 0);
    delay.suspect(3);
    expect(after(delay, 1)).toBe(1);
  });

  test('is at most 16', () => {
    const delay = new DecoderDelay(CONFIG, 0);
    delay.suspect(20);
    expect(after(delay, 20)).toBe(16);
  });

  test('is kept when the decoder runs empty after each burst', () => {
    const delay = new DecoderDelay(CONFIG, 3);
    for (let burst = 0; burst < 3; burst++) expect(after(delay, 3, 2, 1, 0)).toBe(3);
    expect(after(delay, 4, 3)).toBe(3);
  });

  test('is corrected by a decoder that ran empty and gives its next frame earlier', () => {
    const delay = new DecoderDelay(CONFIG, 3);
    expect(after(delay, 0)).toBe(3);
    expect(after(delay, 1)).toBe(1);
  });

  test('is unknown again with another configuration', () => {
    const delay = new DecoderDelay(CONFIG, 3);
    delay.suspect(4);
    delay.configure(CONFIG);
    expect([delay.frames, after(delay, 4)]).toEqual([0, 0]);
  });
});
