import { describe, expect } from 'vitest';
import { canvasesMade } from '../support/fake-canvas.ts';
import { given, microtasks, rejectionOf, thrownBy } from '../support/fake-outcomes.ts';
import { canvasPool, counts, decodedPool, fullPool, listen, test } from '../support/fake-pools.ts';
import { makeFrame, openFrames } from '../support/fake-video-frame.ts';

/** Whether a promise has settled by now, and to what. */
async function stateOf(promise: Promise<boolean>): Promise<boolean | 'pending'> {
  await microtasks();
  return Promise.race([promise, Promise.resolve('pending' as const)]);
}

describe('decommit()', () => {
  test('does not wait: lent frames stay readable, and the last return resolves it [C7] [B: Decommit]', async () => {
    const pool = decodedPool();
    const [a, b] = [pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    const gone = pool.decommit();
    expect(pool.state).toBe('draining');
    expect(a.frame.codedWidth).toBe(64);
    a.release();
    expect(await stateOf(gone)).toBe('pending');
    expect(b.frame.codedWidth).toBe(64);
    b.release();
    expect(pool.state).toBe('decommitted');
    expect(await stateOf(gone)).toBe(true);
    expect([openFrames(), pool.bytes]).toEqual([0, 0]);
  });

  test('waiters fail with AbortError, later callers with InvalidStateError [C7] [B: Decommit] [B: GetBuffer]', async () => {
    const { pool, held } = fullPool();
    const waits = [rejectionOf(pool.acquire()), rejectionOf(pool.acquire())];
    const gone = pool.decommit();
    expect(counts(pool)).toBe('free 0, lent 1, decoding 0, idle 0, waiting 0');
    expect((await Promise.all(waits)).map(({ name }) => name)).toEqual(['AbortError', 'AbortError']);
    expect(thrownBy(() => pool.tryAcquire()).name).toBe('InvalidStateError');
    expect((await rejectionOf(pool.acquire())).name).toBe('InvalidStateError');
    held.release();
    expect(await gone).toBe(true);
    expect((await rejectionOf(pool.acquire())).message).toContain('decommitted');
  });

  test('holders are unaffected, and their buffers are destroyed as they return [C7] [B: Decommit] [A: UninitializeSampleAllocator]', async () => {
    const pool = canvasPool({ capacity: 3, initial: 3 });
    const notices = listen(pool);
    const held = given(pool.tryAcquire());
    expect(counts(pool)).toBe('free 2, lent 1, decoding 0, idle 2, waiting 0');
    void pool.decommit();
    expect(counts(pool)).toBe('free 2, lent 1, decoding 0, idle 0, waiting 0');
    expect(held.canvas.width).toBe(64);
    held.release();
    expect(counts(pool)).toBe('free 3, lent 0, decoding 0, idle 0, waiting 0');
    expect(pool.bytes).toBe(0);
    expect(await notices()).toEqual([{ reason: 'released', discarded: true, freeCount: 3, holders: [] }]);
  });

  test('on an empty pool resolves true and does nothing, however often it is called [C7] [A: UninitializeSampleAllocator]', async () => {
    const pool = decodedPool();
    expect(await Promise.all([pool.decommit(), pool.decommit()])).toEqual([true, true]);
    expect(await pool.decommit()).toBe(true);
    pool.commit();
    pool.adopt(makeFrame()).release();
    expect(pool.stats().released).toBe(1);
  });

  test('a permit can still be filled or returned [C7]', async ({ frames: pool }) => {
    const [a, b] = [given(pool.tryReserve()), given(pool.tryReserve())];
    const gone = pool.decommit();
    const handle = a.adopt(makeFrame());
    expect(counts(pool)).toBe('free 0, lent 1, decoding 1, idle 0, waiting 0');
    b.release();
    expect(await stateOf(gone)).toBe('pending');
    handle.release();
    expect(await stateOf(gone)).toBe(true);
  });

  test('finishes before the notice of the last return [C7] [B: ReleaseBuffer]', async () => {
    const { pool, held } = fullPool();
    const seen: string[] = [];
    pool.setListener(() => seen.push(`notice while ${pool.state}`));
    const gone = pool.decommit().then(() => seen.push('decommitted'));
    held.release();
    expect(pool.state).toBe('decommitted');
    expect(seen).toEqual([]);
    await gone;
    await microtasks();
    expect(seen).toEqual(['decommitted', 'notice while decommitted']);
  });

  test('adopt() is rejected, and the frame is closed nevertheless [C7]', ({ frames: pool }) => {
    void pool.decommit();
    const frame = makeFrame();
    expect(thrownBy(() => pool.adopt(frame)).name).toBe('InvalidStateError');
    expect([frame.codedWidth, openFrames()]).toEqual([0, 0]);
  });
});

describe('commit()', () => {
  test('before the last return: the promise resolves false, and the storage is kept [C7] [edge 5] [B: Commit]', async () => {
    const pool = canvasPool();
    const notices = listen(pool);
    const [a, b] = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    const gone = pool.decommit();
    a.release();
    pool.commit();
    expect(pool.state).toBe('active');
    expect(await gone).toBe(false);
    b.release();
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 1, waiting 0');
    given(pool.tryAcquire()).release();
    expect(canvasesMade()).toBe(2);
    expect((await notices()).map(({ discarded }) => discarded)).toEqual([true, false, false]);
  });

  test('allocates the initial buffers again, once [B: Commit]', async () => {
    const pool = canvasPool({ capacity: 3, initial: 2 });
    expect([canvasesMade(), pool.idleCount]).toEqual([2, 2]);
    expect(await pool.decommit()).toBe(true);
    expect([pool.idleCount, pool.bytes]).toEqual([0, 0]);
    pool.commit();
    expect([canvasesMade(), pool.idleCount]).toEqual([4, 2]);
    pool.commit();
    expect([canvasesMade(), pool.idleCount]).toEqual([4, 2]);
  });

  test('on an active pool does nothing [B: Commit]', ({ frames: pool }) => {
    pool.commit();
    expect([pool.state, pool.freeCount]).toEqual(['active', 2]);
  });

  test('a pool may be decommitted and committed again and again [B: Commit] [B: Decommit]', async () => {
    const pool = canvasPool({ capacity: 1 });
    for (let round = 0; round < 3; round++) {
      given(pool.tryAcquire()).release();
      expect(await pool.decommit()).toBe(true);
      expect(thrownBy(() => pool.tryAcquire()).name).toBe('InvalidStateError');
      pool.commit();
    }
    expect(pool.stats()).toMatchObject({ allocated: 3, released: 3, pruned: 3 });
  });
});

describe('close()', () => {
  test('is final, idempotent and does not wait [C7]', async ({ frames: pool }) => {
    const handle = pool.adopt(makeFrame());
    pool.close();
    pool.close();
    pool[Symbol.dispose]();
    expect(pool.state).toBe('closed');
    expect(handle.frame.codedWidth).toBe(64);
    for (const late of [() => pool.commit(), () => pool.configure({ capacity: 3 }), () => pool.tryReserve()])
      expect(thrownBy(late).name).toBe('InvalidStateError');
    expect((await rejectionOf(pool.reserve())).name).toBe('InvalidStateError');
    handle.release();
    expect([pool.lentCount, openFrames(), pool.state]).toEqual([0, 0, 'closed']);
    expect(await pool.decommit()).toBe(true);
  });

  test('during a wait rejects it with AbortError [C7] [edge 5]', async ({ full: { pool, held } }) => {
    const waiting = rejectionOf(pool.acquire());
    pool.close();
    expect((await waiting).name).toBe('AbortError');
    held.release();
    expect(counts(pool)).toBe('free 1, lent 0, decoding 0, idle 0, waiting 0');
  });

  test('between a grant and its await: the handle is valid, and its slot returns [edge 5]', async () => {
    const pool = canvasPool({ capacity: 1 });
    const granted = pool.acquire();
    pool.close();
    const handle = await granted;
    expect(handle.canvas.width).toBe(64);
    handle.release();
    expect([pool.lentCount, pool.bytes]).toEqual([0, 0]);
  });

  test('while draining: the decommit still resolves at the last return [C7] [edge 5]', async () => {
    const { pool, held } = fullPool();
    const gone = pool.decommit();
    pool.close();
    expect(await stateOf(gone)).toBe('pending');
    held.release();
    expect(await stateOf(gone)).toBe(true);
    expect(pool.state).toBe('closed');
  });

  test('with a granted permit: adopt() closes the frame and returns the permit', ({ frames: pool }) => {
    const permit = given(pool.tryReserve());
    pool.close();
    const frame = makeFrame();
    expect(thrownBy(() => permit.adopt(frame)).name).toBe('InvalidStateError');
    expect([frame.codedWidth, permit.released, pool.decodingCount]).toEqual([0, true, 0]);
  });
});
