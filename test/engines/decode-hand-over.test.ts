/** A frame that waits for its decoder to go on is handed over or released, whatever comes first. */
import { describe, expect, test } from 'vitest';
import { decodeFrames, FrameDecoder } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { BROKEN, PuppetDecoder } from '../support/decoders.ts';
import { poolOf } from '../support/decoding.ts';
import { fate, takeAll } from '../support/streams.ts';

const CONFIG: VideoDecoderConfig = { codec: 'vp8' };

const CHUNKS = [0, 1, 2, 3, 4].map(
  (timestamp) =>
    new EncodedVideoChunk({ type: timestamp === 0 ? 'key' : 'delta', timestamp, data: new Uint8Array(1) }),
);

/** Chunks after which the source ends or waits for ever. */
async function* chunksThat(end: 'end' | 'go on'): AsyncGenerator<EncodedVideoChunk> {
  yield* CHUNKS;
  if (end === 'go on') await new Promise(() => {});
}

/**
 * A decoder that has put out a frame while chunks wait inside. Two came before: after the first no other decoder is at work, after the
 * second its `dequeue` events count, and it dispatched one. `heard` lists what the app gets from then on, in order: times, then `'end'`
 * or an error. `over` resolves after that.
 */
async function waitingFrame(chunks: 'end' | 'go on' = 'go on', to = Infinity) {
  const pool = poolOf({ capacity: 6 });
  PuppetDecoder.newest = null;
  const frames = decodeFrames(pool, chunksThat(chunks), CONFIG, { decoder: PuppetDecoder.type, to });
  const heard: unknown[] = [];
  const all = takeAll(frames, ({ timestamp }) => heard.push(timestamp));
  const over = fate(all).then((end) => heard.push(end === 'resolved' ? 'end' : end));
  // Chunks at or after `to` do not go in: VP8 is not reordered.
  const fed = Math.min(CHUNKS.length, to);
  await expect.poll(() => PuppetDecoder.newest?.decodeQueueSize).toBe(fed);
  const puppet = PuppetDecoder.newest as unknown as PuppetDecoder;
  puppet.put(0);
  puppet.put(1);
  puppet.takeChunk();
  await expect.poll(() => [...heard]).toEqual([0, 1]);
  heard.length = 0;
  puppet.put(2);
  await Promise.resolve();
  expect(heard).toEqual([]);
  expect([livePictures(), pool.lentCount, pool.decodingCount]).toEqual([1, 1, fed - 3]);
  return { pool, puppet, frames, heard, over };
}

describe('[C9] [C10] a frame that waits for its decoder to take the next chunk', () => {
  test('comes when it does', async () => {
    const { pool, puppet, frames, heard } = await waitingFrame();
    puppet.takeChunk();
    await expect.poll(() => heard).toEqual([2]);
    expect([livePictures(), pool.lentCount]).toEqual([0, 0]);
    await frames.return?.();
  });

  test('comes soon where it does not', async () => {
    const { frames, heard } = await waitingFrame();
    await expect.poll(() => heard).toEqual([2]);
    await frames.return?.();
  });

  test('comes with those that are put out when the last chunks are flushed, and before the end', async () => {
    const { puppet, heard, over } = await waitingFrame('end');
    puppet.put(3);
    puppet.put(4);
    puppet.endFlush();
    await over;
    expect(heard).toEqual([2, 3, 4, 'end']);
  });

  test('comes before the end that a frame beyond the last wanted one makes', async () => {
    const { puppet, heard, over } = await waitingFrame('go on', 3);
    puppet.put(3);
    await over;
    expect(heard).toEqual([2, 'end']);
    expect(puppet.state).toBe('closed');
  });

  test('comes before the error of a decoder that failed after it', async () => {
    const { puppet, heard, over } = await waitingFrame();
    puppet.fail(BROKEN);
    await over;
    expect(heard).toEqual([2, BROKEN]);
  });

  test('is released when the iteration is left', async () => {
    const { puppet, frames, heard, over } = await waitingFrame();
    await frames.return?.();
    expect(livePictures()).toBe(0);
    puppet.ondequeue?.(new Event('dequeue'));
    await over;
    expect(heard).toEqual(['end']);
  });
});

describe('[C9] a frame that is put out to a callback', () => {
  test('waits for nothing', async () => {
    const pool = poolOf({ capacity: 6 });
    const heard: number[] = [];
    const decoder = new FrameDecoder({
      pool,
      config: CONFIG,
      decoder: PuppetDecoder.type,
      output(handle) {
        heard.push(handle.timestamp);
        handle.release();
      },
      error: (error) => expect.unreachable(String(error)),
    });
    for (const chunk of CHUNKS) await decoder.decode(chunk);
    PuppetDecoder.newest?.put(0);
    PuppetDecoder.newest?.put(1);
    PuppetDecoder.newest?.takeChunk();
    PuppetDecoder.newest?.put(2);
    expect(heard).toEqual([0, 1, 2]);
    decoder.close();
  });
});
