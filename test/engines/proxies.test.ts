/** Decoders, readers and the handles of their frames in the state of frameworks, in every engine. */
import { expect, test } from 'vitest';
import { FrameDecoder, VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { clipBlob } from '../support/packets.ts';

const refused = (name: string): unknown =>
  expect.objectContaining({
    name: 'TypeError',
    message: expect.stringContaining(`a proxy around a ${name}`) as unknown,
  });

/** Like Vue's `reactive()`. */
const isSkipped = (made: object): boolean => (made as { __v_skip?: boolean }).__v_skip === true;

test('Vue skips a reader and its handles, and a plain proxy gets a clear error', async () => {
  const pool = new VideoFramePool({ capacity: 1 });
  await using reader = await openVideo(await clipBlob('vp8.webm'));
  const proxy = new Proxy(reader, {});
  expect([proxy.duration, isSkipped(reader), isSkipped(pool)]).toEqual([reader.duration, true, true]);
  expect(() => proxy.frames({ pool })).toThrow(refused('VideoReader'));
  expect(() => proxy.frameAt(0, { pool })).toThrow(refused('VideoReader'));
  const handle = await reader.frameAt(0, { pool });
  expect(isSkipped(handle)).toBe(true);
  expect(() => new Proxy(handle, {}).frame).toThrow(refused('FrameHandle'));
  expect(() => new Proxy(handle, {}).release()).toThrow(refused('FrameHandle'));
  handle.release();
  expect(pool.lentCount).toBe(0);
});

test('Vue skips a decoder, and a plain proxy gets a clear error', () => {
  const pool = new VideoFramePool({ capacity: 1 });
  const decoder = new FrameDecoder({ pool, config: { codec: 'vp8' }, output() {}, error() {} });
  const proxy = new Proxy(decoder, {});
  expect(isSkipped(decoder)).toBe(true);
  for (const use of [() => proxy.decoderDelay, () => proxy.flush(), () => proxy.close()]) {
    expect(use).toThrow(refused('FrameDecoder'));
  }
  decoder.close();
});
