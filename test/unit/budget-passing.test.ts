/** A budget in which a waiter does not fit: others pass it over, and finally it alone fails. */
import { describe, expect, vi } from 'vitest';
import type { PoolStarvedError } from '../../src/index.ts';
import { FrameBudget } from '../../src/index.ts';
import { Admission } from '../../src/pool/admission.ts';
import { Inventory } from '../../src/pool/inventory.ts';
import { coreOf } from '../../src/pool/pool.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { copyAndClose } from '../support/copying.ts';
import { CANVAS_BYTES } from '../support/fake-canvas.ts';
import { given, microtasks, rejectionOf, releaseAll, thrownBy } from '../support/fake-outcomes.ts';
import { canvases, canvasPool, decodedPool, test } from '../support/fake-pools.ts';
import { FRAME_BYTES, makeFrame } from '../support/fake-video-frame.ts';

/** Four frames of 64 × 48 have the bytes of one of these. */
const LARGE = { codedWidth: 128, codedHeight: 96 };
const LARGE_BYTES = 4 * FRAME_BYTES;

/** Room for almost five small canvases, or for one that is four times as large. */
function sharing() {
  const clock = new ManualClock();
  const budget = new FrameBudget({ maxBytes: 5 * CANVAS_BYTES - 1 });
  const small = canvasPool({ name: 'small', capacity: 8, budget, clock });
  const large = canvasPool({ name: 'large', budget, clock, storage: canvases(128, 96) });
  return { clock, budget, small, large };
}

/** The same budget, filled by four small buffers. `wide()` waits in the pool of small buffers for a large one. */
function full() {
  const pools = sharing();
  const { small } = pools;
  const held = Array.from({ length: 4 }, () => given(small.tryAcquire()));
  const wide = () => copyAndClose(small, makeFrame(LARGE), { sizeChange: 'reconfigure' });
  return { ...pools, held, wide };
}

