/** Random readings of a clip with real decoders: frames are taken or delayed, and readings are left, aborted and restarted. */
import { expect } from 'vitest';
import type { FrameHandle } from '../../../src/index.ts';
import { FrameBudget } from '../../../src/index.ts';
import type { VideoReader } from '../../../src/media/index.ts';
import { budgetBehind } from '../../../src/pool/budget.ts';
import type { Clip } from '../../media/clips.ts';
import { clip, numbersOf, timestampsOf } from '../../media/clips.ts';
import { livePictures } from '../accounting.ts';
import { markOf } from '../picture.ts';
import type { Play, Steps } from './programs.ts';
import { chosen, eventually, REASON, tasks, Wait, WatchedPool, withOne } from './programs.ts';

/** Disables starvation, because a caller may wait long for a frame until another frame is released. */
const STARVATION_MS = 3_600_000;

/** A reading of a clip in a pool of its own. */
class Lane extends WatchedPool {
  /** Numbers of frames that were read in sequence, and by `frameAt()`. */
  taken = 0;
  sought = 0;
  readonly #reader: VideoReader;
  readonly #times: readonly number[];
  readonly #numbers: readonly number[];
  #frames: AsyncIterableIterator<FrameHandle>;
  #controller = new AbortController();
  /** Times of the frames that are still expected. */
  #ahead: readonly number[] = [];
  /** `'aborted'`: the next call rejects, if none was pending. */
  #state: 'running' | 'aborted' | 'over' = 'running';
  /** The pending call for the next frame or the end. */
  asked: Wait<IteratorResult<FrameHandle, unknown>> | null = null;
  soughtAt: { time: number; wait: Wait<FrameHandle> } | null = null;

  constructor(reader: VideoReader, film: Clip, capacity: number, budget: FrameBudget | null) {
    super(capacity, budget);
    this.#reader = reader;
    this.#times = timestampsOf(film);
    this.#numbers = numbersOf(film);
    this.#frames = this.#begin(-Infinity, Infinity);
  }

