/** Decoders of each kind: all frames in order, without a timer once the delay is known, and clean ends. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { livePictures } from '../support/accounting.ts';
import { CELLS, decodeCell, decoderOf, starves, timesOf, waitsForSurface } from '../support/decoder-kinds.ts';
import { iterate, poolOf, push } from '../support/decoding.ts';
import { kindsHere } from '../support/kinds-here.ts';
import type { Track } from '../support/packets.ts';
import { clipBlob, streamOf, trackOf } from '../support/packets.ts';
import { outcomeOf, releaseUntil, takeAll } from '../support/streams.ts';
import { timePassesUntil } from '../support/time-passes.ts';

const CHUNKS = 24;

/** Time for which a decoder with untaken chunks counts as busy. */
const STARVATION_MS = 1000;

const here = new Set(kindsHere());

/**
 * Clips without and with frames that are decoded out of order. The second adds the delay of a real decoder, so fewer cells do, and
 * `npm test` takes those of few kinds.
 */
const FILES = [
  { file: 'vp8.webm', cells: CELLS },
  {
    file: 'h264_bframes.mp4',
    cells: CELLS.filter(({ kind, capacity }) => here.has(kind) && (capacity === 1 || capacity === 4)),
  },
].map(({ file, cells }) => ({ file, cells: cells.filter((cell) => !starves(cell)) }));

const tracks = new Map<string, Promise<Track>>();

/** The first chunks of a clip, read once. */
function startOf(file: string): Promise<Track> {
  const track = tracks.get(file) ?? trackOf(file, CHUNKS);
  tracks.set(file, track);
  return track;
}

const NOTHING_LEFT = { lent: 0, decoding: 0, waiting: 0 };

describe.each(FILES)('[C9] of $file', ({ file, cells }) => {
  test.each(cells)(
    'a decoder $kind gives all frames at capacity $capacity while the app holds $held',
    async (cell) => {
      const track = await startOf(file);
      const all = { timestamps: timesOf(cell.kind, track), starvedBy: null, left: NOTHING_LEFT };
      const learning = await decodeCell(track, cell);
      expect(learning).toMatchObject(all);
      const knowing = await decodeCell(track, cell, {
        clock: new ManualClock(),
        decoderDelay: learning.decoderDelay,
      });
      expect(knowing).toMatchObject(all);
    },
  );
});

describe('[C9] an app that holds every slot or surface', () => {
  test.each(CELLS.filter(starves))(
    'is named: $held frames of a decoder $kind at capacity $capacity',
    async (cell) => {
      const track = await startOf('vp8.webm');
      const clock = new ManualClock();
      const result = await timePassesUntil(
        clock,
        decodeCell(track, cell, { clock, starvationMs: STARVATION_MS }),
      );
      expect(result.left).toEqual(NOTHING_LEFT);
      expect(result.starvedBy).not.toBeNull();
      expect(new Set(result.starvedBy)).toEqual(new Set(['app']));
      const { length } = result.timestamps;
      expect(result.timestamps).toEqual(timesOf(cell.kind, track).slice(0, length));
      expect(length).toBeGreaterThanOrEqual(1);
    },
  );
});

test.each(CELLS.filter((cell) => starves(cell) && waitsForSurface(cell)))(
  '[C9] a decoder $kind that lacks a surface stays at its permits: $capacity, $held held',
  async (cell) => {
    const track = await startOf('vp8.webm');
    const clock = new ManualClock();
    const starved = decodeCell(track, cell, { clock, starvationMs: STARVATION_MS });
    const { timestamps, starvedBy, read } = await timePassesUntil(clock, starved);
    expect(starvedBy).not.toBeNull();
    // One chunk is read before the request for its permit.
    expect(read).toBeLessThanOrEqual(timestamps.length + cell.capacity + 1);
  },
);

