import { describe, expect, vi } from 'vitest';
import { FrameBudget, VideoFramePool } from '../../src/index.ts';
import { coreOf } from '../../src/pool/pool.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { copyAndClose } from '../support/copying.ts';
import { CANVAS_BYTES } from '../support/fake-canvas.ts';
import { collectUntil } from '../support/fake-collector.ts';
import { acquired, given, rejectionOf, releaseAll, thrownBy } from '../support/fake-outcomes.ts';
import { canvases, canvasPool, counts, decodedPool, test } from '../support/fake-pools.ts';
import { FRAME_BYTES, makeFrame } from '../support/fake-video-frame.ts';

const budgetOf = (buffers: number): FrameBudget => new FrameBudget({ maxBytes: buffers * CANVAS_BYTES });

/** A budget, and three pools of canvases that share it. */
function sharing(budget: FrameBudget) {
  const [one, two, three] = [canvasPool({ budget }), canvasPool({ budget }), canvasPool({ budget })];
  return { budget, one, two, three };
}

/** Bytes, in canvases, and frames. */
const sumsOf = ({ bytes, frames }: FrameBudget): number[] => [bytes / CANVAS_BYTES, frames];

/** A pool of small buffers and one of buffers four times as large, in one budget of four small buffers. */
function smallAndLarge() {
  const budget = budgetOf(4);
  const small = canvasPool({ capacity: 8, budget });
  return { budget, small, large: canvasPool({ budget, storage: canvases(128, 96) }) };
}

/** Frames that a decoder puts out without a permit. */
const overcommittedOf = (pool: VideoFramePool, count: number) =>
  Array.from({ length: count }, () => coreOf(pool).admit(makeFrame(), undefined, true));

