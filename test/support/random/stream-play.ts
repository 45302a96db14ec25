/** Streams of real frames, at random: written, shared, read, held up, cancelled, aborted and failed. */
import { expect } from 'vitest';
import type { FrameHandle, FramePermit } from '../../../src/index.ts';
import {
  decodeFrames,
  pooledFrames,
  readableFrames,
  shareFrames,
  VideoFramePool,
} from '../../../src/index.ts';
import { isOwned } from '../../../src/pool/lifeline.ts';
import { livePictures } from '../accounting.ts';
import { colourFrame } from '../frames.ts';
import type { Track } from '../packets.ts';
import type { Play, Step } from './programs.ts';
import { chosen, eventually, tasks, Wait } from './programs.ts';

export const STEPS: readonly string[] =
  `write write write write read read read read read read read read read read release release release release reserve free cancel
   all abort close signal decommit`.split(/\s+/u);

/** Where frames come from: written one by one, piped, or decoded, from a source that is whole or fails. */
export const SOURCES = ['written', 'piped', 'decoded', 'failing'] as const;

/** What a program of streams begins with. */
export interface Streams {
  readonly source: (typeof SOURCES)[number];
  readonly capacity: number;
  readonly ahead: number;
  readonly branches: number;
}

const REASON = new Error('the reason');
const FAILURE = new Error('the source failed');

/** Nobody starves here. */
const STARVATION_MS = 3_600_000;

interface Branch {
  readonly reader: ReadableStreamDefaultReader<FrameHandle>;
  asked: Wait<ReadableStreamReadResult<FrameHandle>> | null;
  read: number;
  isOver: boolean;
}

export class StreamPlay implements Play<Step> {
  /** Frames that were read, in all branches. */
  read = 0;
  readonly #pool: VideoFramePool;
  readonly #source: Streams['source'];
  readonly #controller = new AbortController();
  readonly #branches: readonly Branch[];
  readonly #writer: WritableStreamDefaultWriter<VideoFrame> | null = null;
  readonly #writes: { wait: Wait<void>; frame: VideoFrame }[] = [];
  readonly #held: FrameHandle[] = [];
  readonly #permits: FramePermit[] = [];
  /** The times of all frames that come, as far as they are known. */
  readonly #times: number[] = [];
  /** How many frames may lie in the streams, and nobody has read them. */
  readonly #mostReady: number;
  /** How many frames a branch may miss that is behind another one when the stream fails: what waits there is let go. */
  readonly #mostMissed: number;
  /** Whether anything came to another end than its own. */
  #isCut = false;
  #isClosed = false;
  #heard = 0;

