/**
 * Tests of workers that are terminated and ports that are closed at each phase, while another link and reader continue.
 */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { connectPool, receiveFrames, VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { Bystander } from '../support/aside.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob } from '../support/packets.ts';
import { readerWorker } from '../support/readers.ts';
import { outcomeOf, tasks } from '../support/streams.ts';
import { Holder } from '../support/threads/holder.ts';
import { linkLocks, linkToWorker, poolOfKind, until } from '../support/threads/linked.ts';

const CLIP = 'vp8.webm';

describe.each(['a decoded frame', 'memory'])(
  'a worker that is sent %s and is terminated [fault: worker terminated]',
  (kind) => {
    test('during close() returns every frame', async () => {
      const { pool, fill, link, holder } = await linkToWorker(kind, 2);
      await holder.lend(link, await fill(0));
      await holder.lend(link, await fill(1));
      link.close();
      expect([link.state, pool.lentCount]).toEqual(['closing', 2]);
      holder.terminate();
      expect(await link.closed).toBe('closed');
      expect([pool.lentCount, pool.stats().lost]).toEqual([0, 2]);
    });

    test('in the middle of frames rejects later sends, and another worker continues', async () => {
      const { pool, fill, link, holder } = await linkToWorker(kind, 4);
      const other = await Holder.start();
      const otherLink = connectPool(pool, other.worker);
      let sent = 0;
      const send = async (): Promise<void> => {
        for (; ; sent++) {
          // Sends that have posted their frames do not wait.
          while (pool.freeCount === 0) await tasks(1);
          await link.send(await fill(sent), 'release');
        }
      };
      const failed = outcomeOf(send());
      await until(() => sent > 5, true);
      holder.terminate();
      expect(['AbortError', 'InvalidStateError']).toContain(((await failed) as Error).name);
      expect(await link.closed).toBe('lost');
      await otherLink.send(await fill(100), 'release');
      await until(() => pool.lentCount, 0);
      otherLink.close();
      expect(await otherLink.closed).toBe('closed');
      await other.finish();
    });

    test('before it responds leaves sends waiting for close() or their signal', async () => {
      const { pool, fill } = poolOfKind(kind, 2);
      const worker = new Worker(URL.createObjectURL(new Blob(['for (;;);'])));
      const link = connectPool(pool, worker);
      worker.terminate();
      const aborting = new AbortController();
      const first = outcomeOf(link.send(await fill(0), undefined, { signal: aborting.signal }));
      const second = outcomeOf(link.send(await fill(1)));
      aborting.abort(new DOMException('enough', 'TimeoutError'));
      expect(await first).toMatchObject({ name: 'TimeoutError' });
      expect(pool.lentCount).toBe(1);
      link.close();
      expect(await second).toMatchObject({ name: 'AbortError' });
      expect(pool.lentCount).toBe(0);
    });
  },
);

describe.each(['initiating', 'responding'] as const)(
  'a port that the app closes on the %s side [fault: port closed]',
  (side) => {
    test.each(['before the response', 'with lent frames'])(
      '%s loses its frames only by abort()',
      async (when) => {
        const pool = new VideoFramePool({ capacity: 3 });
        const other = new Bystander(pool);
        const { port1, port2 } = new MessageChannel();
        const link = connectPool(pool, port1);
        const handle = pool.adopt(colourFrame([1, 2, 3]));
        const frames = receiveFrames(port2);
        if (when === 'before the response') {
          (side === 'initiating' ? port1 : port2).close();
          const sent = outcomeOf(link.send(handle));
          link.abort();
          expect(await sent).toMatchObject({ name: 'AbortError' });
        } else {
          const asked = frames.next();
          await link.send(handle);
          const { value } = await asked;
          (side === 'initiating' ? port1 : port2).close();
          link.abort();
          expect(pool.lentCount).toBe(1);
          // Its reader on the other side continues.
          expect(value?.handle.frame.codedWidth).toBe(64);
          value?.handle.release();
        }
        expect(await link.closed).toBe('closed');
        await frames.return?.();
        await other.finish();
      },
    );
  },
);

/**
 * Calls that are pending in a reader when its worker ends. Each resolves with a handle, or rejects; null without a
 * call.
 */
const PHASES: Record<string, (reader: VideoReader, pool: VideoFramePool) => Promise<unknown>> = {
  'at rest': () => Promise.resolve(null),
  async 'during a wait for frames'(reader, pool) {
    const frames = reader.frames({ pool });
    const { value } = await frames.next();
    // Other frames that arrived are returned to the pool.
    await frames.return?.();
    return value;
  },
  'during frameAt()': (reader, pool) => reader.frameAt(1_900_000, { pool }),
  async 'while a stream is read'(reader, pool) {
    const stream = reader.readable({ pool }).getReader();
    const { value } = await stream.read();
    await stream.cancel().catch(() => {});
    return value;
  },
};

describe('the worker of a reader that is terminated [fault: worker terminated]', () => {
  test.each(Object.entries(PHASES))(
    '%s rejects the calls that need it, and another reader continues',
    async (_, begin) => {
      const pool = new VideoFramePool({ capacity: 4 });
      const other = new Bystander(pool);
      const blob = await clipBlob(CLIP);
      const worker = readerWorker();
      const reader = await openVideo(blob, { worker: () => worker });
      await using second = await openVideo(blob, { worker: () => readerWorker() });
      const calls = [begin(reader, pool)];
      worker.terminate();
      // The end of the worker has been detected when this rejects.
      calls.push(reader.frameAt(1_000_000, { pool }));
      for (const outcome of await Promise.allSettled(calls)) {
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ name: 'InvalidStateError' });
        else if (outcome.value !== null) (outcome.value as FrameHandle).release();
      }
      await until(() => pool.decodingCount, 0);
      (await second.frameAt(500_000, { pool })).release();
      await reader.close();
      await until(() => pool.lentCount, 1);
      await other.finish();
    },
  );

  test('during close() ends the reader and its pending calls', async () => {
    const pool = new VideoFramePool({ capacity: 4 });
    const other = new Bystander(pool);
    const worker = readerWorker();
    const reader = await openVideo(await clipBlob(CLIP), { worker: () => worker });
    const held = (await reader.frames({ pool }).next()).value as FrameHandle;
    const found = outcomeOf(reader.frameAt(1_900_000, { pool }));
    const closed = reader.close();
    worker.terminate();
    await closed;
    expect(await found).toMatchObject({ name: 'AbortError' });
    expect(held.frame.codedWidth).toBeGreaterThan(0);
    held.release();
    await other.finish();
  });

  test('before its file arrives rejects the opening, and no lock is left', async () => {
    const locks = async (): Promise<number> => (await linkLocks()).length;
    // Readers of earlier tests may release theirs a little later.
    await until(locks, 0);
    const worker = readerWorker();
    const address = new URL(`/faults/opening?fault=stalls&film=${performance.now()}`, location.href);
    const opening = outcomeOf(openVideo(address, { worker: () => worker }));
    // Each side holds one lock and waits for the other's: both detect terminations.
    await until(locks, 4);
    worker.terminate();
    expect(await opening).toMatchObject({ name: 'InvalidStateError' });
    await until(locks, 0);
  });
});
