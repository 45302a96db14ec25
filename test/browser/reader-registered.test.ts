/** Decoders that an app registers with mediabunny, under the pool's cap. */
import type { EncodedPacket } from 'mediabunny';
import { BlobSource, CustomVideoDecoder, Input, QTFF, registerDecoder, VideoSample } from 'mediabunny';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import { registeredDecoders } from '../../src/media/custom-decoder.ts';
import { openVideo } from '../../src/media/index.ts';
import { clipBlob } from '../support/packets.ts';
import { readerWorker } from '../support/readers.ts';

const FRAMES = 12;

const counts = { opened: 0, closed: 0, decoded: 0 };
/** Packet at which the decoder fails. */
let failsAt = Infinity;

/** Decodes ProRes to flat pictures: the level of each is ten times the number of its packet. */
class FlatDecoder extends CustomVideoDecoder {
  static override supports(codec: string): boolean {
    return codec === 'prores';
  }

  init(): void {
    counts.opened++;
  }

  async decode({ timestamp, duration }: EncodedPacket): Promise<void> {
    await Promise.resolve();
    const number = Math.round(timestamp * 25);
    if (number >= failsAt) throw new Error('the flat decoder broke');
    counts.decoded++;
    const data = new Uint8Array(16 * 16 * 4).fill(number * 10);
    this.onSample(
      new VideoSample(data, { format: 'RGBX', codedWidth: 16, codedHeight: 16, timestamp, duration }),
    );
  }

  flush(): void {}

  close(): void {
    counts.closed++;
  }
}

beforeAll(() => registerDecoder(FlatDecoder));

beforeEach(() => {
  Object.assign(counts, { opened: 0, closed: 0, decoded: 0 });
  failsAt = Infinity;
});

async function levelOf(frame: VideoFrame): Promise<number> {
  const pixels = new Uint8Array(frame.allocationSize());
  await frame.copyTo(pixels);
  return pixels[0] ?? -1;
}

describe('a decoder that is registered with mediabunny', () => {
  test.each([1, 3])('decodes all frames, at capacity %i', async (capacity) => {
    const pool = new VideoFramePool({ capacity });
    await using reader = await openVideo(await clipBlob('prores.mov'));
    expect(reader.canDecode).toBe(true);
    const levels: number[] = [];
    const times: number[] = [];
    for await (const handle of reader.frames({ pool })) {
      expect(pool.lentCount + pool.decodingCount).toBeLessThanOrEqual(capacity);
      expect(counts.decoded - levels.length).toBeLessThanOrEqual(capacity);
      levels.push(await levelOf(handle.frame));
      times.push(handle.timestamp);
      handle.release();
    }
    expect(levels).toEqual(Array.from({ length: FRAMES }, (_, number) => number * 10));
    expect(times).toEqual(Array.from({ length: FRAMES }, (_, number) => number * 40_000));
    await expect.poll(() => [counts.opened, counts.closed]).toEqual([1, 1]);
    pool.assertNoLeaks();
  });

  test('finds a frame by its time', async () => {
    const pool = new VideoFramePool({ capacity: 1 });
    await using reader = await openVideo(await clipBlob('prores.mov'));
    const handle = await reader.frameAt(290_000, { pool });
    expect([handle.timestamp, await levelOf(handle.frame)]).toEqual([280_000, 70]);
    handle.release();
    pool.assertNoLeaks();
  });

  test('is closed by a break, and by closing the reader', async () => {
    const pool = new VideoFramePool({ capacity: 2 });
    const reader = await openVideo(await clipBlob('prores.mov'));
    for await (const handle of reader.frames({ pool })) {
      handle.release();
      break;
    }
    await expect.poll(() => counts.closed).toBe(1);
    const frames = reader.frames({ pool });
    (await frames.next()).value?.release();
    await reader.close();
    await expect(frames.next()).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => [counts.opened, counts.closed]).toEqual([2, 2]);
    pool.assertNoLeaks();
  });

  test('that fails ends the iteration after the good frames, with its own message', async () => {
    failsAt = 5;
    const pool = new VideoFramePool({ capacity: 2 });
    await using reader = await openVideo(await clipBlob('prores.mov'));
    let seen = 0;
    const reading = (async () => {
      for await (const handle of reader.frames({ pool })) {
        seen++;
        handle.release();
      }
    })();
    await expect(reading).rejects.toMatchObject({
      name: 'EncodingError',
      message: expect.stringContaining('the flat decoder broke') as string,
    });
    expect(seen).toBe(5);
    await expect.poll(() => [counts.opened, counts.closed]).toEqual([1, 1]);
    pool.assertNoLeaks();
  });

  test('is not available in a worker, and the reader’s error explains it', async () => {
    const pool = new VideoFramePool({ capacity: 1 });
    const worker = (): Worker => readerWorker();
    await using reader = await openVideo(await clipBlob('prores.mov'), { worker });
    expect(reader.canDecode).toBe(false);
    expect(() => reader.frames({ pool })).toThrow('must be registered in a worker script');
  });

  test('is used in a worker whose script registers it', async () => {
    const pool = new VideoFramePool({ capacity: 2 });
    const worker = (): Worker =>
      new Worker(new URL('../support/registering-worker.ts', import.meta.url), { type: 'module' });
    await using reader = await openVideo(await clipBlob('prores.mov'), { worker });
    expect(reader.canDecode).toBe(true);
    const times: number[] = [];
    for await (const handle of reader.frames({ pool })) {
      times.push(handle.timestamp);
      handle.release();
    }
    expect(times).toHaveLength(FRAMES);
    pool.assertNoLeaks();
  });

  test.each(['reset', 'close'] as const)('rejects all pending flushes by %s()', async (end) => {
    const input = new Input({ formats: [QTFF], source: new BlobSource(await clipBlob('prores.mov')) });
    const track = await input.getPrimaryVideoTrack();
    const config = await track?.getDecoderConfig();
    if (track === null || config === null || config === undefined) throw new Error('prores.mov has no video');
    const Decoder = registeredDecoders.classFor(track);
    const decoder = new Decoder({ output: (frame) => frame.close(), error: reportError });
    decoder.configure(config);
    const flushes = [decoder.flush(), decoder.flush()];
    decoder[end]();
    const outcomes = await Promise.allSettled(flushes);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    }
    await expect.poll(() => [counts.opened, counts.closed]).toEqual([1, 1]);
    input.dispose();
  });
});
