/** One reading of a clip in a pool of its own: what is asked, what is held, and what is to come next. */
import { expect } from 'vitest';
import type { FrameBudget, FrameHandle } from '../../../src/index.ts';
import { VideoFramePool } from '../../../src/index.ts';
import type { VideoReader } from '../../../src/media/index.ts';
import type { Clip } from '../../media/clips.ts';
import { numbersOf, timestampsOf } from '../../media/clips.ts';
import { markOf } from '../picture.ts';
import { Wait } from './programs.ts';

/** Nobody starves here: who waits for a frame may wait for long until somebody lets go. */
const STARVATION_MS = 3_600_000;

const REASON = new Error('the reason');

type Frames = AsyncIterableIterator<FrameHandle>;
type Result = IteratorResult<FrameHandle, unknown>;

export class Lane {
  readonly pool: VideoFramePool;
  readonly held: FrameHandle[] = [];
  /** Frames that came by reading on, and by `frameAt()`. */
  taken = 0;
  sought = 0;
  /** Notices that came. */
  heard = 0;
  readonly #reader: VideoReader;
  readonly #times: readonly number[];
  readonly #numbers: readonly number[];
  #frames: Frames;
  #controller = new AbortController();
  /** Frames that are to come yet. */
  #ahead: readonly number[] = [];
  /** `'aborted'`: the next that is asked for rejects, if none was pending. */
  #state: 'running' | 'aborted' | 'over' = 'running';
  #asked: Wait<Result> | null = null;
  #soughtAt: { time: number; wait: Wait<FrameHandle>; controller: AbortController } | null = null;

  constructor(reader: VideoReader, clip: Clip, capacity: number, budget: FrameBudget | null) {
    this.#reader = reader;
    this.#times = timestampsOf(clip);
    this.#numbers = numbersOf(clip);
    this.pool = new VideoFramePool({ capacity, ...(budget === null ? {} : { budget }) });
    this.pool.setListener(({ reason, discarded }) => {
      expect([reason, discarded]).toEqual(['released', false]);
      this.heard++;
    });
    this.#frames = this.#begin(-Infinity, Infinity);
  }

  /** Whether a frame, or the end, was asked for and has not come. */
  get isPending(): boolean {
    return this.#asked !== null;
  }

  get isSeeking(): boolean {
    return this.#soughtAt !== null;
  }

  next(): void {
    this.#asked ??= new Wait(this.#frames.next());
  }

  async leave(): Promise<void> {
    await this.#frames.return?.();
    this.#state = 'over';
  }

  abort(): void {
    this.#controller.abort(REASON);
    if (this.#state === 'running') this.#state = 'aborted';
  }

  /** Leaves, and reads on elsewhere. What was asked before has come to its end. */
  async seek(pick: number): Promise<void> {
    await this.leave();
    await this.#asked?.settled;
    this.take();
    const start = this.#times[pick % this.#times.length] ?? 0;
    // Between two frames, and up to a few frames farther.
    this.#frames = this.#begin(start + (pick % 2), pick % 3 === 0 ? start + 200_000 : Infinity);
  }

  frameAt(pick: number): void {
    if (this.#soughtAt !== null) return;
    const time = (this.#times[pick % this.#times.length] ?? 0) + 1;
    const controller = new AbortController();
    const options = { pool: this.pool, signal: controller.signal, starvationMs: STARVATION_MS };
    this.#soughtAt = { time, controller, wait: new Wait(this.#reader.frameAt(time, options)) };
  }

  async stopSeeking(): Promise<void> {
    this.#soughtAt?.controller.abort(REASON);
    await this.#soughtAt?.wait.settled;
    this.take();
  }

  /** Takes what has come, which must be what was due. */
  take(): void {
    this.#takeNext();
    this.#takeSought();
  }

  /** The frame shows what it must. */
  look(handle: FrameHandle): void {
    expect(markOf(handle.frame)).toBe(this.#numbers[this.#times.indexOf(handle.timestamp)]);
  }

  check(): void {
    const { capacity, freeCount, lentCount, decodingCount, surplus, released } = this.pool.stats();
    expect(freeCount + lentCount + decodingCount, 'the cap').toBe(capacity + surplus);
    expect(freeCount).toBeGreaterThanOrEqual(0);
    expect(surplus).toBeLessThanOrEqual(16);
    expect(lentCount).toBeGreaterThanOrEqual(this.held.length);
    expect(this.heard, 'one notice a return').toBe(released);
    for (const handle of this.held) expect(handle.frame.codedWidth).toBeGreaterThan(0);
  }

  #begin(from: number, to: number): Frames {
    const first = this.#times.findLastIndex((time) => time <= from);
    this.#ahead = this.#times.slice(Math.max(0, first)).filter((time) => time < to);
    this.#state = 'running';
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    const { pool } = this;
    return this.#reader.frames({ pool, from, to, signal, starvationMs: STARVATION_MS });
  }

  #takeNext(): void {
    const outcome = this.#asked?.outcome ?? null;
    if (outcome === null) return;
    this.#asked = null;
    if ('error' in outcome) {
      expect([outcome.error, this.#state]).toEqual([REASON, 'aborted']);
      this.#state = 'over';
      return;
    }
    const { done, value } = outcome.value;
    if (done === true) {
      // By itself only when all has come.
      if (this.#state === 'running') expect(this.#ahead).toEqual([]);
      else expect(this.#state).toBe('over');
      this.#state = 'over';
      return;
    }
    const [due, ...ahead] = this.#ahead;
    expect(value.timestamp, 'the next frame').toBe(due);
    this.#ahead = ahead;
    this.held.push(value);
    this.taken++;
  }

  #takeSought(): void {
    const sought = this.#soughtAt;
    const outcome = sought?.wait.outcome ?? null;
    if (sought === null || outcome === null) return;
    this.#soughtAt = null;
    if ('error' in outcome) {
      expect(sought.controller.signal.aborted, String(outcome.error)).toBe(true);
      return;
    }
    const { value } = outcome;
    expect(value.timestamp).toBe(this.#times.findLast((time) => time <= sought.time));
    this.held.push(value);
    this.sought++;
  }
}