  constructor({ source, capacity, ahead, branches }: Streams, track: Track) {
    this.#source = source;
    // In the pair, and where there are branches in each of them; a decoder fills the pool.
    const isPair = source === 'written' || source === 'piped';
    this.#mostReady = isPair ? ahead + (branches > 0 ? ahead : 0) : capacity;
    this.#mostMissed = branches > 1 ? ahead : 0;
    this.#pool = new VideoFramePool({ capacity });
    this.#pool.setListener(() => this.#heard++);
    const { signal } = this.#controller;
    let readable: ReadableStream<FrameHandle>;
    if (isPair) {
      const pair = pooledFrames(this.#pool, { ahead, signal });
      ({ readable } = pair);
      if (source === 'written') this.#writer = pair.writable.getWriter();
      else void this.#pipe(pair.writable);
    } else {
      this.#times = track.chunks.map(({ timestamp }) => timestamp);
      const frames = decodeFrames(this.#pool, chunksOf(track, source === 'failing'), track.config, {
        signal,
        starvationMs: STARVATION_MS,
      });
      readable = readableFrames(frames);
    }
    const names = Array.from({ length: branches }, (_, index) => `branch ${index}`);
    const streams = branches === 0 ? [readable] : shareFrames(readable, names, { ahead });
    this.#branches = streams.map((stream) => ({
      reader: stream.getReader(),
      asked: null,
      read: 0,
      isOver: false,
    }));
    for (const each of [this.#writer, ...this.#branches.map(({ reader }) => reader)])
      each?.closed.catch(() => {});
    this.#writer?.ready.catch(() => {});
  }

  async do({ kind, pick }: Step): Promise<void> {
    const branch = chosen(this.#branches, pick) as Branch;
    if (kind === 'write') this.#write();
    else if (kind === 'read') this.#read(branch);
    else if (kind === 'release') this.#held.splice(pick % Math.max(1, this.#held.length), 1)[0]?.release();
    else if (kind === 'reserve') this.#reserve();
    else if (kind === 'free') this.#permits.shift()?.release();
    // Each end in one program of a few: most come far.
    else if (pick % 4 === 0) this.#cut(kind, branch);
    await tasks(2);
    this.#take();
  }

  check(): void {
    const { capacity, freeCount, lentCount, decodingCount, surplus, released } = this.#pool.stats();
    expect(freeCount + lentCount + decodingCount, 'the cap').toBe(capacity + surplus);
    const taken = new Set(this.#held.map(({ timestamp }) => timestamp)).size;
    expect(lentCount).toBeGreaterThanOrEqual(taken);
    expect(lentCount - taken, 'no more lie ready than may').toBeLessThanOrEqual(this.#mostReady);
    expect(livePictures()).toBeGreaterThanOrEqual(lentCount);
    expect(this.#heard, 'one notice a return').toBe(released);
    for (const handle of this.#held) expect(handle.frame.codedWidth).toBeGreaterThan(0);
  }

  async end(): Promise<void> {
    for (const permit of this.#permits.splice(0)) permit.release();
    this.#close();
    await eventually(() => {
      for (const branch of this.#branches) this.#read(branch);
      this.#take();
      for (const handle of this.#held.splice(0)) handle.release();
      return this.#branches.every(({ isOver }) => isOver);
    }, 'the end of every branch');
    // Who asked for what never came had read all before it.
    if (this.#source === 'failing' && !this.#isCut)
      expect(Math.max(...this.#branches.map(({ read }) => read))).toBe(FAILS_AT);
    await eventually(() => this.#writes.every(({ wait }) => !wait.isPending), 'every write');
    await tasks(3);
    // What an ended stream refused is its writer's.
    for (const { frame } of this.#writes) if (frame.codedWidth !== 0 && !isOwned(frame)) frame.close();
    this.check();
    expect([this.#pool.lentCount, this.#pool.decodingCount, this.#pool.waitingCount]).toEqual([0, 0, 0]);
    expect(livePictures()).toBe(0);
    this.#pool.close();
  }

  async #pipe(writable: WritableStream<VideoFrame>): Promise<void> {
    const frames = new ReadableStream<VideoFrame>(
      {
        pull: (controller) => {
          if (this.#times.length < 12) controller.enqueue(this.#frame());
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    // Without a signal of its own: the pair's ends it. One that the pipe heard could make the platform refuse, and drop, a
    // frame that the pipe has just read.
    await frames.pipeTo(writable).catch(() => {});
  }

  #frame(): VideoFrame {
    const timestamp = this.#times.length * 40_000;
    this.#times.push(timestamp);
    return colourFrame([200, 100, 50], { timestamp, width: 16, height: 16 });
  }

  #write(): void {
    if (this.#writer === null || this.#isClosed) return;
    const frame = this.#frame();
    this.#writes.push({ frame, wait: new Wait(this.#writer.write(frame)) });
  }

  #read(branch: Branch): void {
    if (!branch.isOver) branch.asked ??= new Wait(branch.reader.read());
  }

  #reserve(): void {
    if (this.#pool.state !== 'active') return;
    const permit = this.#pool.tryReserve();
    if (permit !== null) this.#permits.push(permit);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#writer?.close().catch(() => {});
  }

  #cut(way: string, { reader }: Branch): void {
    if (way === 'close') {
      this.#close();
      return;
    }
    this.#isCut = true;
    if (way === 'cancel') reader.cancel(REASON).catch(() => {});
    else if (way === 'all') for (const branch of this.#branches) branch.reader.cancel(REASON).catch(() => {});
    else if (way === 'abort') this.#writer?.abort(REASON).catch(() => {});
    else if (way === 'signal') this.#controller.abort(REASON);
    else void this.#pool.decommit();
  }

  /** Takes what has come: in every branch every frame, in its turn, up to an end that was due. */
  #take(): void {
    for (const branch of this.#branches) {
      const outcome = branch.asked?.outcome ?? null;
      if (outcome === null) continue;
      branch.asked = null;
      if ('error' in outcome) {
        branch.isOver = true;
        const isDue = outcome.error === FAILURE ? this.#source === 'failing' : this.#isCut;
        expect(isDue, `${outcome.error}`).toBe(true);
        if (outcome.error === FAILURE) {
          expect(branch.read).toBeLessThanOrEqual(FAILS_AT);
          expect(branch.read).toBeGreaterThanOrEqual(FAILS_AT - this.#mostMissed);
        }
      } else if (outcome.value.done) {
        branch.isOver = true;
        if (!this.#isCut) expect(branch.read, 'all that came').toBe(this.#times.length);
      } else {
        const { value } = outcome.value;
        expect(value.timestamp, 'the next frame').toBe(this.#times[branch.read++]);
        this.#held.push(value);
        this.read++;
      }
    }
  }
}

/** The chunk that a failing source fails instead of. */
const FAILS_AT = 7;

async function* chunksOf({ chunks }: Track, fails: boolean): AsyncGenerator<EncodedVideoChunk> {
  for (const [at, chunk] of chunks.entries()) {
    if (fails && at === FAILS_AT) throw FAILURE;
    yield chunk;
  }
}