  readonly steps: Steps = {
    next: () => void (this.asked ??= new Wait(() => this.#frames.next())),
    release: (pick) => this.release(pick),
    look: withOne(() => this.held)(({ frame, timestamp }) =>
      expect(markOf(frame)).toBe(this.#numbers[this.#times.indexOf(timestamp)]),
    ),
    leave: () => this.leave(),
    abort: () => {
      this.#controller.abort(REASON);
      if (this.#state === 'running') this.#state = 'aborted';
    },
    // Leaves, and continues at another time. Earlier calls have settled.
    seek: async (pick) => {
      await this.leave();
      await this.asked?.settled;
      this.take();
      const start = chosen(this.#times, pick) ?? 0;
      // From between two frames, up to a few frames farther.
      this.#frames = this.#begin(start + (pick % 2), pick % 3 === 0 ? start + 200_000 : Infinity);
    },
    frameAt: (pick) => {
      const { pool } = this;
      const time = (chosen(this.#times, pick) ?? 0) + 1;
      const seek = (signal: AbortSignal): Promise<FrameHandle> =>
        this.#reader.frameAt(time, { pool, signal, starvationMs: STARVATION_MS });
      this.soughtAt ??= { time, wait: new Wait(seek) };
    },
    stop: () => this.stopSeeking(),
    capacity: (pick) => this.pool.configure({ capacity: 1 + (pick % 5) }),
  };

  async leave(): Promise<void> {
    await this.#frames.return?.();
    this.#state = 'over';
  }

  async stopSeeking(): Promise<void> {
    this.soughtAt?.wait.controller.abort(REASON);
    await this.soughtAt?.wait.settled;
    this.take();
  }

  /** Takes the frames that have arrived, which must be the expected frames. */
  take(): void {
    this.#takeNext();
    this.#takeSought();
  }

  override check(): void {
    super.check();
    expect(this.pool.lentCount).toBeGreaterThanOrEqual(this.held.length);
  }

  #begin(from: number, to: number): AsyncIterableIterator<FrameHandle> {
    const first = this.#times.findLastIndex((time) => time <= from);
    this.#ahead = this.#times.slice(Math.max(0, first)).filter((time) => time < to);
    this.#state = 'running';
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    return this.#reader.frames({ pool: this.pool, from, to, signal, starvationMs: STARVATION_MS });
  }

  #takeNext(): void {
    const outcome = this.asked?.outcome ?? null;
    if (outcome === null) return;
    this.asked = null;
    if ('error' in outcome) {
      expect([outcome.error, this.#state]).toEqual([REASON, 'aborted']);
      this.#state = 'over';
      return;
    }
    const { done, value } = outcome.value;
    if (done === true) {
      // The iteration may end by itself only after all frames have arrived.
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
    const { time = 0, wait } = this.soughtAt ?? {};
    if (wait === undefined || wait.outcome === null) return;
    this.soughtAt = null;
    if ('error' in wait.outcome) {
      expect(wait.controller.signal.aborted, String(wait.error)).toBe(true);
      return;
    }
    const { value } = wait.outcome;
    expect(value.timestamp).toBe(this.#times.findLast((each) => each <= time));
    this.held.push(value);
    this.sought++;
  }
}

/** The start parameters of a program of readings. */
export interface Readings {
  readonly file: string;
  readonly capacities: readonly number[];
  /** Maximum number of frames of all pools together. Null for pools without a budget. */
  readonly maxFrames: number | null;
}

export class ReadingPlay implements Play {
  readonly steps: Steps;
  readonly #lanes: readonly Lane[];
  readonly #budget: FrameBudget | null;

  constructor(reader: VideoReader, { file, capacities, maxFrames }: Readings) {
    this.#budget = maxFrames === null ? null : new FrameBudget({ maxFrames });
    this.#lanes = capacities.map((capacity) => new Lane(reader, clip(file), capacity, this.#budget));
    const act = (kind: string, pick: number): unknown =>
      chosen(this.#lanes, pick)?.steps[kind]?.(Math.floor(pick / this.#lanes.length));
    const kinds = Object.keys(this.#lanes[0]?.steps ?? {});
    this.steps = Object.fromEntries(kinds.map((kind) => [kind, (pick) => act(kind, pick)]));
  }

  get counts(): { taken: number; sought: number } {
    return { taken: this.#sum(({ taken }) => taken), sought: this.#sum(({ sought }) => sought) };
  }

  /** Waits until each requested frame has arrived, as far as there is room for it. */
  async settle(): Promise<void> {
    for (const lane of this.#lanes) {
      await tasks(1);
      await eventually(() => {
        lane.take();
        return lane.asked === null || !this.#isDue(lane);
      }, 'the requested frame');
      // Notices are delivered in microtasks.
      await tasks(1);
      lane.take();
    }
  }

  #isDue({ pool, held, soughtAt }: Lane): boolean {
    const budget = this.#budget;
    if (held.length >= pool.capacity) return false;
    if (budget === null && soughtAt === null) return true;
    // Frames that other readings have decoded ahead may take the room, but not the room of a frame that is in the decoder or
    // fits.
    const hasRoom = pool.freeCount > 0 && (budget === null || budget.frames < budget.maxFrames - 1);
    return hasRoom || pool.decodingCount > 0;
  }

  #sum(of: (lane: Lane) => number): number {
    return this.#lanes.reduce((sum, lane) => sum + of(lane), 0);
  }

  check(): void {
    const lent = this.#sum(({ pool }) => pool.lentCount);
    expect(livePictures(), 'every frame is in a slot').toBe(lent);
    for (const lane of this.#lanes) lane.check();
    if (this.#budget === null) return;
    const account = budgetBehind(this.#budget);
    if (account === undefined) throw new Error('the budget has no account');
    expect(this.#budget.frames).toBe(lent + this.#sum(({ pool }) => pool.decodingCount));
    // Frames that decoders made beyond the limit do not count.
    expect(account.frames - account.overFrames).toBeLessThanOrEqual(account.maxFrames);
  }

  async end(): Promise<void> {
    // A lane without a pending call may hold frames that other lanes wait for. Once it is left, each call settles if its frame is
    // taken.
    for (const lane of this.#lanes) {
      await lane.stopSeeking();
      if (lane.asked === null) await lane.leave();
    }
    await eventually(() => {
      for (const lane of this.#lanes) {
        lane.take();
        for (const handle of lane.held.splice(0)) handle.release();
      }
      return this.#lanes.every(({ asked }) => asked === null);
    }, 'all requested frames');
    for (const lane of this.#lanes) await lane.leave();
    await tasks(1);
    this.check();
    for (const lane of this.#lanes) lane.close();
  }
}
