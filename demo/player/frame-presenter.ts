/**
 * Shows frames of a video, one thing at a time: what is running is ended before the next begins.
 *
 * Who owns each frame: the iteration or `frameAt()` hands a handle to `show()`, which lends it to the screen for one call
 * and releases it. The reader stays the caller's.
 */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { PoolStarvedError } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import type { MediaClock } from './clock.ts';
import { WallClock } from './clock.ts';
import type { PlayableEvents, PlayState } from './playable.ts';
import { STARVATION_MS } from './playable.ts';

/** As whom the pool knows the player. */
const HOLDER = 'player';

export class FramePresenter {
  reader: VideoReader | null = null;
  readonly #pool: VideoFramePool;
  readonly #events: PlayableEvents;
  readonly #playOn: () => void;
  #clock: MediaClock = new WallClock();
  #state: PlayState = 'empty';
  #position = 0;
  /** Ends what is running: a run of frames, a step or a seek. */
  #stop = new AbortController();

  /** @param playOn - Called when what starved while it played may go on. */
  constructor(pool: VideoFramePool, events: PlayableEvents, playOn: () => void) {
    this.#pool = pool;
    this.#events = events;
    this.#playOn = playOn;
  }

  get state(): PlayState {
    return this.#state;
  }

  /** The time of the frame that is on the screen, in µs. */
  get position(): number {
    return this.#position;
  }

  /** When the first frame begins that is meant to be shown: an edit list may have cut those before 0 off. */
  get start(): number {
    return Math.max(0, this.reader?.firstTimestamp ?? 0);
  }

  get end(): number {
    return this.reader?.duration ?? 0;
  }

  get clock(): MediaClock {
    return this.#clock;
  }

  /** Goes by another clock, at the same pace. The one before is closed. */
  set clock(clock: MediaClock) {
    clock.rate = this.#clock.rate;
    this.#clock.close();
    this.#clock = clock;
  }

  enter(state: PlayState): void {
    this.#state = state;
    if (state === 'empty') this.#position = 0;
    if (state !== 'playing') this.#clock.rest();
    this.#events.change();
  }

  /** Ends what is running, and what is heard, and gives the signal of what comes next. */
  halt(): AbortSignal {
    this.#clock.stop();
    return this.renew();
  }

  /** The same, but what is heard goes on. */
  renew(): AbortSignal {
    this.#stop.abort();
    this.#stop = new AbortController();
    return this.#stop.signal;
  }

  /** The signal of what is running. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** @throws `InvalidStateError` when there is no reader, or it is closed. */
  frames(signal: AbortSignal, from: number, to = Infinity): ReturnType<VideoReader['frames']> {
    if (this.reader === null) throw new DOMException('nothing is open', 'InvalidStateError');
    return this.reader.frames({ ...this.#where(signal), from, to });
  }

  /** Shows the frame at a time. */
  async showAt(time: number, signal: AbortSignal): Promise<void> {
    const handle = await this.reader?.frameAt(time, this.#where(signal));
    if (handle !== undefined) this.show(handle);
  }

  /** The handle is the projector's from here on, and is released in this call. */
  show(handle: FrameHandle): void {
    try {
      this.#position = handle.timestamp;
      this.#events.show(handle);
    } finally {
      handle.release();
    }
    this.#events.change();
  }

  /** Runs work on frames, and says whether it came to its end. */
  async attempt(signal: AbortSignal, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#clock.stop();
      if (error instanceof PoolStarvedError) {
        void this.#waitForSlot(error, signal);
      } else {
        this.enter('paused');
        this.#events.fail(error);
      }
      return false;
    }
  }

  /** Says who holds everything, waits until a slot is free, and plays on if it played. */
  async #waitForSlot(error: PoolStarvedError, signal: AbortSignal): Promise<void> {
    const resume = this.#state === 'playing';
    this.enter('starved');
    this.#events.fail(error);
    try {
      (await this.#pool.reserve({ signal, holder: HOLDER })).release();
    } catch {
      // Paused, sought or closed meanwhile: whoever did that has said what comes next.
      return;
    }
    this.enter('paused');
    if (resume) this.#playOn();
  }

  #where(signal: AbortSignal): {
    pool: VideoFramePool;
    signal: AbortSignal;
    holder: string;
    starvationMs: number;
  } {
    return { pool: this.#pool, signal, holder: HOLDER, starvationMs: STARVATION_MS };
  }
}