describe('[C4] a waiter for which the budget has no room', () => {
  test('is passed over by a caller that holds the needed room and asks for one more slot', async () => {
    const { small, large } = sharing();
    const shown = given(small.tryAcquire());
    const waiting = large.acquire();
    const next = await small.acquire();
    expect([large.waitingCount, small.lentCount]).toEqual([1, 2]);
    releaseAll([shown, next]);
    (await waiting).release();
  });

  test('fails alone after its starvationMs, with an error that names it and the holders', async () => {
    const { clock, small, large } = sharing();
    const shown = given(small.tryAcquire({ holder: 'player' }));
    const waiting = rejectionOf(large.acquire({ holder: 'thumbnails', starvationMs: 300 }));
    const next = await small.acquire({ holder: 'player' });
    clock.advance(299);
    expect([large.waitingCount, small.lentCount]).toEqual([1, 2]);
    clock.advance(1);
    const error = (await waiting) as PoolStarvedError;
    expect([error.name, error.message]).toEqual([
      'PoolStarvedError',
      '"thumbnails" found no room for 300 ms in pool "large", whose room is held by player of pool "small" (2)',
    ]);
    expect(error.holders.map(({ pool, holder }) => `${pool} ${holder}`)).toEqual([
      'small player',
      'small player',
    ]);
    expect([large.waitingCount, small.lentCount]).toEqual([0, 2]);
    releaseAll([shown, next]);
  });

  test('waits for 10 s by default, and without a limit if it is not passed over', async () => {
    const { clock, small, large } = sharing();
    const shown = given(small.tryAcquire());
    const patient = large.acquire({ starvationMs: Infinity });
    const waiting = rejectionOf(large.acquire());
    clock.advance(100_000);
    expect(large.waitingCount).toBe(2);
    const next = await small.acquire();
    clock.advance(9999);
    expect(large.waitingCount).toBe(2);
    clock.advance(1);
    expect([(await waiting).name, large.waitingCount]).toEqual(['PoolStarvedError', 1]);
    releaseAll([shown, next]);
    (await patient).release();
  });

  test('leaves no timer after it was served, aborted or ended with its pool', async () => {
    const { clock, small, large } = sharing();
    const started = vi.spyOn(clock, 'setTimeout');
    const stopped = vi.spyOn(clock, 'clearTimeout');
    const leaving = new AbortController();
    const shown = given(small.tryAcquire());
    const waits = [large.acquire(), large.acquire({ signal: leaving.signal }), large.acquire()];
    const failed = waits.slice(1).map(rejectionOf);
    const next = await small.acquire();
    const starving = started.mock.results.filter((_, index) => started.mock.calls[index]?.[1] === 10_000);
    leaving.abort();
    releaseAll([shown, next]);
    const served = await waits[0];
    large.close();
    served?.release();
    expect((await Promise.all(failed)).map(({ name }) => name)).toEqual(['AbortError', 'AbortError']);
    expect(starving.length).toBeGreaterThan(0);
    expect(stopped.mock.calls.flat()).toEqual(expect.arrayContaining(starving.map(({ value }) => value)));
  });

  test('is served before later waiters, as soon as it fits', async () => {
    const { small, large } = sharing();
    const held = [given(small.tryAcquire()), given(small.tryAcquire())];
    const first = large.acquire();
    const later = [small.acquire(), small.acquire(), small.acquire()];
    expect([large.waitingCount, small.waitingCount]).toEqual([1, 1]);
    releaseAll([...held, await given(later[0] ?? null), await given(later[1] ?? null)]);
    // The last of them was admitted by the first release.
    expect([large.waitingCount, small.waitingCount]).toEqual([1, 0]);
    (await given(later[2] ?? null)).release();
    (await first).release();
  });

  test('is passed over within its own pool, too', async () => {
    const { small } = sharing();
    const shown = given(small.tryAcquire());
    const leaving = new AbortController();
    const options = { sizeChange: 'reconfigure', signal: leaving.signal } as const;
    const larger = rejectionOf(copyAndClose(small, makeFrame(LARGE), options));
    const next = await small.acquire();
    expect([small.waitingCount, small.lentCount]).toEqual([1, 2]);
    leaving.abort();
    expect((await larger).name).toBe('AbortError');
    releaseAll([shown, next]);
  });

  test('does not hold up a later waiter of its own pool that fits', async () => {
    const { small, wide, held } = full();
    const larger = wide();
    const next = small.acquire();
    held.pop()?.release();
    expect([small.waitingCount, small.lentCount]).toEqual([1, 4]);
    releaseAll([...held, await next]);
    (await larger).release();
  });

  test('is overtaken in order of arrival, also by waiters of other pools', async () => {
    const { budget, small, wide, held } = full();
    const other = canvasPool({ budget });
    const larger = wide();
    const waits = [other.acquire(), small.acquire()];
    held.pop()?.release();
    expect([other.waitingCount, small.waitingCount]).toEqual([0, 2]);
    held.pop()?.release();
    expect(small.waitingCount).toBe(1);
    releaseAll([...held, ...(await Promise.all(waits))]);
    (await larger).release();
  });

  test('does not fail while only earlier waiters are served', async () => {
    const { clock, small, large, held } = full();
    const earlier = small.acquire();
    const waiting = large.acquire();
    held.pop()?.release();
    clock.advance(100_000);
    expect([small.waitingCount, large.waitingCount]).toEqual([0, 1]);
    releaseAll([...held, await earlier]);
    (await waiting).release();
  });

  test('lets a caller inside the abort of a later waiter take a slot [edge 8]', async () => {
    const budget = new FrameBudget({ maxBytes: 5 * CANVAS_BYTES - 1 });
    const pool = canvasPool({ capacity: 8, budget, maxBytes: 5 * CANVAS_BYTES });
    const shown = given(pool.tryAcquire());
    const [first, second] = [new AbortController(), new AbortController()];
    const lent: (typeof shown)[] = [];
    second.signal.addEventListener('abort', () => lent.push(given(pool.tryAcquire())));
    const copy = (size: object, { signal }: AbortController) =>
      rejectionOf(copyAndClose(pool, makeFrame(size), { sizeChange: 'reconfigure', signal }));
    // The budget has no room for the first copy, and the pool has none for the second.
    const copies = [copy(LARGE, first), copy({ codedWidth: 144, codedHeight: 96 }, second)];
    expect([pool.waitingCount, pool.tryAcquire()]).toEqual([2, null]);
    second.abort();
    expect([pool.waitingCount, lent.length]).toEqual([1, 1]);
    first.abort();
    await Promise.all(copies);
    releaseAll([shown, ...lent]);
  });

  test('ends reading ahead until it is served or has failed', async () => {
    const { clock, budget, small, large } = sharing();
    const { admission } = coreOf(decodedPool({ budget, clock }));
    large.close();
    const wide = canvasPool({ budget, clock });
    const shown = [given(small.tryAcquire()), given(small.tryAcquire())];
    expect(admission.hasHeadroom(CANVAS_BYTES)).toBe(true);
    const waiting = rejectionOf(copyAndClose(wide, makeFrame(LARGE), { sizeChange: 'reconfigure' }));
    expect(admission.hasHeadroom(CANVAS_BYTES)).toBe(false);
    shown.push(await small.acquire());
    clock.advance(10_000);
    expect((await waiting).name).toBe('PoolStarvedError');
    expect(admission.hasHeadroom(CANVAS_BYTES / 2)).toBe(true);
    releaseAll(shown);
  });
});

