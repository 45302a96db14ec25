/**
 * A camera, as it is: its frames in the player's pool, each drawn as it comes.
 *
 *   getUserMedia ──▶ track ──▶ trackFrames() ──▶ handle ──▶ show() ──▶ release
 *                      │             ├─ a page that is slow: dropped, and counted by the pool
 *                      │             └─ pause, close: the signal ends it, and releases what waits
 *                      └─ ours until nobody takes anything of it after close()
 */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { PoolStarvedError, trackFrames } from '../../src/index.ts';
import type { Playable, PlayableEvents, PlayState } from './playable.ts';
import { STARVATION_MS } from './playable.ts';

/** What Chromium lets be open of one camera on Linux; with more, the camera would stop. */
export const MAX_OPEN = 2;

/** What a camera tells. */
export interface CameraEvents extends PlayableEvents {
  /** It was unplugged, or taken away. */
  gone(): void;
}

/** One camera, from the permission to `close()`. */
export class Camera implements Playable {
  /** It has no beginning and no end. */
  readonly seekable = null;
  readonly #pool: VideoFramePool;
  readonly #track: MediaStreamTrack;
  readonly #events: CameraEvents;
  #state: PlayState = 'paused';
  /** The first frame's time in µs; the clocks of cameras begin anywhere. */
  #first: number | null = null;
  #position = 0;
  /** Ends the taking of frames. */
  #stop = new AbortController();
  /** The single pictures that were asked for, one after the other. */
  #single: Promise<void> = Promise.resolve();
  /** Pending while any frame may be on its way here. */
  #taking: Promise<void> = Promise.resolve();
  #patience: ReturnType<typeof setTimeout> | undefined;

  private constructor(pool: VideoFramePool, track: MediaStreamTrack, events: CameraEvents) {
    this.#pool = pool;
    this.#track = track;
    this.#events = events;
    track.addEventListener('ended', this.#onEnded);
  }

  /**
   * Asks for a camera. The caller closes it.
   *
   * @throws What the browser says where there is none, or none may be had; the signal's reason. No camera is on then.
   */
  static async open(pool: VideoFramePool, events: CameraEvents, signal: AbortSignal): Promise<Camera> {
    // A boundary: in pages that are not served securely there are no media devices, whatever the types say.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (devices === undefined) throw new DOMException('the page is not served securely', 'SecurityError');
    const stream = await devices.getUserMedia({ video: true });
    // The answer to the browser's question may come when nobody wants a camera any more.
    if (signal.aborted) for (const each of stream.getTracks()) each.stop();
    signal.throwIfAborted();
    const [track] = stream.getVideoTracks();
    if (track === undefined) throw new DOMException('the browser gave no picture', 'NotFoundError');
    return new Camera(pool, track, events);
  }

  get state(): PlayState {
    return this.#state;
  }

  /** In µs since the first frame, pauses included. */
  get position(): number {
    return this.#position;
  }

  play(): void {
    if (this.#state !== 'paused') return;
    this.#enter('playing');
    this.#take(this.#run(this.#halt()));
  }

  /** Takes no more frames. The camera stays on, as its light does. */
  pause(): void {
    if (this.#state !== 'playing' && this.#state !== 'starved') return;
    this.#halt();
    this.#enter('paused');
  }

  showAgain(): void {
    const { signal } = this.#stop;
    this.#single = this.#single.then(() => this.#showOne(signal));
    this.#take(this.#single);
  }

  /** Turns it off when the frame that is on its way has come; nothing of it stays lent by this class. */
  close(): void {
    this.#halt();
    this.#track.removeEventListener('ended', this.#onEnded);
    void this.#taking.then(() => this.#track.stop());
    this.#enter('empty');
  }

  /** Turns it off at once, after `close()`: for a page that may never do anything again. */
  turnOff(): void {
    this.#track.stop();
  }

  #take(work: Promise<void>): void {
    this.#taking = this.#taking.then(() => work);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const frames = this.#frames(signal);
    try {
      this.#watch(signal);
      for await (const handle of frames) {
        if (this.#state === 'starved') this.#state = 'playing';
        this.#show(handle);
        this.#watch(signal);
      }
      this.#onEnded();
    } catch (error) {
      if (signal.aborted) return;
      this.pause();
      this.#events.fail(error);
    } finally {
      await frames.return?.();
    }
  }

  async #showOne(signal: AbortSignal): Promise<void> {
    // It plays again, or is off: then there are other frames, or none.
    if (signal.aborted) return;
    const frames = this.#frames(signal);
    try {
      this.#watch(signal);
      const { value } = (await frames.next()) as IteratorResult<FrameHandle, undefined>;
      if (value !== undefined) this.#show(value);
    } catch (error) {
      if (!signal.aborted) this.#events.fail(error);
    } finally {
      if (!signal.aborted) clearTimeout(this.#patience);
      await frames.return?.();
    }
  }

  #frames(signal: AbortSignal): AsyncIterableIterator<FrameHandle> {
    // It waits as long as it takes: only with the next frame does the browser tell how many it dropped before.
    const starvationMs = Infinity;
    return trackFrames(this.#pool, this.#track, {
      signal,
      starvationMs,
      maxOpen: MAX_OPEN,
      holder: 'camera',
    });
  }

  /** Says who has all that may be open, once, if no frame comes for long. */
  #watch(signal: AbortSignal): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      if (signal.aborted) return;
      const { name, lentCount, capacity } = this.#pool;
      if (lentCount < Math.min(MAX_OPEN, capacity)) {
        // It is the camera that gives nothing: it may be covered.
        this.#watch(signal);
        return;
      }
      if (this.#state === 'playing') this.#enter('starved');
      this.#events.fail(new PoolStarvedError(name, STARVATION_MS, this.#pool.holders()));
    }, STARVATION_MS);
  }

  #show(handle: FrameHandle): void {
    try {
      this.#first ??= handle.timestamp;
      this.#position = handle.timestamp - this.#first;
      this.#events.show(handle);
    } finally {
      handle.release();
    }
    this.#events.change();
  }

  readonly #onEnded = (): void => {
    if (this.#state === 'empty') return;
    this.close();
    this.#events.gone();
  };

  #halt(): AbortSignal {
    clearTimeout(this.#patience);
    this.#stop.abort();
    this.#stop = new AbortController();
    return this.#stop.signal;
  }

  #enter(state: PlayState): void {
    this.#state = state;
    this.#events.change();
  }
}