describe.each(kindsHere())('[C10] with a decoder %s, decodeFrames() ends cleanly', (kind) => {
  test.each([1, 3])('when the loop is left after three frames, at capacity %i', async (capacity) => {
    const { pool, frames } = await iterate('vp8.webm', { capacity }, { decoder: decoderOf(kind) });
    expect(await releaseUntil(frames, (taken) => taken === 3)).toBe(3);
    pool.assertNoLeaks();
    expect(livePictures()).toBe(0);
  });

  test('when it is left while its next() is pending', async () => {
    const { pool, frames } = await iterate('vp8.webm', { capacity: 1 }, { decoder: decoderOf(kind) });
    const { value: held } = await frames.next();
    const pending = frames.next();
    await frames.return?.();
    // The next frame of a burst arrives before the end.
    const { value } = await pending;
    for (const handle of [held, value]) handle?.release();
    expect(await frames.next()).toEqual({ done: true, value: undefined });
    expect([pool.lentCount, pool.decodingCount, pool.waitingCount]).toEqual([0, 0, 0]);
  });

  test('when its signal fires', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const options = { decoder: decoderOf(kind), signal };
    const { frames } = await iterate('vp8.webm', { capacity: 4 }, options);
    const reason = new Error('enough');
    const taking = releaseUntil(frames, (taken) => {
      if (taken === 5) controller.abort(reason);
    });
    expect(await outcomeOf(taking)).toBe(reason);
  });

  test('when its range ends, with every frame before', async () => {
    const track = await startOf('h264_bframes.mp4');
    const times = timesOf(kind, track);
    const to = [...times].sort((one, other) => one - other)[9] ?? Infinity;
    const restart = (_timestamp: number, { index }: { index: number }) => streamOf(track.chunks.slice(index));
    const options = { most: CHUNKS, decoder: decoderOf(kind), to, restart };
    const { frames } = await iterate('h264_bframes.mp4', { capacity: 2 }, options);
    expect(await takeAll(frames)).toEqual(times.filter((time) => time < to));
  });
});

describe.each(kindsHere({ restarts: false }))('[C9] with a decoder %s, a FrameDecoder', (kind) => {
  test.each([1, 4])('gives all frames at capacity %i, and again after a flush', async (capacity) => {
    const decoder = decoderOf(kind);
    const pushed = await push('vp8.webm', { capacity }, { most: 10, decoder });
    const times = timesOf(kind, pushed);
    for (let round = 0; round < 2; round++) {
      for (const chunk of pushed.chunks) await pushed.decoder.decode(chunk);
      await pushed.decoder.flush();
    }
    expect(pushed.timestamps).toEqual([...times, ...times]);
    expect([pushed.pool.lentCount, pushed.pool.decodingCount]).toEqual([0, 0]);
  });

  test('reset() drops the chunks inside and continues', async () => {
    const held: FrameHandle[] = [];
    const output = (handle: FrameHandle): unknown => held.push(handle);
    const pushed = await push('vp8.webm', { capacity: 4 }, { most: 3, decoder: decoderOf(kind), output });
    for (const chunk of pushed.chunks.slice(0, 2)) await pushed.decoder.decode(chunk);
    pushed.decoder.reset();
    expect(pushed.pool.decodingCount).toBe(0);
    for (const handle of held.splice(0)) handle.release();
    await pushed.decoder.decode(pushed.chunks[0] as EncodedVideoChunk);
    await pushed.decoder.flush();
    expect(held.map(({ timestamp }) => timestamp)).toEqual([pushed.chunks[0]?.timestamp]);
    for (const handle of held) handle.release();
  });
});

describe.each(kindsHere())('[C9] with a decoder %s, a reader', (kind) => {
  test('gives all frames, and a single one', async () => {
    const pool = poolOf({ capacity: 3 });
    await using reader = await openVideo(await clipBlob('vp8.webm'), { decoder: decoderOf(kind) });
    const times = timesOf(kind, await trackOf('vp8.webm'));
    expect(await takeAll(reader.frames({ pool }))).toEqual(times);
    using handle = await reader.frameAt(times[40] ?? NaN, { pool });
    expect(handle.timestamp).toBe(times[40]);
  });
});