describe('[C4] a first frame of unknown size', () => {
  /** A pool whose frames are known, and that fills a budget of four large frames but for one small frame. */
  function playing() {
    const budget = new FrameBudget({ maxBytes: LARGE_BYTES });
    const first = decodedPool({ capacity: 8, budget });
    return { budget, first, held: [1, 2, 3].map(() => first.adopt(makeFrame())) };
  }

  test('exceeds the budget, so that a second video begins; the next one waits for it', async () => {
    const { budget, first, held } = playing();
    const [second, third] = [decodedPool({ budget }), decodedPool({ budget })];
    const permit = given(second.tryReserve());
    const waiting = third.reserve();
    expect([third.tryReserve(), third.waitingCount]).toEqual([null, 1]);
    // It takes no frame from the first video.
    held.push(first.adopt(makeFrame()));
    const frame = permit.adopt(makeFrame(LARGE));
    expect([budget.bytes, third.waitingCount]).toEqual([2 * LARGE_BYTES, 1]);
    frame.release();
    expect(third.waitingCount).toBe(0);
    releaseAll([await waiting, ...held]);
  });

  test('that turns out to fit lets the next one begin at once', async () => {
    const { budget, held } = playing();
    const [second, third] = [decodedPool({ budget }), decodedPool({ budget })];
    const permit = given(second.tryReserve());
    const waiting = third.reserve();
    held.pop()?.release();
    expect([budget.bytes, third.waitingCount]).toEqual([2 * FRAME_BYTES, 1]);
    const frame = permit.adopt(makeFrame());
    expect([budget.bytes, third.waitingCount]).toEqual([3 * FRAME_BYTES, 0]);
    releaseAll([frame, await waiting, ...held]);
  });

  test('that could never fit is rejected, and one whose permit returns unused is over', () => {
    const { budget, held } = playing();
    const [second, third] = [decodedPool({ budget }), decodedPool({ budget })];
    const permit = given(second.tryReserve());
    const frame = makeFrame({ codedWidth: 256, codedHeight: 192 });
    expect(thrownBy(() => permit.adopt(frame)).name).toBe('QuotaExceededError');
    given(third.tryReserve()).release();
    given(second.tryReserve()).release();
    releaseAll(held);
    expect([budget.bytes, budget.frames]).toEqual([0, 0]);
  });

  test('is estimated at 1.5 bytes a pixel, and at 4 once the engine has decoded to BGRX', () => {
    const guessOf = (): number => {
      const { admission, limits } = coreOf(decodedPool());
      admission.expectFrames({ codec: 'vp8', codedWidth: 64, codedHeight: 48 });
      return limits.frameBytes;
    };
    const decode = (format: string): void => {
      const pool = decodedPool();
      coreOf(pool).admission.expectFrames({ codec: 'vp8', codedWidth: 64, codedHeight: 48 });
      pool.adopt(makeFrame({ format })).release();
    };
    expect(guessOf()).toBe(FRAME_BYTES);
    decode('BGRX');
    expect(guessOf()).toBe(64 * 48 * 4);
    decode('I420');
    expect(guessOf()).toBe(FRAME_BYTES);
  });
});

