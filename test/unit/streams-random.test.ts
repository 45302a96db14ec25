import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { pooledFrames, shareFrames } from '../../src/index.ts';
import { isOwned } from '../../src/pool/loan.ts';
import { microtasks, releaseAll } from '../support/fake-outcomes.ts';
import { counts, decodedPool } from '../support/fake-pools.ts';
import { makeFrame, openFrames } from '../support/fake-video-frame.ts';

/** Steps of a script, with the weight of each. */
const STEPS = [
  { arbitrary: fc.constant('write' as const), weight: 3 },
  { arbitrary: fc.constant('read' as const), weight: 3 },
  { arbitrary: fc.constant('release' as const), weight: 2 },
  { arbitrary: fc.constantFrom('reserve' as const, 'free' as const), weight: 2 },
];
const ENDS = ['close', 'abort', 'cancel', 'signal', 'decommit', 'junk', 'reader', 'nothing'] as const;

const REASON = new Error('the reason');

/** A script: steps, the number of microtasks after each, and the end that comes in the middle of them. */
const scripts = fc.record({
  capacity: fc.integer({ min: 1, max: 4 }),
  highWaterMark: fc.integer({ min: 0, max: 3 }),
  branches: fc.integer({ min: 0, max: 3 }),
  end: fc.constantFrom(...ENDS),
  endAt: fc.nat({ max: 40 }),
  steps: fc.array(
    fc.record({
      step: fc.oneof(...STEPS),
      branch: fc.nat({ max: 2 }),
      ticks: fc.oneof(fc.nat({ max: 6 }), fc.constant(Infinity)),
    }),
    { maxLength: 60, size: 'max' },
  ),
});

type Script = typeof scripts extends fc.Arbitrary<infer T> ? T : never;

/** A pair that is read directly or through branches, and the objects that a script has of it. */
class Play {
  readonly pool: VideoFramePool;
  readonly held: FrameHandle[] = [];
  readonly others: { release(): void }[] = [];
  readonly writer: WritableStreamDefaultWriter<VideoFrame>;
  readonly readers: ReadableStreamDefaultReader<FrameHandle>[];
  readonly controller = new AbortController();
  /** Writes and reads that have not settled. */
  pending = 0;
  written = 0;
  readonly timestamps: number[][];
  /** Frames whose write was rejected at once belong to their writer. The others were taken over. */
  readonly refused: VideoFrame[] = [];

  constructor({ capacity, highWaterMark, branches }: Script) {
    this.pool = decodedPool({ capacity });
    const pair = pooledFrames(this.pool, { highWaterMark, signal: this.controller.signal });
    this.writer = pair.writable.getWriter();
    const names = Array.from({ length: branches }, (_, index) => `branch ${index}`);
    const streams = branches === 0 ? [pair.readable] : shareFrames(pair.readable, names, { highWaterMark });
    this.readers = streams.map((stream) => stream.getReader());
    this.timestamps = streams.map(() => []);
    for (const { closed } of [this.writer, ...this.readers]) closed.catch(() => {});
    this.writer.ready.catch(() => {});
  }

  do(step: Script['steps'][number]['step'], branch: number): void {
    const { pool, held, others } = this;
    if (step === 'write') this.#write();
    else if (step === 'read') this.#read(branch % this.readers.length);
    else if (step === 'release') held.splice(branch % Math.max(1, held.length), 1)[0]?.release();
    else if (step === 'free') others.shift()?.release();
    else if (pool.state === 'active') {
      const permit = pool.tryReserve();
      if (permit !== null) others.push(permit);
    }
  }

  #write(): void {
    const frame = makeFrame({ timestamp: this.written++ });
    this.pending++;
    this.#put(frame)
      .catch(() => isOwned(frame) || this.refused.push(frame))
      .finally(() => this.pending--);
  }

  // Async, because Node 20 throws if a write follows the close, and should reject.
  async #put(frame: VideoFrame): Promise<void> {
    await this.writer.write(frame);
  }

  #read(branch: number): void {
    const keep = ({ value }: ReadableStreamReadResult<FrameHandle>): void => {
      if (value === undefined) return;
      this.held.push(value);
      this.timestamps[branch]?.push(value.timestamp);
    };
    this.pending++;
    this.readers[branch]
      ?.read()
      .then(keep, () => {})
      .finally(() => this.pending--);
  }

  end(way: Script['end']): void {
    if (way === 'close') this.writer.close().catch(() => {});
    else if (way === 'abort') this.writer.abort(REASON).catch(() => {});
    else if (way === 'signal') this.controller.abort(REASON);
    else if (way === 'cancel') for (const reader of this.readers) reader.cancel(REASON).catch(() => {});
    else if (way === 'reader') this.readers[0]?.cancel(REASON).catch(() => {});
    else if (way === 'decommit') void this.pool.decommit();
    else if (way === 'junk') this.#put(1 as unknown as VideoFrame).catch(() => {});
  }

  check(): void {
    const { pool } = this;
    expect(pool.lentCount + pool.decodingCount, counts(pool)).toBeLessThanOrEqual(pool.capacity);
    expect(pool.freeCount).toBeGreaterThanOrEqual(0);
    expect(pool.waitingCount).toBeLessThanOrEqual(1);
    for (const timestamps of this.timestamps) {
      expect(timestamps).toEqual([...timestamps].sort((one, other) => one - other));
      expect(new Set(timestamps).size).toBe(timestamps.length);
    }
    for (const handle of this.held) expect(handle.frame.codedWidth).toBe(64);
  }

  /** Releases all handles, and ends the streams that the script has not ended. */
  async leave(): Promise<void> {
    releaseAll(this.others);
    this.controller.abort(REASON);
    // The frames that branches have to read after a good end.
    for (const reader of this.readers) reader.cancel(REASON).catch(() => {});
    await microtasks();
    releaseAll(this.held);
    await microtasks();
    expect(this.pending).toBe(0);
    for (const frame of this.refused) frame.close();
  }
}

test('[C10] through any program of streams, the cap holds and all frames are closed', async () => {
  const seen = { read: 0, waited: 0, ends: new Set<string>() };
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const before = openFrames();
      const play = new Play(script);
      for (const [at, { step, branch, ticks }] of script.steps.entries()) {
        if (at === script.endAt) {
          play.end(script.end);
          seen.ends.add(script.end);
        }
        play.do(step, branch);
        if (ticks === Infinity) await microtasks();
        else for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
        play.check();
        seen.waited += play.pool.waitingCount;
      }
      seen.read += play.timestamps.flat().length;
      await play.leave();
      expect(counts(play.pool)).toBe(`free ${play.pool.capacity}, lent 0, decoding 0, idle 0, waiting 0`);
      expect(openFrames()).toBe(before);
    }),
    { numRuns: 400 },
  );
  // The scripts reach their purpose.
  expect(seen.ends.size).toBe(ENDS.length);
  expect(seen.read).toBeGreaterThan(500);
  expect(seen.waited).toBeGreaterThan(100);
}, 60_000);
