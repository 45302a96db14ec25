// Reader of frame numbers, checked against a painter of its own, which follows the description in test/media/README.md
// and not the shared geometry.

import { describe, expect, test } from 'vitest';
import { MARK_BLOCKS, readMark } from '../support/marks.ts';

type Picture = Parameters<typeof readMark>[0];

const SIZES = [
  [320, 180],
  [321, 241],
  [160, 90],
  [180, 320],
  [427, 180],
  [640, 360],
] as const;

const NUMBERS = [0, 1, 2, 3, 299, 0x5555, 0xaaaa, 0x8000, 65535];

/** "1001..." for a number: sync 10, 16 bits, then the count of ones modulo 4 in two bits. */
function stripOf(number: number): string {
  const bits = number.toString(2).padStart(16, '0');
  const ones = bits.replaceAll('0', '').length;
  return `10${bits}${(ones % 4).toString(2).padStart(2, '0')}`;
}

/** A grey picture with a strip of '1' white, '0' black and '?' grey blocks, limited to 16 to 235. */
function paint(width: number, height: number, strip: string): Picture {
  const data = new Uint8ClampedArray(width * height * 4).fill(128);
  const stripHeight = Math.max(12, height / 12);
  for (let y = 0; y < stripHeight; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const block = strip[Math.floor(((x + 0.5) * 20) / width)];
      const luma = block === '1' ? 235 : block === '0' ? 16 : 125;
      data.fill(luma, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { data, width, height };
}

/** Adds noise of up to ±30 to every value, the same on each run. */
function addNoise(picture: Picture): Picture {
  let state = 12345;
  const data = picture.data.map((value) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return value + Math.round((state / 2147483648) * 60 - 30);
  });
  return { ...picture, data };
}

function replaceBlock(strip: string, block: number, by: string): string {
  return strip.slice(0, block) + by + strip.slice(block + 1);
}

describe('readMark', () => {
  test('has twenty blocks in a strip', () => {
    expect(MARK_BLOCKS).toBe(20);
    expect(stripOf(5)).toHaveLength(MARK_BLOCKS);
  });

  test.each(SIZES)('reads every number at %ix%i, also under noise', (width, height) => {
    for (const number of NUMBERS) {
      const picture = paint(width, height, stripOf(number));
      expect(readMark(picture)).toBe(number);
      expect(readMark(addNoise(picture))).toBe(number);
    }
  });

  test('one wrong block anywhere throws', () => {
    for (const number of NUMBERS) {
      const strip = stripOf(number);
      for (let block = 0; block < strip.length; block += 1) {
        const flipped = replaceBlock(strip, block, strip[block] === '1' ? '0' : '1');
        expect(() => readMark(paint(320, 180, flipped))).toThrow('No mark');
        expect(() => readMark(paint(320, 180, replaceBlock(strip, block, '?')))).toThrow('No mark');
      }
    }
  });

  test('the error has the difference and the samples', () => {
    const read = (strip: string) => () => readMark(paint(320, 180, strip));
    const lumas = 'luma of the blocks: ';
    expect(read('0'.repeat(20))).toThrow(`sync blocks are not white and black; ${lumas}16 16 16`);
    expect(read(replaceBlock(stripOf(0), 4, '?'))).toThrow(
      `block 4 is neither white nor black; ${lumas}235 16 16 16 125 16`,
    );
    expect(read(replaceBlock(stripOf(0), 17, '1'))).toThrow('check blocks say 0, but number 1 needs 1');
  });

  test('a picture without a strip throws', () => {
    const data = new Uint8ClampedArray(320 * 180 * 4).fill(128);
    expect(() => readMark({ data, width: 320, height: 180 })).toThrow('sync');
    expect(() => readMark({ data, width: 640, height: 360 })).toThrow('not a picture');
    expect(() => readMark({ data, width: 19, height: 180 })).toThrow('not a picture');
  });
});