describe('the largest loan of a budget', () => {
  /** The number of frames that may be read ahead besides one buffer of the largest size. */
  function readAhead() {
    const budget = new FrameBudget({ maxBytes: 8 * FRAME_BYTES });
    const film = decodedPool({ capacity: 16, budget });
    film.adopt(makeFrame()).release();
    const count = (): number => {
      const permits = [];
      while (coreOf(film).admission.hasHeadroom()) permits.push(given(film.tryReserve()));
      releaseAll(permits);
      return permits.length;
    };
    return { budget, film, count };
  }

  const big = () => canvases(96, 96);

  test('shrinks with close(), decommit() and smaller buffers, and grows with commit()', async () => {
    const { budget, count } = readAhead();
    expect(count()).toBe(7);
    const closed = canvasPool({ budget, storage: big() });
    const other = canvasPool({ budget, storage: big() });
    expect(count()).toBe(0);
    closed.close();
    expect(count()).toBe(0);
    await other.decommit();
    expect(count()).toBe(7);
    other.commit();
    expect(count()).toBe(0);
    other.configure({ storage: canvases(16, 16) });
    expect(count()).toBe(7);
  });

  test('grows and shrinks with the frames of a video', () => {
    const { film, count } = readAhead();
    // Two of these frames beside one of the first size would fit, too.
    film.adopt(makeFrame({ codedWidth: 96, codedHeight: 96 })).release();
    expect(count()).toBe(1);
    film.adopt(makeFrame()).release();
    expect(count()).toBe(7);
  });
});

describe('the cost of a call', () => {
  test('under a budget does not depend on the number of pools', async () => {
    const visitsOf = async (pools: number): Promise<number> => {
      const budget = new FrameBudget({ maxBytes: 2 * pools * CANVAS_BYTES });
      const members = Array.from({ length: pools }, () => canvasPool({ capacity: 3, budget }));
      // Each has one lent buffer and one idle one, which is reused for the next loan.
      const held = members.map((pool) => given(pool.tryAcquire()));
      for (const pool of members) given(pool.tryAcquire()).release();
      const visits = [
        vi.spyOn(Admission.prototype, 'nextGrantable'),
        vi.spyOn(Admission.prototype, 'holders'),
        vi.spyOn(Inventory.prototype, 'dropOldestIdle'),
      ];
      const [first] = members;
      const lent = [given(first?.tryAcquire() ?? null), given(first?.tryAcquire() ?? null)];
      const waiting = first?.acquire();
      releaseAll(lent);
      releaseAll([given((await waiting) ?? null), ...held]);
      await microtasks();
      const count = visits.reduce((sum, { mock }) => sum + mock.calls.length, 0);
      vi.restoreAllMocks();
      return count;
    };
    const few = await visitsOf(10);
    expect(few).toBeGreaterThan(0);
    expect(await visitsOf(1000)).toBe(few);
  });
});
