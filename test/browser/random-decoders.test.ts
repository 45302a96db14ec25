/** Random use of the platform's decoders: caps and a budget are never exceeded, and no frame is lost or repeated. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameDecoder } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { clip } from '../media/clips.ts';
import { livePictures } from '../support/accounting.ts';
import type { Track } from '../support/packets.ts';
import { clipBlob, trackOf } from '../support/packets.ts';
import type { Play, Steps } from '../support/random/programs.ts';
import {
  chosen,
  eventually,
  playAll,
  settledSoon,
  tasks,
  Wait,
  WatchedPool,
} from '../support/random/programs.ts';
import { ReadingPlay } from '../support/random/reading-play.ts';

/** No more calls than this wait at a time. */
const MOST_PENDING = 3;

/** A `FrameDecoder`: chunks that wait for room, flushes, resets, other configurations, a pool that grows and shrinks. */
class DecoderPlay extends WatchedPool implements Play {
  readonly counts = { out: 0 };
  readonly #decoder: FrameDecoder;
  readonly #track: Track;
  readonly #keys: readonly number[];
  #calls: Wait<void>[] = [];
  /** The next chunk. */
  #next = 0;
  /** Times of the frames that are expected since the last required key frame, in order. */
  #due: number[] = [];
  /** Frames that arrived since the last check, each with the expected one. */
  readonly #came: [timestamp: number, due: number | undefined][] = [];

  constructor(track: Track, keys: readonly number[], capacity: number) {
    super(capacity);
    this.#track = track;
    this.#keys = keys;
    this.#decoder = new FrameDecoder({
      pool: this.pool,
      config: track.config,
      starvationMs: 3_600_000,
      output: (handle) => {
        this.counts.out++;
        this.held.push(handle);
        this.#came.push([handle.timestamp, this.#due.shift()]);
      },
      error: (error) => expect.unreachable(String(error)),
    });
  }

  readonly steps: Steps = {
    // Presentation order is expected; the chunk's own time takes its place among the times of missing frames.
    decode: () => {
      const chunk = this.#track.chunks[this.#next];
      if (chunk === undefined || this.#calls.length >= MOST_PENDING) return;
      this.#next++;
      this.#due.push(chunk.timestamp);
      this.#due.sort((one, other) => one - other);
      this.#calls.push(new Wait(() => this.#decoder.decode(chunk)));
    },
    release: (pick) => this.release(pick),
    flush: (pick) => this.#restart(pick, () => this.#decoder.flush()),
    configure: (pick) => this.#restart(pick, () => this.#decoder.configure(this.#track.config)),
    // Frames of chunks inside never arrive, and pending calls reject.
    reset: async (pick) => {
      const calls = this.#calls.splice(0);
      this.#decoder.reset();
      this.#due = [];
      this.#next = chosen(this.#keys, pick) ?? 0;
      for (const call of calls) {
        await settledSoon(call.settled, 'a call that was reset');
        if (call.error !== null) expect(call.error.name).toBe('AbortError');
      }
    },
    capacity: (pick) => this.pool.configure({ capacity: 1 + (pick % 4) }),
  };

  /** If there is room beside the frames held here, every call settles. */
  async settle(): Promise<void> {
    await tasks(1);
    await eventually(() => {
      this.#takeSettled();
      return this.#calls.length === 0 || this.held.length >= this.pool.capacity;
    }, 'a call');
    await tasks(1);
    this.#takeSettled();
  }

  override check(): void {
    super.check();
    for (const [timestamp, due] of this.#came.splice(0)) expect(timestamp, 'the next frame').toBe(due);
    expect(this.pool.lentCount, 'every frame is known').toBe(this.held.length);
    expect(livePictures()).toBe(this.held.length);
  }

  async end(): Promise<void> {
    await this.#restart(0, () => this.#decoder.flush());
    this.#decoder.close();
    await this.#drain();
    await tasks(1);
    this.check();
    this.close();
  }

  /** A frame of every chunk arrives, and the next chunk is a key frame. Chunks that wait for room enter first. */
  async #restart(pick: number, call: () => Promise<void>): Promise<void> {
    await this.#drain();
    await settledSoon(call(), 'a call that empties the decoder');
    expect(this.#due, 'all frames came out').toEqual([]);
    this.#next = chosen(this.#keys, pick) ?? 0;
  }

  /** Releases until no call is pending. */
  async #drain(): Promise<void> {
    await eventually(() => {
      for (const handle of this.held.splice(0)) handle.release();
      this.#takeSettled();
      return this.#calls.length === 0;
    }, 'calls that waited for room');
  }

  #takeSettled(): void {
    for (const { error } of this.#calls)
      if (error !== null) throw new Error('a call failed', { cause: error });
    this.#calls = this.#calls.filter(({ isPending }) => isPending);
  }
}

for (const file of ['vp8.webm', 'vp9_hidden.webm', 'h264_bframes.mp4']) {
  test(`readings of ${file} give every frame in order through random programs [C3] [C4] [C9] [C10]`, async () => {
    const reader = await openVideo(await clipBlob(file));
    await playAll({
      kinds: 'next*9 release*5 look leave abort seek*2 frameAt stop capacity',
      most: 50,
      runs: 30,
      start: {
        file: fc.constant(file),
        capacities: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 }),
        maxFrames: fc.option(fc.integer({ min: 2, max: 6 })),
      },
      begin: (start) => new ReadingPlay(reader, start),
      atLeast: { steps: 500, taken: 30, sought: 2 },
    });
    await reader.close();
  });

  test(`a FrameDecoder gives every frame of ${file} in order through random programs [C3] [C9] [C10]`, async () => {
    const track = await trackOf(file);
    await playAll({
      kinds: 'decode*8 release*5 flush reset configure capacity',
      most: 50,
      // A decoder that needs more than one chunk is waited for, so there are fewer.
      runs: 12,
      start: { capacity: fc.integer({ min: 1, max: 4 }) },
      begin: ({ capacity }) => new DecoderPlay(track, clip(file).keyFrames, capacity),
      atLeast: { steps: 200, out: 30 },
    });
  });
}
