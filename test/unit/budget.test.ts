import { describe, expect, test } from 'vitest';
import { FrameBudget, VideoFramePool } from '../../src/index.ts';
import { coreOf } from '../../src/pool/pool.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { collectUntil } from '../support/fake-collector.ts';
import { rejectionOf, thrownBy } from '../support/fake-failures.ts';
import {
  CANVAS_BYTES,
  canvases,
  canvasPool,
  counts,
  decodedPool,
  FRAME_BYTES,
  given,
  microtasks,
} from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

const budgetOf = (buffers: number): FrameBudget => new FrameBudget({ maxBytes: buffers * CANVAS_BYTES });

describe('FrameBudget', () => {
  test.each([
    ['no options', undefined, 'TypeError'],
    ['no limit', {}, 'TypeError'],
    ['maxBytes 0', { maxBytes: 0 }, 'RangeError'],
    ['maxBytes 1.5', { maxBytes: 1.5 }, 'RangeError'],
    ['maxFrames 0', { maxFrames: 0 }, 'RangeError'],
    ['maxFrames "1"', { maxFrames: '1' }, 'TypeError'],
  ])('refuses %s', (_, options, name) => {
    expect(thrownBy(() => new FrameBudget(options as { maxBytes: number })).name).toBe(name);
  });

  test('refuses pools whose buffers it could never hold, and what is no budget', () => {
    const budget = new FrameBudget({ maxBytes: CANVAS_BYTES - 1 });
    const refusal = thrownBy(() => canvasPool({ budget }));
    expect([refusal.name, refusal.message]).toEqual([
      'RangeError',
      `the budget's maxBytes must be at least one buffer's ${CANVAS_BYTES} bytes, got ${CANVAS_BYTES - 1}`,
    ]);
    expect(thrownBy(() => canvasPool({ budget: {} as FrameBudget })).name).toBe('TypeError');
    expect([budget.bytes, budget.frames, budget.maxFrames]).toEqual([0, 0, Infinity]);
  });

  test('its sums are those of its pools, at each step [C3]', () => {
    const budget = budgetOf(4);
    const one = canvasPool({ capacity: 3, initial: 1, budget });
    expect([budget.bytes, budget.frames]).toEqual([CANVAS_BYTES, 0]);
    const two = canvasPool({ capacity: 3, budget });
    const a = given(one.tryAcquire());
    expect([budget.bytes, budget.frames]).toEqual([CANVAS_BYTES, 1]);
    const b = given(two.tryAcquire());
    expect([budget.bytes, budget.frames]).toEqual([2 * CANVAS_BYTES, 2]);
    const share = b.retain();
    expect([budget.bytes, budget.frames]).toEqual([2 * CANVAS_BYTES, 2]);
    b.release();
    a.release();
    expect([budget.bytes, budget.frames]).toEqual([2 * CANVAS_BYTES, 1]);
    share.release();
    expect([budget.bytes, budget.frames]).toEqual([2 * CANVAS_BYTES, 0]);
    one.trim();
    expect(budget.bytes).toBe(CANVAS_BYTES);
    two.close();
    expect([budget.bytes, budget.frames]).toEqual([0, 0]);
    one.close();
  });

  test('does not pass its bytes: who comes then gets null, or waits for what any pool gives back [C3, C4]', async () => {
    const budget = budgetOf(2);
    const one = canvasPool({ capacity: 2, budget });
    const two = canvasPool({ capacity: 2, budget });
    const held = [given(one.tryAcquire()), given(one.tryAcquire())];
    expect(two.tryAcquire()).toBeNull();
    const waiting = two.acquire();
    expect([two.freeCount, two.waitingCount, budget.bytes]).toEqual([2, 1, 2 * CANVAS_BYTES]);
    held[0]?.release();
    const granted = await waiting;
    expect([counts(one), counts(two)]).toEqual([
      'free 1, lent 1, decoding 0, idle 0, waiting 0',
      'free 1, lent 1, decoding 0, idle 0, waiting 0',
    ]);
    expect([budget.bytes, one.stats().pruned]).toEqual([2 * CANVAS_BYTES, 1]);
    granted.release();
    held[1]?.release();
  });

  test('idle buffers go first, the one that nobody used for longest, in whatever pool', () => {
    const budget = budgetOf(4);
    const pools = [1, 2, 3].map(() => canvasPool({ capacity: 2, budget }));
    const [one, two, three] = pools as [(typeof pools)[0], (typeof pools)[0], (typeof pools)[0]];
    // One that is never idle is known to the budget before the others.
    const busy = given(one.tryAcquire());
    const handles = [two, one, three].map((pool) => given(pool.tryAcquire()));
    for (const handle of handles) handle.release();
    expect(pools.map(({ idleCount }) => idleCount)).toEqual([1, 1, 1]);
    // The pool's own idle buffer serves without a byte more.
    const own = given(three.tryAcquire());
    expect([three.stats().reused, budget.bytes]).toEqual([1, 4 * CANVAS_BYTES]);
    const more = given(three.tryAcquire());
    expect([pools.map(({ idleCount }) => idleCount), budget.bytes]).toEqual([[1, 0, 0], 4 * CANVAS_BYTES]);
    own.release();
    more.release();
    expect(pools.map(({ idleCount }) => idleCount)).toEqual([1, 0, 2]);
    busy.release();
  });

  test('one queue: who came first to any pool is served first, and nobody who comes passes him [C4]', async () => {
    const budget = new FrameBudget({ maxFrames: 1 });
    const one = canvasPool({ budget });
    const two = canvasPool({ budget });
    const held = given(one.tryAcquire());
    const order: string[] = [];
    const waits = [two.acquire(), one.acquire(), two.acquire()].map(async (wait, index) => {
      const handle = await wait;
      order.push(`${index}`);
      expect(budget.frames).toBe(1);
      expect([one.tryAcquire(), two.tryAcquire()]).toEqual([null, null]);
      handle.release();
    });
    held.release();
    expect([one.tryAcquire(), two.tryAcquire()]).toEqual([null, null]);
    await Promise.all(waits);
    expect([order, budget.frames]).toEqual([['0', '1', '2'], 0]);
  });

  test('who waits for his own full pool does not hold up others, or a holder who needs both would never go on', async () => {
    const budget = budgetOf(4);
    const full = canvasPool({ capacity: 1, budget });
    const other = canvasPool({ capacity: 1, budget });
    const held = given(full.tryAcquire());
    const waiting = full.acquire();
    const passed = given(other.tryAcquire());
    expect([full.waitingCount, other.lentCount]).toEqual([1, 1]);
    passed.release();
    held.release();
    (await waiting).release();
  });

  test('who waits for large buffers is not passed by small ones', async () => {
    const budget = budgetOf(4);
    const small = canvasPool({ capacity: 8, budget });
    const large = canvasPool({ capacity: 2, storage: canvases(128, 96), budget });
    const held = [1, 2, 3].map(() => given(small.tryAcquire()));
    const waiting = large.acquire();
    expect(small.tryAcquire()).toBeNull();
    const later = small.acquire();
    for (const handle of held) handle.release();
    const granted = await waiting;
    expect([small.waitingCount, budget.bytes]).toEqual([1, 4 * CANVAS_BYTES]);
    granted.release();
    (await later).release();
    expect([large.idleCount, small.idleCount, budget.bytes]).toEqual([0, 1, CANVAS_BYTES]);
  });

  test('the next is served when the one at the head gives up [edge 8]', async () => {
    const budget = budgetOf(4);
    const small = canvasPool({ capacity: 8, budget });
    const large = canvasPool({ capacity: 2, storage: canvases(128, 96), budget });
    const held = given(small.tryAcquire());
    const leaving = new AbortController();
    const head = large.acquire({ signal: leaving.signal });
    const behind = small.acquire();
    expect([large.waitingCount, small.waitingCount]).toEqual([1, 1]);
    leaving.abort();
    await expect(head).rejects.toMatchObject({ name: 'AbortError' });
    (await behind).release();
    held.release();
    expect([large.waitingCount, small.waitingCount, budget.frames]).toEqual([0, 0, 0]);
  });

  test('a decommitted pool makes way, and its waiters stand in nobody’s way', async () => {
    const budget = budgetOf(1);
    const one = canvasPool({ budget });
    const two = canvasPool({ budget });
    const three = canvasPool({ budget });
    const held = given(one.tryAcquire());
    const failing = two.acquire();
    const waiting = three.acquire();
    const decommitted = two.decommit();
    await expect(failing).rejects.toMatchObject({ name: 'AbortError' });
    expect(await decommitted).toBe(true);
    one.close();
    expect(three.waitingCount).toBe(1);
    held.release();
    (await waiting).release();
    expect([budget.bytes, budget.frames]).toEqual([CANVAS_BYTES, 0]);
  });

  test('a wait that cannot be granted fails alone, and the next is served', async () => {
    const budget = budgetOf(2);
    const one = canvasPool({ budget });
    const two = canvasPool({ budget });
    const held = given(one.tryAcquire());
    const second = given(one.tryAcquire());
    const wait = two.acquire();
    const after = two.acquire();
    const { OffscreenCanvas } = globalThis;
    globalThis.OffscreenCanvas = class {
      constructor() {
        globalThis.OffscreenCanvas = OffscreenCanvas;
        throw new RangeError('no room');
      }
    } as unknown as typeof OffscreenCanvas;
    held.release();
    expect((await rejectionOf(wait)).name).toBe('QuotaExceededError');
    (await after).release();
    second.release();
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

  test('does not keep a pool that holds nothing', async () => {
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
    const one = canvasPool({ capacity: 2, initial: 2, budget });
    const two = canvasPool({ capacity: 2, initial: 2, budget });
    expect([one.idleCount, two.idleCount, budget.bytes]).toEqual([2, 1, 3 * CANVAS_BYTES]);
    expect(await one.decommit()).toBe(true);
    expect(budget.bytes).toBe(CANVAS_BYTES);
    one.commit();
    expect([one.idleCount, budget.bytes]).toEqual([2, 3 * CANVAS_BYTES]);
  });

  test('a configuration whose buffers it could never hold changes nothing [C8]', () => {
    const budget = budgetOf(2);
    const pool = canvasPool({ initial: 1, budget });
    expect(thrownBy(() => pool.configure({ storage: canvases(128, 96) })).name).toBe('RangeError');
    expect([pool.idleCount, pool.stats().generation, budget.bytes]).toEqual([1, 0, CANVAS_BYTES]);
    const { bufferBytes, generation } = pool.configure({ storage: canvases(32, 48) });
    expect([bufferBytes, generation, pool.idleCount, budget.bytes]).toEqual([
      CANVAS_BYTES / 2,
      1,
      1,
      CANVAS_BYTES / 2,
    ]);
  });
});

describe('FrameBudget over decoded frames', () => {
  test('a frame that fits nowhere is refused and closed, and nothing is counted [C3]', () => {
    const budget = new FrameBudget({ maxBytes: FRAME_BYTES });
    const one = decodedPool({ budget });
    const two = decodedPool({ budget });
    const first = one.adopt(makeFrame());
    const refusal = thrownBy(() => two.adopt(makeFrame()));
    expect([refusal.name, budget.bytes, budget.frames]).toEqual(['QuotaExceededError', FRAME_BYTES, 1]);
    first.release();
    expect([budget.bytes, budget.frames]).toEqual([0, 0]);
    two.adopt(makeFrame()).release();
  });

  test('permits count with the bytes of the last frame, so that what is promised fits when it comes', async () => {
    const budget = new FrameBudget({ maxBytes: 3 * FRAME_BYTES });
    const one = decodedPool({ capacity: 8, budget });
    const two = decodedPool({ capacity: 8, budget });
    // Before the first frame one permit is out, and it may be as large as all.
    const unknown = given(one.tryReserve());
    expect([one.tryReserve(), two.tryReserve()]).toEqual([null, null]);
    const first = unknown.adopt(makeFrame());
    const permits = [given(one.tryReserve()), given(one.tryReserve())];
    expect([one.tryReserve(), budget.bytes, budget.frames]).toEqual([null, FRAME_BYTES, 3]);
    expect(two.tryReserve()).toBeNull();
    const rest = permits.map((permit) => permit.adopt(makeFrame()));
    expect([budget.bytes, budget.frames]).toEqual([3 * FRAME_BYTES, 3]);
    const waiting = two.reserve();
    first.release();
    await microtasks();
    // A frame of two's own is of unknown size still: it waits until all else is gone.
    expect(two.waitingCount).toBe(1);
    for (const handle of rest) handle.release();
    (await waiting).release();
    expect([budget.bytes, budget.frames]).toEqual([0, 0]);
  });

  test('idle canvases of one pool go for the frames of another', () => {
    const budget = new FrameBudget({ maxBytes: 2 * CANVAS_BYTES });
    const canvas = canvasPool({ initial: 2, budget });
    const frames = decodedPool({ capacity: 8, budget });
    expect(budget.bytes).toBe(2 * CANVAS_BYTES);
    const handle = frames.adopt(makeFrame());
    expect([canvas.idleCount, budget.bytes]).toEqual([1, CANVAS_BYTES + FRAME_BYTES]);
    handle.release();
  });

  test('idle canvases go for the lag of a decoder, which may pass the limit, and for which nobody has to wait [C9]', () => {
    const budget = new FrameBudget({ maxBytes: CANVAS_BYTES });
    const canvas = canvasPool({ initial: 1, budget });
    const frames = decodedPool({ capacity: 1, budget });
    const handles = [1, 2, 3].map(() => coreOf(frames).admit(makeFrame(), undefined, true));
    expect([canvas.idleCount, budget.bytes, frames.stats().surplus]).toEqual([0, 3 * FRAME_BYTES, 2]);
    const buffer = given(canvas.tryAcquire());
    expect([canvas.tryAcquire(), budget.bytes]).toEqual([null, CANVAS_BYTES + 3 * FRAME_BYTES]);
    for (const handle of handles) handle.release();
    expect([budget.bytes, budget.frames, frames.freeCount]).toEqual([CANVAS_BYTES, 1, 1]);
    expect(canvas.tryAcquire()).toBeNull();
    buffer.release();
  });

  test.each([
    ['the frames of a shared budget', { maxFrames: 1 }],
    ['its bytes', { maxBytes: CANVAS_BYTES + FRAME_BYTES - 1 }],
  ])(
    'a copy that would wait for its own source, by %s, is refused rather than left to wait',
    async (_, limits) => {
      const budget = new FrameBudget(limits);
      const films = decodedPool({ budget });
      const strip = canvasPool({ budget });
      const handle = films.adopt(makeFrame());
      const refusal = await rejectionOf(handle.copyTo(strip));
      expect([refusal.name, strip.waitingCount, budget.frames]).toEqual(['QuotaExceededError', 0, 1]);
      expect(refusal.message).toContain('must leave room for two');
      handle.release();
      (await strip.capture(makeFrame())).release();
      strip.close();
    },
  );

  test('a copy within one pool of a single slot is refused, too', async () => {
    const pool = canvasPool({ capacity: 1 });
    const handle = given(pool.tryAcquire());
    expect((await rejectionOf(pool.capture(handle))).name).toBe('QuotaExceededError');
    expect(pool.waitingCount).toBe(0);
    handle.release();
  });

  test('lag that fits beside one loan more is like any other frame', () => {
    const budget = new FrameBudget({ maxBytes: 2 * FRAME_BYTES, maxFrames: 3 });
    const frames = decodedPool({ capacity: 4, budget });
    const lag = coreOf(frames).admit(makeFrame(), undefined, true);
    const promised = given(frames.tryReserve());
    expect(frames.tryReserve()).toBeNull();
    promised.release();
    lag.release();
  });

  test('frames on permits that grew are refused where they do not fit; idle canvases go for those that do [C3]', () => {
    const budget = new FrameBudget({ maxBytes: 10 * FRAME_BYTES });
    const films = decodedPool({ capacity: 8, budget });
    const strip = canvasPool({ capacity: 8, budget, storage: canvases(48, 24) });
    expect(48 * 24 * 4).toBe(FRAME_BYTES);
    films.adopt(makeFrame()).release();
    const permits = [1, 2, 3].map(() => given(films.tryReserve()));
    const held = [1, 2, 3, 4, 5].map(() => given(strip.tryAcquire()));
    for (const handle of held) handle.release();
    const large = (): VideoFrame => makeFrame({ codedWidth: 128, codedHeight: 96 });
    const seen = permits.map((permit) => {
      try {
        const handle = permit.adopt(large());
        return { handle, bytes: budget.bytes };
      } catch {
        return { handle: null, bytes: budget.bytes };
      }
    });
    expect(seen.map(({ handle, bytes }) => [handle !== null, bytes / FRAME_BYTES])).toEqual([
      // Two permits more, four idle canvases of five.
      [true, 8],
      [true, 9],
      [false, 9],
    ]);
    for (const { handle } of seen) handle?.release();
    strip.close();
  });

  test('lag that passes maxFrames makes nobody wait [C9]', () => {
    const budget = new FrameBudget({ maxFrames: 1 });
    const frames = decodedPool({ capacity: 1, budget });
    const canvas = canvasPool({ budget });
    const lag = [1, 2].map(() => coreOf(frames).admit(makeFrame(), undefined, true));
    const buffer = given(canvas.tryAcquire());
    expect([canvas.tryAcquire(), budget.frames]).toEqual([null, 3]);
    for (const handle of lag) handle.release();
    expect([canvas.tryAcquire(), budget.frames]).toEqual([null, 1]);
    buffer.release();
  });

  test('maxFrames counts permits and frames, and not idle buffers', () => {
    const budget = new FrameBudget({ maxFrames: 2 });
    const canvas = canvasPool({ initial: 2, budget });
    const frames = decodedPool({ capacity: 8, budget });
    const permit = given(frames.tryReserve());
    const handle = given(canvas.tryAcquire());
    expect([budget.frames, frames.tryReserve(), canvas.tryAcquire()]).toEqual([2, null, null]);
    expect(thrownBy(() => frames.adopt(makeFrame())).name).toBe('QuotaExceededError');
    permit.release();
    handle.release();
    expect(budget.frames).toBe(0);
  });
});
