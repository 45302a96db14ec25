/**
 * Random use of streams of real frames: written, shared, read, blocked, cancelled, aborted and failed. All frames
 * are closed in the end.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FrameHandle, FramePermit } from '../../src/index.ts';
import { decodeFrames, pooledFrames, readableFrames, shareFrames } from '../../src/index.ts';
import { isOwned } from '../../src/pool/loan.ts';
import { livePictures } from '../support/accounting.ts';
import { colourFrame } from '../support/frames.ts';
import type { Track } from '../support/packets.ts';
import { trackOf } from '../support/packets.ts';
import type { Play, Steps } from '../support/random/programs.ts';
import { eventually, playAll, REASON, tasks, Wait, WatchedPool } from '../support/random/programs.ts';

const FRAMES = 12;

/** The chunk at which a failing source fails. */
const FAILS_AT = 7;
const FAILURE = new Error('the source failed');

/** Sources of frames: written one by one, piped, or decoded, from a source that is whole or fails. */
const SOURCES = ['written', 'piped', 'decoded', 'failing'] as const;

/** The start of a program of streams. */
interface Streams {
  readonly source: (typeof SOURCES)[number];
  readonly capacity: number;
  readonly highWaterMark: number;
  readonly branches: number;
}

interface Branch {
  readonly reader: ReadableStreamDefaultReader<FrameHandle>;
  asked: Wait<ReadableStreamReadResult<FrameHandle>> | null;
  read: number;
  isOver: boolean;
}

class StreamPlay extends WatchedPool implements Play {
  /** Frames that were read, in all branches. */
  readonly counts = { read: 0 };
  readonly #source: Streams['source'];
  readonly #controller = new AbortController();
  readonly #branches: readonly Branch[];
  readonly #writer: WritableStreamDefaultWriter<VideoFrame> | null = null;
  readonly #writes: { wait: Wait<void>; frame: VideoFrame }[] = [];
  readonly #permits: FramePermit[] = [];
  /** The times of all expected frames, as far as they are known. */
  readonly #times: number[] = [];
  /** Maximum of unread frames in the streams. */
  readonly #mostReady: number;
  /**
   * Maximum of frames that a branch misses if it is behind another one when the stream fails: its waiting frames
   * are released.
   */
  readonly #mostMissed: number;
  /** Whether an end other than its own has occurred. */
  #isCut = false;
  #isClosed = false;

