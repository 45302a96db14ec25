/**
 * The player's core: a clock, a reader and a pool; no page.
 *
 * Who owns each frame: the iteration or `frameAt()` hands a handle to `#show()`, which lends it to the screen for one call
 * and releases it. Between two frames the player holds at most the one that is due next. The screen keeps pixels, not
 * frames, so a pool of one slot is enough to play. The reader stays the caller's.
 */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { PoolStarvedError } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import type { Playable, PlayableEvents, PlayState, Seekable } from './playable.ts';
import { STARVATION_MS } from './playable.ts';

/** What the player tells, and what it asks of the page. */
export interface PlayerEvents extends PlayableEvents {
  /** Resolves with the page's time in ms when it is ready for the next picture; not while it is hidden. */
  nextPaint(signal: AbortSignal): Promise<number>;
}

/** Later than this and the clock is set anew: after a hidden tab or a stall, playing goes on instead of catching up. */
const MAX_LATE_MS = 250;

/** How frames are asked for. */
interface Where {
  readonly pool: VideoFramePool;
  readonly signal: AbortSignal;
  readonly holder: string;
  readonly starvationMs: number;
}

export class Player implements Playable, Seekable {
  readonly #pool: VideoFramePool;
  readonly #events: PlayerEvents;
  #reader: VideoReader | null = null;
  #state: PlayState = 'empty';
  /** The time of the frame that is on the screen, in µs. */
  #position = 0;
  /** Ends what is running: a run of frames, a step or a seek. */
  #stop = new AbortController();
  #wantedTime: number | null = null;
  #seeking: Promise<void> | null = null;
  /** Counts up with each `load()` and `unload()`. */
  #turn = 0;

  constructor(pool: VideoFramePool, events: PlayerEvents) {
    this.#pool = pool;
    this.#events = events;
  }

  get state(): PlayState {
    return this.#state;
  }

  get position(): number {
    return this.#position;
  }

  get seekable(): Seekable | null {
    return this.#reader === null ? null : this;
  }

  /** When the first frame begins that is meant to be shown: an edit list may have cut those before 0 off. */
  get start(): number {
    return Math.max(0, this.#reader?.firstTimestamp ?? 0);
  }

  get end(): number {
    return this.#reader?.duration ?? 0;
  }

  /** Shows a reader's first frame, unless another `load()` or an `unload()` comes meanwhile. */
  async load(reader: VideoReader): Promise<void> {
    this.unload();
    const turn = this.#turn;
    await this.#seeking;
    if (turn !== this.#turn) return;
    this.#reader = reader;
    this.#enter('paused');
    await this.seek(this.start);
  }

  /** Leaves the reader; nothing of it stays lent. */
  unload(): void {
    this.#turn++;
    this.#reader = null;
    this.#wantedTime = null;
    this.#halt();
    this.#position = 0;
    this.#enter('empty');
  }

  /** Goes on where it is, with another reader of the same film. Resolves when the one before is not read any more. */
  async exchange(reader: VideoReader): Promise<void> {
    this.#reader = reader;
    if (this.#state === 'playing') {
      this.pause();
      this.play();
    } else if (this.#state !== 'starved' && this.#seeking === null) {
      // A step may be on its way. Who waits for a slot reads nothing, and goes on with the new one.
      this.#halt();
    }
    await this.#seeking;
  }

  play(): void {
    if (this.#reader === null || this.#state === 'playing') return;
    const from = this.#state === 'ended' ? this.start : this.#position;
    this.#halt();
    this.#enter('playing');
    void this.#run(this.#reader, from, this.#stop.signal);
  }

  pause(): void {
    if (this.#state !== 'playing' && this.#state !== 'starved') return;
    this.#halt();
    this.#enter('paused');
  }

  /** Shows the frame at a time. Of many wishes only the newest is fulfilled; a player that played plays on from there. */
  seek(time: number): Promise<void> {
    this.#wantedTime = time;
    this.#seeking ??= this.#seekToWanted().finally(() => {
      this.#seeking = null;
    });
    return this.#seeking;
  }

  showAgain(): void {
    void this.seek(this.#position);
  }

  async step(direction: 1 | -1): Promise<void> {
    const reader = this.#reader;
    if (reader === null) return;
    this.pause();
    await this.#seeking;
    if (direction === -1) {
      await this.seek(this.#position - 1);
      return;
    }
    this.#halt();
    this.#enter('paused');
    const { signal } = this.#stop;
    await this.#guard(signal, async () => {
      const here = this.#position;
      for await (const handle of reader.frames({ ...this.#where(signal), from: here })) {
        const isNext = handle.timestamp > here;
        if (isNext) this.#show(handle);
        handle.release();
        if (isNext) break;
      }
    });
  }

  async #seekToWanted(): Promise<void> {
    const resume = this.#state === 'playing';
    this.#halt();
    if (this.#reader === null) return;
    this.#enter('paused');
    const { signal } = this.#stop;
    while (this.#wantedTime !== null && this.#reader !== null && !signal.aborted) {
      const reader: VideoReader = this.#reader;
      const time = this.#wantedTime;
      this.#wantedTime = null;
      await this.#guard(signal, async () => this.#show(await reader.frameAt(time, this.#where(signal))));
    }
    if (resume && !signal.aborted && this.#state === 'paused') this.play();
  }

  async #run(reader: VideoReader, from: number, signal: AbortSignal): Promise<void> {
    const finished = await this.#guard(signal, async () => {
      let base: { clock: number; media: number } | null = null;
      for await (const handle of reader.frames({ ...this.#where(signal), from })) {
        try {
          for (let due = Infinity, now = -Infinity; now < due;) {
            now = await this.#events.nextPaint(signal);
            base ??= { clock: now, media: handle.timestamp };
            due = base.clock + (handle.timestamp - base.media) / 1000;
            if (now - due > MAX_LATE_MS) base = { clock: now, media: handle.timestamp };
          }
          this.#show(handle);
        } finally {
          handle.release();
        }
      }
    });
    if (finished && !signal.aborted) this.#enter('ended');
  }

  #show(handle: FrameHandle): void {
    this.#position = handle.timestamp;
    this.#events.show(handle);
    handle.release();
    this.#events.change();
  }

  /** Runs work on frames, and says whether it came to its end. */
  async #guard(signal: AbortSignal, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (error instanceof PoolStarvedError) {
        void this.#waitForSlot(error, signal);
      } else {
        this.#enter('paused');
        this.#events.fail(error);
      }
      return false;
    }
  }

  /** Says who holds everything, waits until a slot is free, and plays on if it played. */
  async #waitForSlot(error: PoolStarvedError, signal: AbortSignal): Promise<void> {
    const resume = this.#state === 'playing';
    this.#enter('starved');
    this.#events.fail(error);
    try {
      (await this.#pool.reserve({ signal, holder: 'player' })).release();
    } catch {
      // Paused, sought or closed meanwhile: whoever did that has said what comes next.
      return;
    }
    this.#enter('paused');
    if (resume) this.play();
  }

  #where(signal: AbortSignal): Where {
    return { pool: this.#pool, signal, holder: 'player', starvationMs: STARVATION_MS };
  }

  #halt(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  #enter(state: PlayState): void {
    this.#state = state;
    this.#events.change();
  }
}