describe('FrameBudget', () => {
  test.each([
    ['no options', undefined, 'TypeError'],
    ['no limit', {}, 'TypeError'],
    ['maxBytes 0', { maxBytes: 0 }, 'RangeError'],
    ['maxBytes 1.5', { maxBytes: 1.5 }, 'RangeError'],
    ['maxFrames 0', { maxFrames: 0 }, 'RangeError'],
    ['maxFrames "1"', { maxFrames: '1' }, 'TypeError'],
  ])('rejects %s', (_, options, name) => {
    expect(thrownBy(() => new FrameBudget(options as { maxBytes: number })).name).toBe(name);
  });

  test('rejects pools whose buffers could never fit, and a budget that is none', () => {
    const budget = new FrameBudget({ maxBytes: CANVAS_BYTES - 1 });
    expect(String(thrownBy(() => canvasPool({ budget })))).toBe(
      `RangeError: the budget's maxBytes must be at least one buffer's ${CANVAS_BYTES} bytes, got ${CANVAS_BYTES - 1}`,
    );
    expect(thrownBy(() => canvasPool({ budget: {} as FrameBudget })).name).toBe('TypeError');
    expect([...sumsOf(budget), budget.maxFrames]).toEqual([0, 0, Infinity]);
  });

  test('its sums are those of its pools, at each step [C3]', () => {
    const budget = budgetOf(4);
    const one = canvasPool({ capacity: 3, initial: 1, budget });
    expect(sumsOf(budget)).toEqual([1, 0]);
    const two = canvasPool({ capacity: 3, budget });
    const a = given(one.tryAcquire());
    expect(sumsOf(budget)).toEqual([1, 1]);
    const b = given(two.tryAcquire());
    expect(sumsOf(budget)).toEqual([2, 2]);
    const share = b.retain();
    expect(sumsOf(budget)).toEqual([2, 2]);
    releaseAll([b, a]);
    expect(sumsOf(budget)).toEqual([2, 1]);
    share.release();
    expect(sumsOf(budget)).toEqual([2, 0]);
    one.trim();
    expect(sumsOf(budget)).toEqual([1, 0]);
    two.close();
    expect(sumsOf(budget)).toEqual([0, 0]);
  });

  test('keeps to its bytes: later callers get null, or wait for any release [C3] [C4]', async () => {
    const { budget, one, two } = sharing(budgetOf(2));
    const [first, second] = [given(one.tryAcquire()), given(one.tryAcquire())];
    expect(two.tryAcquire()).toBeNull();
    const waiting = two.acquire();
    expect([two.freeCount, two.waitingCount, ...sumsOf(budget)]).toEqual([2, 1, 2, 2]);
    first.release();
    const granted = await waiting;
    const half = 'free 1, lent 1, decoding 0, idle 0, waiting 0';
    expect([counts(one), counts(two)]).toEqual([half, half]);
    expect([...sumsOf(budget), one.stats().pruned]).toEqual([2, 2, 1]);
    releaseAll([granted, second]);
  });

  test('the idle buffer that was unused for longest is freed first, in any pool', () => {
    const { budget, one, two, three } = sharing(budgetOf(4));
    const idle = (): number[] => [one, two, three].map(({ idleCount }) => idleCount);
    // A pool without idle buffers is known to the budget before the others.
    using _busy = given(one.tryAcquire());
    releaseAll([two, one, three].map((pool) => given(pool.tryAcquire())));
    expect(idle()).toEqual([1, 1, 1]);
    // The pool's own idle buffer is reused without another byte.
    const own = given(three.tryAcquire());
    expect([three.stats().reused, ...sumsOf(budget)]).toEqual([1, 4, 2]);
    const more = given(three.tryAcquire());
    expect([idle(), ...sumsOf(budget)]).toEqual([[1, 0, 0], 4, 3]);
    releaseAll([own, more]);
    expect(idle()).toEqual([1, 0, 2]);
  });

  test('one queue: callers of all pools are served in order, and none is overtaken [C4]', async () => {
    const { budget, one, two } = sharing(new FrameBudget({ maxFrames: 1 }));
    const held = given(one.tryAcquire());
    const order: number[] = [];
    const waits = [two.acquire(), one.acquire(), two.acquire()].map(async (wait, index) => {
      using _handle = await wait;
      order.push(index);
      expect([budget.frames, one.tryAcquire(), two.tryAcquire()]).toEqual([1, null, null]);
    });
    held.release();
    expect([one.tryAcquire(), two.tryAcquire()]).toEqual([null, null]);
    await Promise.all(waits);
    expect([order, budget.frames]).toEqual([[0, 1, 2], 0]);
  });

  test('one queue: later waiters of a pool keep their place among those of other pools [C4]', async () => {
    const budget = new FrameBudget({ maxFrames: 1 });
    const { one, two, three } = sharing(budget);
    const four = canvasPool({ budget });
    const held = given(one.tryAcquire());
    const order: number[] = [];
    const waits = [one, two, three, one, two, four].map(async (pool, index) => {
      using _handle = await pool.acquire();
      order.push(index);
    });
    held.release();
    await Promise.all(waits);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('a waiter for its own full pool does not block a holder that needs both pools', async () => {
    const budget = budgetOf(4);
    const [full, other] = [canvasPool({ capacity: 1, budget }), canvasPool({ budget })];
    const held = given(full.tryAcquire());
    const waiting = full.acquire();
    const passed = given(other.tryAcquire());
    expect([full.waitingCount, other.lentCount]).toEqual([1, 1]);
    releaseAll([passed, held]);
    (await waiting).release();
  });

  test('a waiter for large buffers is overtaken by small ones, and served once it fits [C4]', async () => {
    const { budget, small, large } = smallAndLarge();
    const held = acquired(small, 3);
    const waiting = large.acquire();
    held.push(given(small.tryAcquire()));
    const later = small.acquire();
    releaseAll(held.splice(0, 2));
    expect([small.waitingCount, large.waitingCount, ...sumsOf(budget)]).toEqual([0, 1, 4, 3]);
    releaseAll([...held, await later]);
    const granted = await waiting;
    expect([small.tryAcquire(), ...sumsOf(budget)]).toEqual([null, 4, 1]);
    granted.release();
    expect([large.idleCount, small.idleCount, ...sumsOf(budget)]).toEqual([1, 0, 4, 0]);
  });

  test('the second waiter is served when the first one, blocked by its own pool, aborts [edge 8]', async () => {
    const budget = budgetOf(8);
    const small = canvasPool({ capacity: 8, budget, maxBytes: 4 * CANVAS_BYTES });
    const large = canvasPool({ budget, storage: canvases(128, 96) });
    const held = given(small.tryAcquire());
    const leaving = new AbortController();
    const options = { signal: leaving.signal, sizeChange: 'reconfigure' } as const;
    const head = copyAndClose(small, makeFrame({ codedWidth: 128, codedHeight: 96 }), options);
    const behind = small.acquire();
    expect([small.tryAcquire(), small.waitingCount]).toEqual([null, 2]);
    leaving.abort();
    expect((await rejectionOf(head)).name).toBe('AbortError');
    releaseAll([await behind, held]);
    expect([large.waitingCount, small.waitingCount, budget.frames]).toEqual([0, 0, 0]);
  });

  test('a decommitted pool frees its buffers, and its waiters block no other caller', async () => {
    const { budget, one, two, three } = sharing(budgetOf(1));
    const held = given(one.tryAcquire());
    const failing = rejectionOf(two.acquire());
    const waiting = three.acquire();
    const decommitted = two.decommit();
    expect([(await failing).name, await decommitted]).toEqual(['AbortError', true]);
    one.close();
    expect(three.waitingCount).toBe(1);
    held.release();
    (await waiting).release();
    expect(sumsOf(budget)).toEqual([1, 0]);
  });

  test('a wait that cannot be granted fails alone, and the next one is served', async () => {
    const { budget, one, two } = sharing(budgetOf(2));
    const [held, second] = [given(one.tryAcquire()), given(one.tryAcquire())];
    const wait = rejectionOf(two.acquire());
    const after = two.acquire();
    vi.stubGlobal('OffscreenCanvas', function noRoom() {
      vi.unstubAllGlobals();
      throw new RangeError('no room');
    });
    held.release();
    expect((await wait).name).toBe('QuotaExceededError');
    releaseAll([await after, second]);
    expect(budget.frames).toBe(0);
  });

  test('idle buffers that age out are no longer counted', () => {
    const clock = new ManualClock();
    const budget = budgetOf(2);
    const pool = canvasPool({ budget, clock, idleMs: 100 });
    given(pool.tryAcquire()).release();
    expect(budget.bytes).toBe(CANVAS_BYTES);
    clock.advance(100);
    expect([pool.idleCount, budget.bytes]).toEqual([0, 0]);
  });

  test('does not keep an empty pool alive', async () => {
    const budget = budgetOf(2);
    // In a function of its own, so that no variable of the test keeps the pool.
    const gone = (() => {
      const pool = new VideoFramePool({ capacity: 1, budget });
      pool.adopt(makeFrame()).release();
      return new WeakRef(coreOf(pool));
    })();
    await collectUntil(() => gone.deref() === undefined);
    expect(budget.frames).toBe(0);
  });

  test('initial buffers and commit() keep within it', async () => {
    const budget = budgetOf(3);
    const [one, two] = [canvasPool({ initial: 2, budget }), canvasPool({ initial: 2, budget })];
    expect([one.idleCount, two.idleCount, ...sumsOf(budget)]).toEqual([2, 1, 3, 0]);
    expect(await one.decommit()).toBe(true);
    expect(sumsOf(budget)).toEqual([1, 0]);
    one.commit();
    expect([one.idleCount, ...sumsOf(budget)]).toEqual([2, 3, 0]);
  });

  test('a configuration whose buffers could never fit changes nothing [C8]', () => {
    const budget = budgetOf(2);
    const pool = canvasPool({ initial: 1, budget });
    expect(thrownBy(() => pool.configure({ storage: canvases(128, 96) })).name).toBe('RangeError');
    expect([pool.idleCount, pool.stats().generation, ...sumsOf(budget)]).toEqual([1, 0, 1, 0]);
    const made = pool.configure({ storage: canvases(32, 48) });
    expect(made).toMatchObject({ bufferBytes: CANVAS_BYTES / 2, generation: 1 });
    expect([pool.idleCount, ...sumsOf(budget)]).toEqual([1, 0.5, 0]);
  });
});

describe('FrameBudget over decoded frames', () => {
  test('a frame that fits nowhere is rejected and closed, and nothing is counted [C3]', () => {
    const budget = new FrameBudget({ maxBytes: FRAME_BYTES });
    const [one, two] = [decodedPool({ budget }), decodedPool({ budget })];
    const first = one.adopt(makeFrame());
    const refusal = thrownBy(() => two.adopt(makeFrame()));
    expect([refusal.name, budget.bytes, budget.frames]).toEqual(['QuotaExceededError', FRAME_BYTES, 1]);
    first.release();
    expect(sumsOf(budget)).toEqual([0, 0]);
    two.adopt(makeFrame()).release();
  });

  test('permits count with the bytes of the last frame, so that a promised frame fits', async () => {
    const budget = new FrameBudget({ maxBytes: 3 * FRAME_BYTES });
    const one = decodedPool({ capacity: 8, budget });
    const two = decodedPool({ capacity: 8, budget });
    // Before the first frame a pool has one permit, and its frame may be as large as the budget.
    const unknown = given(one.tryReserve());
    expect(one.tryReserve()).toBeNull();
    const first = unknown.adopt(makeFrame());
    const permits = [given(one.tryReserve()), given(one.tryReserve())];
    expect([one.tryReserve(), budget.bytes, budget.frames]).toEqual([null, FRAME_BYTES, 3]);
    expect(thrownBy(() => two.adopt(makeFrame())).name).toBe('QuotaExceededError');
    const rest = permits.map((permit) => permit.adopt(makeFrame()));
    expect([budget.bytes, budget.frames]).toEqual([3 * FRAME_BYTES, 3]);
    const waiting = one.reserve();
    expect(one.waitingCount).toBe(1);
    first.release();
    releaseAll([await waiting, ...rest]);
    expect([budget.bytes, budget.frames]).toEqual([0, 0]);
  });

  test('idle canvases of one pool are freed for the frames of another', () => {
    const budget = new FrameBudget({ maxBytes: 2 * CANVAS_BYTES });
    const canvas = canvasPool({ initial: 2, budget });
    const frames = decodedPool({ capacity: 8, budget });
    expect(budget.bytes).toBe(2 * CANVAS_BYTES);
    using _handle = frames.adopt(makeFrame());
    expect([canvas.idleCount, budget.bytes]).toEqual([1, CANVAS_BYTES + FRAME_BYTES]);
  });

  test('idle canvases are freed for the decoder’s delay, which may exceed the limit [C9]', () => {
    const budget = budgetOf(1);
    const canvas = canvasPool({ initial: 1, budget });
    const frames = decodedPool({ capacity: 1, budget });
    const overcommitted = overcommittedOf(frames, 3);
    expect([canvas.idleCount, budget.bytes, frames.stats().overcommitted]).toEqual([0, 3 * FRAME_BYTES, 2]);
    using _buffer = given(canvas.tryAcquire());
    expect([canvas.tryAcquire(), budget.bytes]).toEqual([null, CANVAS_BYTES + 3 * FRAME_BYTES]);
    releaseAll(overcommitted);
    expect([...sumsOf(budget), frames.freeCount]).toEqual([1, 1, 1]);
    expect(canvas.tryAcquire()).toBeNull();
  });

  test.each([
    ['the frames of a shared budget', { maxFrames: 1 }],
    ['its bytes', { maxBytes: CANVAS_BYTES + FRAME_BYTES - 1 }],
  ])('a copy that would wait for its own source, by %s, is refused, and does not wait', async (_, limits) => {
    const budget = new FrameBudget(limits);
    const strip = canvasPool({ budget });
    const handle = decodedPool({ budget }).adopt(makeFrame());
    const refusal = await rejectionOf(handle.copyTo(strip));
    expect([refusal.name, strip.waitingCount, budget.frames]).toEqual(['QuotaExceededError', 0, 1]);
    expect(refusal.message).toContain('must leave room for two');
    handle.release();
    (await copyAndClose(strip, makeFrame())).release();
    strip.close();
  });

  test('a copy within one pool of a single slot is rejected, too', async ({ full: { pool, held } }) => {
    expect((await rejectionOf(pool.copyFrom(held))).name).toBe('QuotaExceededError');
    expect(pool.waitingCount).toBe(0);
    held.release();
  });

  test('delayed frames that fit beside one more loan are like any other frame', () => {
    const budget = new FrameBudget({ maxBytes: 2 * FRAME_BYTES, maxFrames: 3 });
    const frames = decodedPool({ capacity: 4, budget });
    const overcommitted = overcommittedOf(frames, 1);
    using _promised = given(frames.tryReserve());
    expect(frames.tryReserve()).toBeNull();
    releaseAll(overcommitted);
  });

  test('frames that outgrew their permits are rejected unless idle canvases give room [C3]', () => {
    const budget = new FrameBudget({ maxBytes: 10 * FRAME_BYTES });
    const films = decodedPool({ capacity: 8, budget });
    const strip = canvasPool({ capacity: 8, budget, storage: canvases(48, 24) });
    expect(48 * 24 * 4).toBe(FRAME_BYTES);
    films.adopt(makeFrame()).release();
    const permits = [1, 2, 3].map(() => given(films.tryReserve()));
    releaseAll(acquired(strip, 5));
    const grow = (index: number) => permits[index]?.adopt(makeFrame({ codedWidth: 128, codedHeight: 96 }));
    const first = grow(0);
    // Two more permits, four idle canvases of five.
    expect(budget.bytes / FRAME_BYTES).toBe(8);
    const second = grow(1);
    expect(budget.bytes / FRAME_BYTES).toBe(9);
    expect(thrownBy(() => grow(2)).name).toBe('QuotaExceededError');
    expect(budget.bytes / FRAME_BYTES).toBe(9);
    releaseAll([given(first ?? null), given(second ?? null)]);
    strip.close();
  });

  test('the decoder’s delay may exceed maxFrames, and blocks no caller [C9]', () => {
    const budget = new FrameBudget({ maxFrames: 1 });
    const canvas = canvasPool({ budget });
    const overcommitted = overcommittedOf(decodedPool({ capacity: 1, budget }), 2);
    using _buffer = given(canvas.tryAcquire());
    expect([canvas.tryAcquire(), budget.frames]).toEqual([null, 3]);
    releaseAll(overcommitted);
    expect([canvas.tryAcquire(), budget.frames]).toEqual([null, 1]);
  });

  test('maxFrames counts permits and frames, and not idle buffers', () => {
    const budget = new FrameBudget({ maxFrames: 2 });
    const canvas = canvasPool({ initial: 2, budget });
    const frames = decodedPool({ capacity: 8, budget });
    const out = [given(frames.tryReserve()), given(canvas.tryAcquire())];
    expect([budget.frames, frames.tryReserve(), canvas.tryAcquire()]).toEqual([2, null, null]);
    expect(thrownBy(() => frames.adopt(makeFrame())).name).toBe('QuotaExceededError');
    releaseAll(out);
    expect(budget.frames).toBe(0);
  });
});