  constructor({ source, capacity, highWaterMark, branches }: Streams, track: Track) {
    super(capacity);
    this.#source = source;
    // In the pair, and with branches in each of them; a decoder fills the pool.
    const isPair = source === 'written' || source === 'piped';
    this.#mostReady = isPair ? highWaterMark + (branches > 0 ? highWaterMark : 0) : capacity;
    this.#mostMissed = branches > 1 ? highWaterMark : 0;
    const { signal } = this.#controller;
    let readable: ReadableStream<FrameHandle>;
    if (isPair) {
      const pair = pooledFrames(this.pool, { highWaterMark, signal });
      ({ readable } = pair);
      if (source === 'written') this.#writer = pair.writable.getWriter();
      else void this.#pipe(pair.writable);
    } else {
      this.#times = track.chunks.map(({ timestamp }) => timestamp);
      const chunks = chunksOf(track, source === 'failing');
      // No reader starves here.
      readable = readableFrames(
        decodeFrames(this.pool, chunks, track.config, { signal, starvationMs: 3_600_000 }),
      );
    }
    const names = Array.from({ length: branches }, (_, index) => `branch ${index}`);
    const streams = branches === 0 ? [readable] : shareFrames(readable, names, { highWaterMark });
    this.#branches = streams.map((stream) => {
      const reader = stream.getReader();
      reader.closed.catch(() => {});
      return { reader, asked: null, read: 0, isOver: false };
    });
    this.#writer?.closed.catch(() => {});
    this.#writer?.ready.catch(() => {});
  }

  readonly steps: Steps = {
    write: () => {
      if (this.#writer === null || this.#isClosed) return;
      const writer = this.#writer;
      const frame = this.#frame();
      this.#writes.push({ frame, wait: new Wait(() => writer.write(frame)) });
    },
    read: (pick) => this.#read(this.#branches[pick % this.#branches.length] as Branch),
    release: (pick) => this.release(pick),
    reserve: () => {
      const permit = this.pool.state === 'active' ? this.pool.tryReserve() : null;
      if (permit !== null) this.#permits.push(permit);
    },
    free: () => this.#permits.shift()?.release(),
    cancel: this.#cut((pick) => this.#branches[pick % this.#branches.length]?.reader.cancel(REASON)),
    all: this.#cut(() => Promise.all(this.#branches.map(({ reader }) => reader.cancel(REASON)))),
    abort: this.#cut(() => this.#writer?.abort(REASON)),
    close: (pick) => {
      if (pick % 4 === 0) this.#close();
    },
    signal: this.#cut(() => this.#controller.abort(REASON)),
    decommit: this.#cut(() => this.pool.decommit()),
  };

  async settle(): Promise<void> {
    await tasks(2);
    this.#take();
  }

  override check(): void {
    super.check();
    const { lentCount } = this.pool;
    const taken = new Set(this.held.map(({ timestamp }) => timestamp)).size;
    expect(lentCount).toBeGreaterThanOrEqual(taken);
    expect(lentCount - taken, 'the limit of ready frames').toBeLessThanOrEqual(this.#mostReady);
    expect(livePictures()).toBeGreaterThanOrEqual(lentCount);
  }

  async end(): Promise<void> {
    for (const permit of this.#permits.splice(0)) permit.release();
    this.#close();
    await eventually(() => {
      for (const branch of this.#branches) this.#read(branch);
      this.#take();
      for (const handle of this.held.splice(0)) handle.release();
      return this.#branches.every(({ isOver }) => isOver);
    }, 'the end of every branch');
    // A reader that requested the failed frame had read all frames before it.
    if (this.#source === 'failing' && !this.#isCut)
      expect(Math.max(...this.#branches.map(({ read }) => read))).toBe(FAILS_AT);
    await eventually(() => this.#writes.every(({ wait }) => !wait.isPending), 'every write');
    await tasks(3);
    // Frames that an ended stream rejected belong to their writer.
    for (const { frame } of this.#writes) if (frame.codedWidth !== 0 && !isOwned(frame)) frame.close();
    this.check();
    expect(livePictures()).toBe(0);
    this.close();
  }

  async #pipe(writable: WritableStream<VideoFrame>): Promise<void> {
    const pull = (controller: ReadableStreamDefaultController<VideoFrame>): void => {
      if (this.#times.length < FRAMES) controller.enqueue(this.#frame());
      else controller.close();
    };
    // Without a signal of its own, because the pair's ends it. With one, the platform could reject, and drop, a
    // frame that the pipe has just read.
    await new ReadableStream({ pull }, { highWaterMark: 0 }).pipeTo(writable).catch(() => {});
  }

  #frame(): VideoFrame {
    const timestamp = this.#times.length * 40_000;
    this.#times.push(timestamp);
    return colourFrame([200, 100, 50], { timestamp, width: 16, height: 16 });
  }

  #read(branch: Branch): void {
    if (!branch.isOver) branch.asked ??= new Wait(() => branch.reader.read());
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#writer?.close().catch(() => {});
  }

  /** A step that ends a stream early. Each does so once in a few times, so that most programs get far. */
  #cut(act: (pick: number) => unknown): (pick: number) => void {
    return (pick) => {
      if (pick % 4 !== 0) return;
      this.#isCut = true;
      Promise.resolve(act(pick)).catch(() => {});
    };
  }

  /** Takes the frames that have arrived: in every branch every frame, in order, up to an expected end. */
  #take(): void {
    for (const branch of this.#branches) {
      const outcome = branch.asked?.outcome ?? null;
      if (outcome === null) continue;
      branch.asked = null;
      if ('error' in outcome) {
        branch.isOver = true;
        const isDue = outcome.error === FAILURE ? this.#source === 'failing' : this.#isCut;
        expect(isDue, `${outcome.error}`).toBe(true);
        if (outcome.error !== FAILURE) continue;
        expect(branch.read).toBeLessThanOrEqual(FAILS_AT);
        expect(branch.read).toBeGreaterThanOrEqual(FAILS_AT - this.#mostMissed);
      } else if (outcome.value.done) {
        branch.isOver = true;
        if (!this.#isCut) expect(branch.read, 'all arrived frames').toBe(this.#times.length);
      } else {
        const { value } = outcome.value;
        expect(value.timestamp, 'the next frame').toBe(this.#times[branch.read++]);
        this.held.push(value);
        this.counts.read++;
      }
    }
  }
}

async function* chunksOf({ chunks }: Track, fails: boolean): AsyncGenerator<EncodedVideoChunk> {
  for (const [at, chunk] of chunks.entries()) {
    if (fails && at === FAILS_AT) throw FAILURE;
    yield chunk;
  }
}

for (const source of SOURCES) {
  test(`streams of ${source} frames give each reader every frame, and close the unread ones [C3] [C10]`, async () => {
    const track = await trackOf('vp8.webm', FRAMES);
    await playAll({
      kinds: `write*4 read*10 release*4 reserve free cancel all abort close signal decommit`,
      most: 50,
      runs: 40,
      start: {
        source: fc.constant(source),
        capacity: fc.integer({ min: 1, max: 4 }),
        highWaterMark: fc.integer({ min: 0, max: 2 }),
        branches: fc.integer({ min: 0, max: 3 }),
      },
      begin: (start) => new StreamPlay(start, track),
      atLeast: { steps: 600, read: 20 },
    });
  });
}
