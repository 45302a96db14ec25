/** Options whose properties are computed when they are read: the app's code runs then, and may take free slots. */
import { describe, expect } from 'vitest';
import type { CopyRequest, FrameHandle, Storage } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import { copyAndClose } from '../support/copying.ts';
import { given, rejectionOf, releaseAll, thrownBy } from '../support/fake-outcomes.ts';
import { canvasPool, decodedPool, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

/** Options with a `holder` that is computed, and the number of its reads. */
function holderThat(runs: () => void) {
  let reads = 0;
  return {
    get reads() {
      return reads;
    },
    options: {
      get holder(): string {
        if (++reads === 1) runs();
        return `read ${reads}`;
      },
    },
  };
}

const ONE = { capacity: 1 };

describe('[C3] options are read once, before anything is checked', () => {
  test.each(['tryAcquire', 'acquire', 'copyFrom'] as const)(
    '%s() lends nothing that a getter has taken',
    async (call) => {
      const pool = canvasPool(ONE);
      const taken: FrameHandle<Storage>[] = [];
      const holder = holderThat(() => taken.push(given(pool.tryAcquire())));
      const lent =
        call === 'copyFrom' ? copyAndClose(pool, makeFrame(), holder.options) : pool[call](holder.options);
      expect([pool.lentCount, pool.freeCount, holder.reads]).toEqual([1, 0, 1]);
      releaseAll(taken);
      (await lent)?.release();
      expect(holder.reads).toBe(1);
    },
  );

  test('tryAcquire() lends to the holder that it has read', () => {
    const holder = holderThat(() => {});
    using lent = given(canvasPool(ONE).tryAcquire(holder.options));
    expect([lent.holder, holder.reads]).toEqual(['read 1', 1]);
  });

  test.each(['tryReserve', 'reserve'] as const)(
    '%s() grants no slot that a getter has taken',
    async (call) => {
      const pool = decodedPool(ONE);
      const taken: { release(): void }[] = [];
      const holder = holderThat(() => taken.push(given(pool.tryReserve())));
      const permit = pool[call](holder.options);
      expect([pool.decodingCount, pool.freeCount, holder.reads]).toEqual([1, 0, 1]);
      releaseAll(taken);
      (await permit)?.release();
    },
  );

  test('adopt() keeps no frame in a slot that a getter has taken', () => {
    const pool = decodedPool(ONE);
    const taken: { release(): void }[] = [];
    const holder = holderThat(() => taken.push(pool.adopt(makeFrame())));
    expect(thrownBy(() => pool.adopt(makeFrame(), holder.options)).name).toBe('QuotaExceededError');
    expect([pool.lentCount, holder.reads]).toEqual([1, 1]);
    releaseAll(taken);
  });

  test('a permit is filled with the name that was checked', () => {
    const pool = decodedPool(ONE);
    const permit = given(pool.tryReserve());
    let reads = 0;
    const options = {
      get holder() {
        return (++reads === 1 ? 'checked' : 7) as string;
      },
    };
    using handle = permit.adopt(makeFrame(), options);
    expect([handle.holder, reads]).toEqual(['checked', 1]);
  });

  test.each(['tryAcquire', 'acquire', 'copyFrom'] as const)(
    '%s() lends nothing of a pool that a getter has closed [C7]',
    async (call) => {
      const pool = canvasPool(ONE);
      const { options } = holderThat(() => pool.close());
      const lend = async () =>
        call === 'copyFrom' ? copyAndClose(pool, makeFrame(), options) : pool[call](options);
      expect([(await rejectionOf(lend())).name, pool.lentCount]).toEqual(['InvalidStateError', 0]);
    },
  );

  test('configure() changes nothing of a pool that a getter has closed [C8]', () => {
    const pool = canvasPool(ONE);
    const options = {
      get capacity(): number {
        pool.close();
        return 4;
      },
    };
    expect([thrownBy(() => pool.configure(options)).name, pool.capacity]).toEqual(['InvalidStateError', 1]);
  });

  test('copyFrom() uses the options of the call, even if they change during the wait', async () => {
    const pool = canvasPool(ONE);
    const held = given(pool.tryAcquire());
    const options: { -readonly [K in keyof CopyRequest]: CopyRequest[K] } = { sizeChange: 'reject' };
    const copy = rejectionOf(copyAndClose(pool, makeFrame({ codedWidth: 128, codedHeight: 96 }), options));
    options.sizeChange = 'scale';
    held.release();
    expect((await copy).name).toBe('RangeError');
  });

  test('a pool uses the checked values', () => {
    let reads = 0;
    const pool = new VideoFramePool({
      get capacity() {
        return ++reads;
      },
    });
    expect([pool.capacity, reads]).toEqual([1, 1]);
  });
});
