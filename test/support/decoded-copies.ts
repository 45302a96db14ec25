/** Copies of a clip's first frames that outlive the decoder of those frames. */
import { expect } from 'vitest';
import type { BufferStorage, FrameHandle } from '../../src/index.ts';
import { decodeFrames } from '../../src/index.ts';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { checkedPool } from './checked-pools.ts';
import { streamOf, trackOf } from './packets.ts';

/** Copies `count` frames. Afterwards the decoder is closed, none of its frames is held, and each copy has its frame's time. */
export async function decodedCopies<S extends BufferStorage>(
  file: string,
  count: number,
  copy: (handle: FrameHandle) => Promise<FrameHandle<S>>,
  decoder: typeof VideoDecoder = VideoDecoder,
): Promise<FrameHandle<S>[]> {
  const { config, chunks } = await trackOf(file);
  const decoded = checkedPool();
  const copies: FrameHandle<S>[] = [];
  for await (const handle of decodeFrames(decoded, streamOf(chunks), config, { decoder })) {
    copies.push(await copy(handle));
    handle.release();
    if (copies.length === count) break;
  }
  expect([decoded.lentCount, decoded.decodingCount]).toEqual([0, 0]);
  decoded.close();
  expect(copies.map(({ timestamp }) => timestamp)).toEqual(timestampsOf(clip(file)).slice(0, count));
  return copies;
}

/** Asserts that the copies show the numbers of the clip's first frames. Releases them. */
export async function expectNumbers<S extends BufferStorage>(
  file: string,
  copies: readonly FrameHandle<S>[],
  numberIn: (copy: FrameHandle<S>) => number | Promise<number>,
): Promise<void> {
  const numbers = await Promise.all(copies.map(numberIn));
  expect(numbers).toEqual(numbersOf(clip(file)).slice(0, copies.length));
  for (const copy of copies) copy.release();
}
