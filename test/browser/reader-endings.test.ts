/** Ends of a reader's iteration, in this thread and in a worker: each releases everything. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { PoolStarvedError, VideoFramePool } from '../../src/index.ts';
import { START_BYTES } from '../../src/media/container/truncation.ts';
import { openVideo } from '../../src/media/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { livePictures } from '../support/accounting.ts';
import { clipBlob } from '../support/packets.ts';
import { clipOpener, WAYS } from '../support/readers.ts';
import { takeAll, takeUntilError } from '../support/taking.ts';
import { timePassesUntil } from '../support/time-passes.ts';

const CLIP = 'h264_bframes.mp4';
const openClip = clipOpener();

describe.each(WAYS)('[C10] frames() read $way end clean', ({ open }) => {
  test.each([1, 2, 3, 8])('when the loop is left after three frames, at capacity %i', async (capacity) => {
    const { pool, reader } = await openClip(open, CLIP, { capacity });
    let taken = 0;
    for await (const handle of reader.frames({ pool })) {
      handle.release();
      if (++taken === 3) break;
    }
    expect(taken).toBe(3);
    expect([pool.freeCount, livePictures()]).toEqual([capacity, 0]);
  });

  test('when the consumer throws [fault: callback that throws]', async () => {
    const { pool, reader } = await openClip(open, CLIP, { capacity: 4 });
    const consumed = takeAll(reader.frames({ pool }), (handle) => {
      handle.release();
      throw new Error('consumer');
    });
    await expect(consumed).rejects.toThrow('consumer');
  });

  test.each(['return', 'throw'] as const)(
    '[edge 16] by %s() while a next() waits for a permit of another holder',
    async (how) => {
      const { pool, reader } = await openClip(open, CLIP, { capacity: 1 });
      const permit = pool.tryReserve();
      const frames = reader.frames({ pool });
      const pending = frames.next();
      await expect.poll(() => pool.waitingCount).toBe(1);
      if (how === 'return') await frames.return?.();
      else await expect(frames.throw?.(new Error('mine'))).rejects.toThrow('mine');
      expect(pool.waitingCount).toBe(0);
      expect((await pending).done).toBe(true);
      permit?.release();
      expect(pool.freeCount).toBe(1);
    },
  );

  test('[edge 16] when a next() is left at any step of the opening of the decoder', async () => {
    await using reader = await open(await clipBlob(CLIP));
    for (let wait = 0; wait < 12; wait++) {
      const pool = new VideoFramePool({ capacity: 3 });
      const frames = reader.frames({ pool, from: 1_000_000 });
      const pending = frames.next();
      await new Promise((resolve) => setTimeout(resolve, wait));
      await frames.return?.();
      (await pending).value?.release();
      pool.assertNoLeaks();
      expect(pool.waitingCount).toBe(0);
    }
  });

  test.each([0, 1, 5, 30, 59])('when it is aborted after %i frames', async (after) => {
    const controller = new AbortController();
    const { pool, reader } = await openClip(open, CLIP, { capacity: 2 });
    let taken = 0;
    const consume = async (): Promise<void> => {
      if (after === 0) controller.abort(new Error('enough'));
      for await (const handle of reader.frames({ pool, signal: controller.signal })) {
        handle.release();
        if (++taken === after) controller.abort(new Error('enough'));
      }
    };
    await expect(consume()).rejects.toThrow('enough');
    expect(taken).toBe(after);
  });

  test('by an abort, which releases frames that were decoded and not taken', async () => {
    const controller = new AbortController();
    const { pool, reader } = await openClip(open, CLIP, { capacity: 6 });
    const frames = reader.frames({ pool, signal: controller.signal });
    const first = await frames.next();
    await expect.poll(() => pool.lentCount).toBeGreaterThan(1);
    controller.abort(new Error('enough'));
    expect(pool.lentCount).toBe(1);
    expect(pool.decodingCount).toBe(0);
    await expect(frames.next()).rejects.toThrow('enough');
    first.value?.release();
  });

  test('with AbortError when the reader is closed while a next() and a frameAt() wait', async () => {
    const { pool, reader } = await openClip(open, CLIP, { capacity: 1 });
    const permit = pool.tryReserve();
    const pending = [reader.frames({ pool }).next(), reader.frameAt(500_000, { pool })];
    await expect.poll(() => pool.waitingCount).toBe(2);
    await reader.close();
    for (const each of pending) await expect(each).rejects.toMatchObject({ name: 'AbortError' });
    expect(pool.waitingCount).toBe(0);
    permit?.release();
  });

  test('when the decoder fails, after the good frames before it [fault: decoder error]', async () => {
    const { pool, reader } = await openClip(open, 'vp8.webm', { capacity: 3 }, { limits: { failAfter: 7 } });
    const { seen, error } = await takeUntilError(reader.frames({ pool }));
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: 'EncodingError', message: 'Decoding error.' });
    expect(seen).toEqual(timestampsOf(clip('vp8.webm')).slice(0, 7));
  });

  test('with AbortError when the pool is decommitted during the wait for a permit', async () => {
    const { pool, reader } = await openClip(open, CLIP, { capacity: 1 });
    const permit = pool.tryReserve();
    const pending = reader.frames({ pool }).next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    const gone = pool.decommit();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    permit?.release();
    expect(await gone).toBe(true);
  });

  test.each(['close', 'decommit'] as const)('with InvalidStateError after pool.%s()', async (end) => {
    const { pool, reader } = await openClip(open, CLIP, { capacity: 2, name: 'film' });
    const consume = async (): Promise<void> => {
      for await (const handle of reader.frames({ pool })) {
        handle.release();
        void pool[end]();
      }
    };
    await expect(consume()).rejects.toMatchObject({
      name: 'InvalidStateError',
      message: expect.stringContaining('"film"'),
    });
  });

  test.each([1, 2, 5])(
    'without an error when the pool is decommitted at the last frame, at capacity %i',
    async (capacity) => {
      const { pool, reader } = await openClip(open, 'vp8.webm', { capacity });
      const last = timestampsOf(clip('vp8.webm')).at(-1);
      const seen = await takeAll(reader.frames({ pool }), ({ timestamp }) => {
        if (timestamp === last) void pool.decommit();
        return timestamp;
      });
      expect(seen.length).toBe(60);
    },
  );
});

describe.each(WAYS)('[C9] frames() read $way', ({ open }) => {
  test.each([1, 2, 3, 8])(
    'give every frame to a consumer that holds the whole capacity of %i',
    async (capacity) => {
      const { pool, reader } = await openClip(open, CLIP, { capacity });
      const held: FrameHandle[] = [];
      const timestamps: number[] = [];
      for await (const handle of reader.frames({ pool })) {
        timestamps.push(handle.timestamp);
        held.push(handle);
        if (held.length === capacity) held.shift()?.release();
      }
      expect(timestamps).toEqual(timestampsOf(clip(CLIP)));
      for (const handle of held) handle.release();
    },
  );

  test('of two iterations and a frameAt() share a pool of two slots, and all finish', async () => {
    const { pool, reader } = await openClip(open, CLIP, { capacity: 2 });
    const runs = [takeAll(reader.frames({ pool })), takeAll(reader.frames({ pool }))];
    const one = await reader.frameAt(700_000, { pool });
    expect(one.timestamp).toBeLessThanOrEqual(700_000);
    one.release();
    expect((await Promise.all(runs)).map(({ length }) => length)).toEqual([60, 60]);
  });

  test('serve several next() calls at a time in order', async () => {
    const { pool, reader } = await openClip(open, CLIP, { capacity: 3 });
    const frames = reader.frames({ pool });
    const results = await Promise.all([frames.next(), frames.next(), frames.next()]);
    const handles = results.map(({ value }) => value as FrameHandle);
    expect(handles.map(({ timestamp }) => timestamp)).toEqual(timestampsOf(clip(CLIP)).slice(0, 3));
    for (const handle of handles) handle.release();
    await frames.return?.();
  });

  test('report the consumer that holds every slot and requests more, by name', async () => {
    const clock = new ManualClock();
    const { pool, reader } = await openClip(open, 'vp8.webm', { capacity: 2, name: 'film', clock });
    const frames = reader.frames({ pool, starvationMs: 300, holder: 'player' });
    const held = [(await frames.next()).value, (await frames.next()).value];
    const outcome = frames.next().catch((reason: unknown) => reason);
    const error = await timePassesUntil(clock, outcome);
    expect(error).toBeInstanceOf(PoolStarvedError);
    expect((error as PoolStarvedError).message).toContain('"film", whose room is held by player (2)');
    expect((await frames.next()).done).toBe(true);
    for (const handle of held) handle?.release();
  });

  test('report the holders of frames when the decoder stalls [fault: decoder with few surfaces]', async () => {
    const clock = new ManualClock();
    const { pool, reader } = await openClip(
      open,
      'vp8.webm',
      { capacity: 8, name: 'film', clock },
      { freezeAfter: 4 },
    );
    const held: FrameHandle[] = [];
    const consume = async (): Promise<void> => {
      for await (const handle of reader.frames({ pool, starvationMs: 400 })) {
        held.push(handle.retain('thumbnailer'));
        handle.release();
      }
    };
    const outcome = consume().catch((reason: unknown) => reason);
    await expect.poll(() => held.length).toBe(4);
    const error = await timePassesUntil(clock, outcome);
    expect(error).toBeInstanceOf(PoolStarvedError);
    expect((error as PoolStarvedError).message).toContain('thumbnailer (4)');
    const lent = (error as PoolStarvedError).holders.filter(({ state }) => state === 'lent');
    expect(lent.map(({ pool: name, holder }) => [name, holder])).toEqual(
      Array(4).fill(['film', 'thumbnailer']),
    );
    expect([pool.lentCount, pool.decodingCount]).toEqual([4, 0]);
    for (const handle of held) handle.release();
  });
});

/** A clip that records each read of its beginning. */
async function watchedClip(onStart: (start: Blob) => void): Promise<Blob> {
  const blob = await clipBlob('vp8.webm');
  const slice = blob.slice.bind(blob);
  blob.slice = (...range) => {
    const part = slice(...range);
    if (range[0] === 0 && range[1] === START_BYTES) onStart(part);
    return part;
  };
  return blob;
}

test('the beginning of a file, which declares its end, is read once', async () => {
  const pool = new VideoFramePool({ capacity: 4 });
  let asked = 0;
  await using reader = await openVideo(await watchedClip(() => asked++));
  for (let time = 0; time < 3; time++) {
    expect(await takeAll(reader.frames({ pool }))).toEqual(timestampsOf(clip('vp8.webm')));
  }
  expect(asked).toBe(1);
});

test('an iteration left before its file’s beginning arrives blocks no later one', async () => {
  const pool = new VideoFramePool({ capacity: 4 });
  let asked = 0;
  const blob = await watchedClip((start) => {
    if (asked++ === 0) start.arrayBuffer = () => new Promise(() => {});
  });
  await using reader = await openVideo(blob);
  const left = reader.frames({ pool });
  const { length } = timestampsOf(clip('vp8.webm'));
  for (let taken = 0; taken < length; taken++) (await left.next()).value?.release();
  const pending = left.next();
  await expect.poll(() => asked).toBe(1);
  await left.return?.();
  expect((await pending).done).toBe(true);
  expect([(await takeAll(reader.frames({ pool }))).length, asked]).toEqual([length, 2]);
});
