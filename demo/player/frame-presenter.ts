/**
 * Presents frames of a video, one operation at a time: the running operation is ended before the next one starts.
 *
 * Ownership: the iteration or `frameAt()` hands a handle to `show()`, which lends it to the screen for one call and
 * releases it. The caller owns the reader.
 */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { PoolStarvedError } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import type { MediaClock } from './clock.ts';
import { WallClock } from './clock.ts';
import type { PlayableEvents, PlayState } from './playable.ts';
import { STARVATION_MS } from './playable.ts';

/** Holder name of the player in the pool. */
const HOLDER = 'player';

export class FramePresenter {
  reader: VideoReader | null = null;
  readonly #pool: VideoFramePool;
  readonly #events: PlayableEvents;
  readonly #playOn: () => void;
  #clock: MediaClock = new WallClock();
  #state: PlayState = 'empty';
  #position = 0;
  /** Ends the current operation: a run of frames, a step or a seek. */
  #stop = new AbortController();

  /** @param playOn - Called when playback that starved can continue. */
  constructor(pool: VideoFramePool, events: PlayableEvents, playOn: () => void) {
    this.#pool = pool;
    this.#events = events;
    this.#playOn = playOn;
  }

  get state(): PlayState {
    return this.#state;
  }

  /** Timestamp of the frame on the screen, in µs. */
  get position(): number {
    return this.#position;
  }

  /** Start of the first frame that is meant to be shown: an edit list may cut off frames before 0. */
  get start(): number {
    return Math.max(0, this.reader?.firstTimestamp ?? 0);
  }

  get end(): number {
    return this.reader?.duration ?? 0;
  }

  get clock(): MediaClock {
    return this.#clock;
  }

  /** Replaces the clock and keeps the rate. The previous clock is closed. */
  set clock(clock: MediaClock) {
    clock.rate = this.#clock.rate;
    this.#clock.close();
    this.#clock = clock;
  }

  enter(state: PlayState): void {
    this.#state = state;
    if (state === 'empty') this.#position = 0;
    if (state !== 'playing') this.#clock.suspend();
    this.#events.change();
  }

  /** Ends the current operation and the sound. Returns the signal of the next operation. */
  halt(): AbortSignal {
    this.#clock.stop();
    return this.renew();
  }

  /** Same as `halt()`, but the sound continues. */
  renew(): AbortSignal {
    this.#stop.abort();
    this.#stop = new AbortController();
    return this.#stop.signal;
  }

  /** Signal of the current operation. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** @throws `InvalidStateError` when there is no reader, or it is closed. */
  frames(signal: AbortSignal, from: number, to = Infinity): ReturnType<VideoReader['frames']> {
    if (this.reader === null) throw new DOMException('nothing is open', 'InvalidStateError');
    return this.reader.frames({ ...this.#options(signal), from, to });
  }

  /** Shows the frame at a time. */
  async showAt(time: number, signal: AbortSignal): Promise<void> {
    const handle = await this.reader?.frameAt(time, this.#options(signal));
    if (handle !== undefined) this.show(handle);
  }

  /** Takes ownership of the handle, and releases it in this call. */
  show(handle: FrameHandle): void {
    try {
      this.#position = handle.timestamp;
      this.#events.show(handle);
    } finally {
      handle.release();
    }
    this.#events.change();
  }

  /** Runs an operation; returns whether it completed. */
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

  /** Reports the holders of all slots, waits for a free slot, and resumes playback if it was playing. */
  async #waitForSlot(error: PoolStarvedError, signal: AbortSignal): Promise<void> {
    const resume = this.#state === 'playing';
    this.enter('starved');
    this.#events.fail(error);
    try {
      (await this.#pool.reserve({ signal, holder: HOLDER })).release();
    } catch {
      // Paused, sought or closed meanwhile: that call has set the next state.
      return;
    }
    this.enter('paused');
    if (resume) this.#playOn();
  }

  #options(signal: AbortSignal): {
    pool: VideoFramePool;
    signal: AbortSignal;
    holder: string;
    starvationMs: number;
  } {
    return { pool: this.#pool, signal, holder: HOLDER, starvationMs: STARVATION_MS };
  }
}
