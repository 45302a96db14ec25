/**
 * A camera as a live source: its frames arrive in the player's pool, and each is drawn on arrival.
 *
 *   getUserMedia ──▶ track ──▶ trackFrames() ──▶ handle ──▶ show() ──▶ release
 *                      │             ├─ slow page: frames are dropped, and counted by the pool
 *                      │             └─ pause, close: the signal ends the iteration and releases waiting frames
 *                      └─ owned by Camera, and stopped after close() once the last iteration has ended
 */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { PoolStarvedError, trackFrames } from '../../src/index.ts';
import type { Playable, PlayableEvents, PlayState } from './playable.ts';
import { STARVATION_MS } from './playable.ts';

/** Maximum of open frames of one camera in Chromium on Linux; with more, the camera would stop. */
export const MAX_OPEN = 2;

/** Events of a camera. */
export interface CameraEvents extends PlayableEvents {
  /** The camera was disconnected. */
  disconnected(): void;
}

/** One camera, from the permission to `close()`. */
export class Camera implements Playable {
  /** Null: a live source has no start and no end. */
  readonly seekable = null;
  readonly #pool: VideoFramePool;
  readonly #track: MediaStreamTrack;
  readonly #events: CameraEvents;
  #state: PlayState = 'paused';
  /** Timestamp of the first frame in µs; camera clocks start at an arbitrary value. */
  #firstTimestamp: number | null = null;
  #position = 0;
  /** Ends the current iteration over frames. */
  #stop = new AbortController();
  /** Queue of the requested single frames. */
  #singleFrames: Promise<void> = Promise.resolve();
  /** Pending while a frame may still arrive. */
  #pending: Promise<void> = Promise.resolve();
  #starvationTimer: ReturnType<typeof setTimeout> | undefined;

  private constructor(pool: VideoFramePool, track: MediaStreamTrack, events: CameraEvents) {
    this.#pool = pool;
    this.#track = track;
    this.#events = events;
    track.addEventListener('ended', this.#onEnded);
  }

  /**
   * Requests a camera. The caller closes it.
   *
   * @throws The browser's error if there is no camera or access is denied; the signal's reason. No camera is on then.
   */
  static async open(pool: VideoFramePool, events: CameraEvents, signal: AbortSignal): Promise<Camera> {
    // A boundary: insecure pages have no media devices, contrary to the types.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (devices === undefined) throw new DOMException('the page is not served securely', 'SecurityError');
    const stream = await devices.getUserMedia({ video: true });
    // The permission may be granted after the request was cancelled.
    if (signal.aborted) for (const each of stream.getTracks()) each.stop();
    signal.throwIfAborted();
    const [track] = stream.getVideoTracks();
    if (track === undefined) throw new DOMException('the browser delivered no video track', 'NotFoundError');
    return new Camera(pool, track, events);
  }

  get state(): PlayState {
    return this.#state;
  }

  /** Time since the first frame in µs, pauses included. */
  get position(): number {
    return this.#position;
  }

  play(): void {
    if (this.#state !== 'paused') return;
    this.#enter('playing');
    this.#addPending(this.#run(this.#abort()));
  }

  /** Stops taking frames. The camera and its light stay on. */
  pause(): void {
    if (this.#state !== 'playing' && this.#state !== 'starved') return;
    this.#abort();
    this.#enter('paused');
  }

  showAgain(): void {
    const { signal } = this.#stop;
    this.#singleFrames = this.#singleFrames.then(() => this.#showOne(signal));
    this.#addPending(this.#singleFrames);
  }

  /** Stops the camera after the pending frame has arrived. No frame stays lent by this class. */
  close(): void {
    this.#abort();
    this.#track.removeEventListener('ended', this.#onEnded);
    void this.#pending.then(() => this.#track.stop());
    this.#enter('empty');
  }

  /** Stops the camera immediately, after `close()`: for a page that may never run code again. */
  turnOff(): void {
    this.#track.stop();
  }

  #addPending(work: Promise<void>): void {
    this.#pending = this.#pending.then(() => work);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const frames = this.#frames(signal);
    try {
      this.#startStarvationTimer(signal);
      for await (const handle of frames) {
        if (this.#state === 'starved') this.#state = 'playing';
        this.#show(handle);
        this.#startStarvationTimer(signal);
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
    // Playing again or closed: no single frame is needed.
    if (signal.aborted) return;
    const frames = this.#frames(signal);
    try {
      this.#startStarvationTimer(signal);
      const { value } = (await frames.next()) as IteratorResult<FrameHandle, undefined>;
      if (value !== undefined) this.#show(value);
    } catch (error) {
      if (!signal.aborted) this.#events.fail(error);
    } finally {
      if (!signal.aborted) clearTimeout(this.#starvationTimer);
      await frames.return?.();
    }
  }

  #frames(signal: AbortSignal): AsyncIterableIterator<FrameHandle> {
    // Waits without a time limit: the browser reports its dropped frames only with the next frame.
    const starvationMs = Infinity;
    return trackFrames(this.#pool, this.#track, {
      signal,
      starvationMs,
      maxOpen: MAX_OPEN,
      holder: 'camera',
    });
  }

  /** Reports the holders of all open frames, once, if no frame arrives for a long time. */
  #startStarvationTimer(signal: AbortSignal): void {
    clearTimeout(this.#starvationTimer);
    this.#starvationTimer = setTimeout(() => {
      if (signal.aborted) return;
      const { name, lentCount, capacity } = this.#pool;
      if (lentCount < Math.min(MAX_OPEN, capacity)) {
        // The camera itself delivers no frames: it may be covered.
        this.#startStarvationTimer(signal);
        return;
      }
      if (this.#state === 'playing') this.#enter('starved');
      this.#events.fail(new PoolStarvedError(name, STARVATION_MS, this.#pool.holders()));
    }, STARVATION_MS);
  }

  #show(handle: FrameHandle): void {
    try {
      this.#firstTimestamp ??= handle.timestamp;
      this.#position = handle.timestamp - this.#firstTimestamp;
      this.#events.show(handle);
    } finally {
      handle.release();
    }
    this.#events.change();
  }

  readonly #onEnded = (): void => {
    if (this.#state === 'empty') return;
    this.close();
    this.#events.disconnected();
  };

  #abort(): AbortSignal {
    clearTimeout(this.#starvationTimer);
    this.#stop.abort();
    this.#stop = new AbortController();
    return this.#stop.signal;
  }

  #enter(state: PlayState): void {
    this.#state = state;
    this.#events.change();
  }
}
