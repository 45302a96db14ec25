/** A `FrameDecoder`, at random: chunks that wait for room, flushes, resets, other configurations, a pool that grows and shrinks. */
import { expect } from 'vitest';
import type { FrameHandle } from '../../../src/index.ts';
import { FrameDecoder, VideoFramePool } from '../../../src/index.ts';
import type { Clip } from '../../media/clips.ts';
import { livePictures } from '../accounting.ts';
import type { Track } from '../packets.ts';
import type { Play, Step } from './programs.ts';
import { chosen, eventually, surely, tasks, Wait } from './programs.ts';

export const STEPS: readonly string[] =
  `decode decode decode decode decode decode decode decode release release release release release flush reset configure capacity`.split(
    ' ',
  );

/** No more calls than this wait at a time. */
const MOST_PENDING = 3;

export class DecoderPlay implements Play<Step> {
  /** Frames that came. */
  out = 0;
  readonly #pool: VideoFramePool;
  readonly #decoder: FrameDecoder;
  readonly #track: Track;
  readonly #keys: readonly number[];
  readonly #held: FrameHandle[] = [];
  #calls: { kind: string; wait: Wait<void> }[] = [];
  /** The chunk that goes in next. */
  #next = 0;
  /** Times of the frames that are to come of what went in since the last key frame that had to be, in order. */
  #due: number[] = [];
  /** Frames that came since they were looked at, each with the one that was due. */
  readonly #came: [timestamp: number, due: number | undefined][] = [];
  #heard = 0;

  constructor(track: Track, clip: Clip, capacity: number) {
    this.#track = track;
    this.#keys = clip.keyFrames;
    this.#pool = new VideoFramePool({ capacity });
    this.#pool.setListener(() => this.#heard++);
    this.#decoder = new FrameDecoder({
      pool: this.#pool,
      config: track.config,
      starvationMs: 3_600_000,
      output: (handle) => this.#onFrame(handle),
      error: (error) => expect.unreachable(String(error)),
    });
  }

  #onFrame(handle: FrameHandle): void {
    this.out++;
    this.#held.push(handle);
    this.#came.push([handle.timestamp, this.#due.shift()]);
  }

  async do({ kind, pick }: Step): Promise<void> {
    if (kind === 'decode') this.#decode();
    else if (kind === 'release') this.#release(chosen(this.#held, pick));
    else if (kind === 'flush' || kind === 'configure') await this.#startAnew(kind, pick);
    else if (kind === 'reset') await this.#reset(pick);
    else this.#pool.configure({ capacity: 1 + (pick % 4) });
    await this.#settle();
  }

  check(): void {
    for (const [timestamp, due] of this.#came.splice(0)) expect(timestamp, 'the next frame').toBe(due);
    const { capacity, freeCount, lentCount, decodingCount, surplus, released } = this.#pool.stats();
    expect(freeCount + lentCount + decodingCount, 'the cap').toBe(capacity + surplus);
    expect(lentCount, 'every frame is ours').toBe(this.#held.length);
    expect(livePictures()).toBe(lentCount);
    expect(surplus).toBeLessThanOrEqual(16);
    expect(this.#heard, 'one notice a return').toBe(released);
  }

  async end(): Promise<void> {
    await this.#drain();
    const flushed = this.#decoder.flush();
    await surely(flushed, 'the last flush');
    expect(this.#due, 'all that went in came out').toEqual([]);
    this.#decoder.close();
    await this.#drain();
    await tasks(1);
    this.check();
    expect([this.#pool.lentCount, this.#pool.decodingCount, this.#pool.waitingCount]).toEqual([0, 0, 0]);
    this.#pool.close();
  }

  /** Presentation order is what is due; the chunk's own time takes its place among what has not come. */
  #decode(): void {
    const chunk = this.#track.chunks[this.#next];
    if (chunk === undefined || this.#calls.length >= MOST_PENDING) return;
    this.#next++;
    this.#due.push(chunk.timestamp);
    this.#due.sort((one, other) => one - other);
    this.#call('decode', this.#decoder.decode(chunk));
  }

  #call(kind: string, promise: Promise<void>): void {
    this.#calls.push({ kind, wait: new Wait(promise) });
  }

  #release(handle: FrameHandle | undefined): void {
    if (handle === undefined) return;
    this.#held.splice(this.#held.indexOf(handle), 1);
    handle.release();
  }

  /** All that went in comes out, and the next is a key frame. What waits for room goes in first. */
  async #startAnew(kind: 'flush' | 'configure', pick: number): Promise<void> {
    await this.#drain();
    await surely(
      kind === 'flush' ? this.#decoder.flush() : this.#decoder.configure(this.#track.config),
      kind,
    );
    expect(this.#due, 'all that went in came out').toEqual([]);
    this.#next = chosen(this.#keys, pick) ?? 0;
  }

  /** What went in and has not come never comes, and what waited says so. */
  async #reset(pick: number): Promise<void> {
    const calls = this.#calls.splice(0);
    this.#decoder.reset();
    this.#due = [];
    this.#next = chosen(this.#keys, pick) ?? 0;
    for (const { wait } of calls) {
      await surely(wait.settled, 'a call that was reset');
      const { outcome } = wait;
      if (outcome !== null && 'error' in outcome) expect(outcome.error.name).toBe('AbortError');
    }
  }

  /** Releases until nothing waits any more. */
  async #drain(): Promise<void> {
    await eventually(() => {
      for (const handle of this.#held.splice(0)) handle.release();
      this.#takeSettled();
      return this.#calls.length === 0;
    }, 'calls that waited for room');
  }

  /** While there is room beside what we hold, every call comes to its end. */
  async #settle(): Promise<void> {
    await tasks(1);
    await eventually(() => {
      this.#takeSettled();
      return this.#calls.length === 0 || this.#held.length >= this.#pool.capacity;
    }, 'a call');
    await tasks(1);
    this.#takeSettled();
  }

  #takeSettled(): void {
    for (const { kind, wait } of this.#calls) {
      if (wait.outcome !== null && 'error' in wait.outcome)
        throw new Error(`${kind} failed`, { cause: wait.outcome.error });
    }
    this.#calls = this.#calls.filter(({ wait }) => wait.isPending);
  }
}
