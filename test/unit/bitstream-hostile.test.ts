import { describe, expect, test } from 'vitest';
import { BitReader } from '../../src/bitstream/bit-reader.ts';
import { isInvisible } from '../../src/bitstream/vpx.ts';
import { PictureOrder } from '../../src/bitstream/picture-order.ts';
import { nalUnits, payloadOf } from '../../src/bitstream/nal.ts';
import { canStartAt } from '../../src/bitstream/random-access.ts';
import { streamParameters } from '../../src/bitstream/stream-parameters.ts';
import { SHORT_STREAMS, shortStream, streamOfClip } from '../support/stream-vectors.ts';

const STREAMS = [
  ...SHORT_STREAMS,
  'h264_bframes.mp4',
  'h264.m2t',
  'av1.mp4',
  'vp8.webm',
  'vp9_hidden.webm',
] as const;

const streamOf = async (name: string) =>
  SHORT_STREAMS.includes(name as never) ? shortStream(name as never) : streamOfClip(name);

/** Mulberry32: the same numbers for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs every query on a packet. @returns Whether all sizes in the results are above zero. */
function ask(config: VideoDecoderConfig, data: Uint8Array): boolean {
  const parameters = streamParameters(config, data);
  new PictureOrder(config).order(data);
  canStartAt(config, data, { allowsRecoveryPoints: true });
  isInvisible(config.codec, data);
  return (
    parameters === null || (parameters.width > 0 && parameters.height > 0 && parameters.maxReorderDepth <= 16)
  );
}

describe('broken bytes', () => {
  test.each(STREAMS)('%s: truncated anywhere, cause no error and no impossible result', async (name) => {
    const { config, packets } = await streamOf(name);
    const data = packets[0]?.data ?? new Uint8Array();
    const description = config.description && new Uint8Array(config.description as Uint8Array<ArrayBuffer>);
    for (let length = 0; length < Math.min(400, data.length); length++)
      expect(ask(config, data.subarray(0, length))).toBe(true);
    for (let length = 0; length < (description?.length ?? 0); length++) {
      const cut = { ...config, description: description?.slice(0, length) };
      expect(ask(cut as VideoDecoderConfig, data)).toBe(true);
    }
  });

  test.each(STREAMS)('%s: changed at random, cause no error and no impossible result', async (name) => {
    const { config, packets } = await streamOf(name);
    const random = numbers(7);
    const damaged = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
      const copy = Uint8Array.from(bytes);
      for (let i = 0; i < 4; i++)
        copy[Math.floor(random() * Math.min(80, copy.length))] = Math.floor(random() * 256);
      return copy;
    };
    const data = packets[0]?.data ?? new Uint8Array();
    const description = config.description && new Uint8Array(config.description as Uint8Array<ArrayBuffer>);
    for (let i = 0; i < 500; i++) {
      expect(ask(config, damaged(data))).toBe(true);
      if (description) expect(ask({ ...config, description: damaged(description) }, data)).toBe(true);
    }
  });

  test('that are random cause no error and no impossible result', () => {
    const random = numbers(11);
    for (let i = 0; i < 2000; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256));
      for (const codec of ['avc1.64001f', 'hvc1.1.6.L93.B0', 'av01.0.00M.08', 'vp8', 'vp09.00.10.08']) {
        expect(ask({ codec }, bytes)).toBe(true);
        expect(ask({ codec, description: bytes }, bytes)).toBe(true);
      }
    }
  });
});

describe('a bit reader', () => {
  test('reads numbers and Exp-Golomb codes, and reports its position', () => {
    // 101, 1, 010, 011, 00100, 00101, then the end.
    const bits = new BitReader(Uint8Array.of(0b1011_0100, 0b1100_1000, 0b0101_0000));
    expect([bits.u(3), bits.ue(), bits.ue(), bits.ue(), bits.se(), bits.se()]).toEqual([5, 0, 1, 2, 2, -2]);
    expect(bits.position).toBe(20);
    expect(bits.isValid).toBe(true);
  });

  test('returns 0 beyond the end, and stays invalid', () => {
    const bits = new BitReader(Uint8Array.of(0xff));
    expect([bits.u(9), bits.isValid]).toEqual([0, false]);
    expect([bits.u(1), bits.ue(), bits.se(), bits.flag(), bits.isValid]).toEqual([0, 0, 0, false, false]);
  });

  test('reads 32 bits as a number above zero', () => {
    expect(new BitReader(Uint8Array.of(255, 255, 255, 255)).u(32)).toBe(2 ** 32 - 1);
  });

  test('refuses a code of more than 31 zeros', () => {
    const bits = new BitReader(new Uint8Array(20));
    expect([bits.ue(), bits.isValid]).toEqual([0, false]);
  });
});

describe('NAL units', () => {
  const unitsOf = (bytes: number[], lengthSize: number | null): number[][] =>
    [...nalUnits(Uint8Array.from(bytes), lengthSize)].map((unit) => [...unit]);

  test('are found after lengths of each size, without empty ones', () => {
    expect(unitsOf([1, 7, 0, 2, 8, 9], 1)).toEqual([[7], [8, 9]]);
    expect(unitsOf([0, 1, 7, 0, 2, 8, 9], 2)).toEqual([[7], [8, 9]]);
    expect(unitsOf([0, 0, 0, 2, 8, 9], 4)).toEqual([[8, 9]]);
  });

  test('end at a length that does not fit', () => {
    expect(unitsOf([1, 7, 5, 8, 9], 1)).toEqual([[7]]);
    expect(unitsOf([255, 255, 255, 255, 8, 9], 4)).toEqual([]);
  });

  test('are found after start codes of three and four bytes, without trailing zeros', () => {
    expect(unitsOf([0, 0, 1, 7, 1, 0, 0, 0, 1, 8, 9, 0, 0], null)).toEqual([
      [7, 1],
      [8, 9],
    ]);
    expect(unitsOf([9, 9, 0, 0, 1, 7, 0, 0, 1, 0, 0, 1, 5], null)).toEqual([[7], [5]]);
    expect(unitsOf([7, 8, 9], null)).toEqual([]);
  });

  test('lose the 3 of each 0, 0, 3, as far as they are read', () => {
    const unit = Uint8Array.of(9, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3, 5, 0, 3);
    expect([...payloadOf(unit, 1, 100)]).toEqual([0, 0, 1, 0, 0, 0, 0, 5, 0, 3]);
    expect([...payloadOf(unit, 1, 4)]).toEqual([0, 0, 1]);
    expect([...payloadOf(unit, 20, 4)]).toEqual([]);
  });
});
