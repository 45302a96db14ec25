/**
 * Frames of live sources that grow while the app holds the last picture, like those of a shared window that is
 * enlarged.
 */
import { describe, expect, test } from 'vitest';
import type { PoolOptions, VideoFramePool } from '../../src/index.ts';
import { FrameBudget, pooledFrames, PoolStarvedError, trackFrames } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { checkedPool } from '../support/checked-pools.ts';
import { colourFrame } from '../support/frames.ts';
import { outcomeOf } from '../support/streams.ts';

const [SMALL, LARGE] = [64, 256];
const bytesOf = (side: number): number => side * side * 4;

const frameOf = (side: number, timestamp: number): VideoFrame =>
  colourFrame([9, 9, 9], { width: side, height: side, timestamp });

/** A stream of frames that is written by hand, and read into a pool. */
function live(options: Partial<PoolOptions>, starvationMs: number) {
  const clock = new ManualClock();
  const pool = checkedPool({ capacity: 4, clock, name: 'screen', ...options });
  const { readable, writable } = new TransformStream<VideoFrame, VideoFrame>();
  const writer = writable.getWriter();
  const frames = trackFrames(pool, readable, { starvationMs, holder: 'player', maxOpen: 8 });
  let count = 0;
  const show = (side: number): void => void writer.write(frameOf(side, ++count)).catch(() => {});
  const first = async () => {
    const taken = frames.next();
    show(SMALL);
    const { value } = await taken;
    if (value === undefined) throw new Error('no first frame');
    return value;
  };
  return { clock, pool, frames, show, first };
}

const dropped = async (pool: VideoFramePool, count: number): Promise<void> =>
  expect.poll(() => pool.stats().dropped).toBe(count);

const LIMITS: [string, (maxBytes: number) => Partial<PoolOptions>][] = [
  ['maxBytes', (maxBytes) => ({ maxBytes })],
  ['a budget', (maxBytes) => ({ budget: new FrameBudget({ maxBytes }) })],
];

describe.each(LIMITS)('[C9] trackFrames() under %s, while the app holds a smaller frame', (_, limit) => {
  test('ends with QuotaExceededError at a frame that could never fit', async () => {
    const { pool, frames, show, first } = live(limit(bytesOf(LARGE) - 1), 1000);
    const shown = await first();
    const next = outcomeOf(frames.next());
    show(LARGE);
    const error = await next;
    expect([(error as Error).name, pool.stats().refused, pool.lentCount]).toEqual([
      'QuotaExceededError',
      1,
      1,
    ]);
    expect((error as Error).message).toContain(`${bytesOf(LARGE)} bytes exceed the limit`);
    expect(await frames.next()).toEqual({ done: true, value: undefined });
    shown.release();
  });

  test('ends with PoolStarvedError after starvationMs without room for the new size', async () => {
    const { clock, pool, frames, show, first } = live(limit(bytesOf(LARGE) + bytesOf(SMALL) - 1), 1000);
    const shown = await first();
    const next = outcomeOf(frames.next());
    for (let count = 1; count <= 3; count++) {
      show(LARGE);
      await dropped(pool, count);
      clock.advance(300);
    }
    clock.advance(99);
    expect(pool.lentCount).toBe(1);
    clock.advance(1);
    const error = await next;
    if (!(error instanceof PoolStarvedError)) throw new Error(`not starved but ${String(error)}`);
    expect(error.message).toBe(
      '"player" found no room for 1000 ms in pool "screen", whose room is held by player',
    );
    expect(error.holders.map(({ holder }) => holder)).toEqual(['player']);
    shown.release();
  });

  test('continues once the smaller frame is released, however long it has waited', async () => {
    const { clock, pool, frames, show, first } = live(limit(bytesOf(LARGE) + bytesOf(SMALL) - 1), 1000);
    const shown = await first();
    const next = frames.next();
    show(LARGE);
    await dropped(pool, 1);
    clock.advance(900);
    shown.release();
    // There is room, so the track has no frame.
    clock.advance(5000);
    show(LARGE);
    const { value } = await next;
    expect([value?.frame.codedWidth, pool.bytes]).toEqual([LARGE, bytesOf(LARGE)]);
    value?.release();
    await frames.return?.();
  });

  test('keeps a ready frame rather than drop it for one that finds no room either', async () => {
    const { pool, frames, show, first } = live(limit(bytesOf(LARGE) + bytesOf(SMALL) - 1), 1000);
    const shown = await first();
    show(SMALL / 2);
    await expect.poll(() => pool.lentCount).toBe(2);
    show(LARGE);
    await dropped(pool, 1);
    const { value } = await frames.next();
    expect(value?.frame.codedWidth).toBe(SMALL / 2);
    value?.release();
    shown.release();
    await frames.return?.();
  });
});

describe.each(LIMITS)('pooledFrames() under %s, while the app holds a smaller frame', (_, limit) => {
  /** A pair whose first frame, a small one, is held. */
  async function pair(maxBytes: number) {
    const clock = new ManualClock();
    const pool = checkedPool({ capacity: 4, clock, name: 'screen', ...limit(maxBytes) });
    const { readable, writable } = pooledFrames(pool, { holder: 'player' });
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    void writer.write(frameOf(SMALL, 0));
    const { value } = await reader.read();
    if (value === undefined) throw new Error('no first frame');
    return { clock, pool, writer, reader, shown: value };
  }

  test('ends with QuotaExceededError at a frame that could never fit', async () => {
    const { pool, writer, reader, shown } = await pair(bytesOf(LARGE) - 1);
    const read = outcomeOf(reader.read());
    const written = outcomeOf(writer.write(frameOf(LARGE, 1)));
    expect([(await read) as Error, (await written) as Error].map(({ name }) => name)).toEqual([
      'QuotaExceededError',
      'QuotaExceededError',
    ]);
    expect([pool.lentCount, pool.waitingCount]).toEqual([1, 0]);
    shown.release();
  });

  test('waits for the bytes of the frame that was written', async () => {
    const { pool, writer, reader, shown } = await pair(bytesOf(LARGE) + bytesOf(SMALL) - 1);
    const read = reader.read();
    const written = writer.write(frameOf(LARGE, 1));
    await expect.poll(() => pool.waitingCount).toBe(1);
    // A smaller frame is no estimate for it, and it is none for a smaller one.
    shown.release();
    await written;
    const { value } = await read;
    expect([value?.frame.codedWidth, pool.bytes]).toEqual([LARGE, bytesOf(LARGE)]);
    value?.release();
    await writer.close();
  });
});
