/** Buffer between a track and its iterator. It admits, queues, or drops and counts each frame of the track. */
import { inCall } from '../base/call-site.ts';
import { StallDetector } from '../base/stall-detector.ts';
import { aborted } from '../base/errors.ts';
import type { PoolCore } from '../pool/core.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import { frameBytes } from '../pool/frames.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { loanOf } from '../pool/handle.ts';
import { requireFrameToOwn } from '../pool/source.ts';
import { PoolStarvedError } from '../pool/starved.ts';
import type { OpenFrames } from './open-frames.ts';
import type { TrackSource } from './track-source.ts';
import type { TrackSubscriber } from './weak-subscription.ts';
import { WeakSubscription } from './weak-subscription.ts';

/** Settings of a flow. */
export interface TrackFlowSettings {
  readonly core: PoolCore;
  readonly holder: string;
  readonly drop: 'oldest' | 'newest';
  readonly highWaterMark: number;
  readonly maxOpen: number;
  /** Open frames of the track, of this iteration and of others. */
  readonly open: OpenFrames;
  readonly starvationMs: number;
  /** The app's call of `trackFrames()`, for pools with `trackHolders`. */
  readonly call: string | undefined;
}

/** The result of `next()` of an iteration over a track. */
export type TrackResult = IteratorResult<FrameHandle<DecodedStorage>, undefined>;

/** The state: running, failed (the error is reported after the ready frames), or over. */
type Outcome = { kind: 'running' } | { kind: 'failed'; error: unknown } | { kind: 'over' };

interface Asker {
  resolve(result: TrackResult): void;
  reject(error: unknown): void;
}

/** The result that marks the end of an iteration. */
export const END: TrackResult = Object.freeze({ done: true, value: undefined });

/**
 * Milliseconds between two checks of the pool while a caller waits: the pool may have been closed, or have no room for the frame.
 */
const LOOK_MS = 100;

/**
 * source ──▶ frame ──┬─▶ admitted: the pool's ──┬─▶ waiting next()
 *                     │                          └─▶ ready, at most `highWaterMark` ──▶ next()
 *                     └─▶ dropped: closed here            └─▶ dropped: released for a newer one
 *
 * A flow waits in no queue of the pool, because a frame without room on its arrival is worthless later.
 */
export class TrackFlow implements TrackSubscriber {
  readonly #settings: TrackFlowSettings;
  readonly #core: PoolCore;
  readonly #silence: StallDetector;
  #tether: WeakSubscription | null = null;
  #ready: FrameHandle<DecodedStorage>[] = [];
  #waiting: Asker[] = [];
  /**
   * Bytes of the last frame that was dropped for lack of room while a caller waited. Null if the last frame was taken, or none
   * came.
   */
  #refusedBytes: number | null = null;
  #outcome: Outcome = { kind: 'running' };

  constructor(settings: TrackFlowSettings) {
    this.#settings = settings;
    this.#core = settings.core;
    this.#silence = new StallDetector(this.#core.clock, LOOK_MS, settings.starvationMs, {
      isAwaited: () => this.#waiting.length > 0,
      onIdle: () => this.#onQuiet(),
      onStarved: (silentMs) => this.#onStarved(silentMs),
    });
  }

  /** Starts reading. A null source means that the track has ended. */
  start(source: TrackSource | null, signal: AbortSignal | undefined): void {
    if (signal?.aborted === true) this.onAbort(signal.reason);
    else if (source === null) this.onEnd();
    else this.#tether = new WeakSubscription(this, source, signal);
  }

  /** Returns the result of `next()`. */
  take(): Promise<TrackResult> {
    const handle = this.#ready.shift();
    if (handle !== undefined) {
      if (this.#outcome.kind === 'over' && this.#ready.length === 0) this.#tether?.cut();
      return Promise.resolve({ done: false, value: handle });
    }
    if (this.#outcome.kind === 'running') {
      try {
        this.#core.requireActive('trackFrames()');
      } catch (error) {
        this.#end({ kind: 'failed', error });
      }
    }
    if (this.#outcome.kind === 'failed') {
      const { error } = this.#outcome;
      this.#outcome = { kind: 'over' };
      this.#tether?.cut();
      return Promise.reject(error as Error);
    }
    if (this.#outcome.kind === 'over') return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#refusedBytes = null;
      this.#waiting.push({ resolve, reject });
      this.#tether?.hold(this);
      this.#silence.start();
    });
  }

  /** Leaves the iteration and releases all of its frames. Resolves when the track is no longer read. */
  async leave(): Promise<void> {
    this.#end({ kind: 'over' });
    await this.#tether?.stopReading();
  }

  // ---- events of the track ----

  onFrame(frame: VideoFrame): void {
    try {
      requireFrameToOwn('frame', frame);
    } catch (error) {
      // The frame is from a stream of the app. A frame with another owner must not be closed here.
      this.onError(error);
      return;
    }
    if (this.#core.state !== 'active') {
      frame.close();
      this.#endWithPool();
      return;
    }
    const { bytes } = frameBytes(frame);
    if (!this.#core.limits.fitsWhenIdle(bytes)) {
      this.onError(this.#core.refuse(frame, `its ${bytes} bytes are more than all that it may hold`));
      return;
    }
    if (!this.#makesRoomFor(bytes)) {
      this.#refusedBytes = bytes;
      this.onDiscarded(1);
      frame.close();
      return;
    }
    this.#refusedBytes = null;
    const { call, holder } = this.#settings;
    const handle = inCall(call, () => this.#core.admit(frame, holder)) as FrameHandle<DecodedStorage>;
    this.#settings.open.add(loanOf(handle, 'open').slot);
    const asker = this.#waiting.shift();
    if (asker === undefined) {
      this.#ready.push(handle);
      return;
    }
    this.#silence.noteFrame();
    if (this.#waiting.length === 0) this.#rest();
    asker.resolve({ done: false, value: handle });
  }

  onDiscarded(count: number): void {
    this.#core.ledger.totals.dropped += count;
  }

  onEnd(): void {
    this.#end({ kind: 'over' }, true);
  }

  onError(error: unknown): void {
    this.#end({ kind: 'failed', error }, true);
  }

  onAbort(reason: unknown): void {
    if (this.#outcome.kind === 'running' || this.#ready.length > 0)
      this.#end({ kind: 'failed', error: reason });
  }

  // ---- room ----

  /** Returns whether a frame of this size in bytes can be kept. With `drop: 'oldest'`, ready frames are dropped for it. */
  #makesRoomFor(bytes: number): boolean {
    while (!this.#hasRoomFor(bytes)) {
      // If other callers wait, they get the released slots, and this frame would not fit either.
      if (this.#settings.drop === 'newest' || this.#core.admission.hasPriorWaiter) return false;
      if (!this.#core.limits.fitsNow(bytes - this.#readyBytes)) return false;
      const oldest = this.#ready.shift();
      if (oldest === undefined) return false;
      this.onDiscarded(1);
      oldest.release();
    }
    return true;
  }

  /** Bytes that are freed if all ready frames are dropped. */
  get #readyBytes(): number {
    return this.#ready.reduce((sum, handle) => sum + loanOf(handle, 'ready').slot.bytes, 0);
  }

  #hasRoomFor(bytes: number): boolean {
    const { admission, limits } = this.#core;
    if (this.#waiting.length === 0) {
      const { highWaterMark, maxOpen, open } = this.#settings;
      // One open frame is reserved for the next frame: a track at its limit produces none to replace a ready frame.
      const isAtLimit = this.#ready.length >= highWaterMark || open.count + 1 >= maxOpen;
      if (isAtLimit || !admission.hasHeadroom(bytes)) return false;
    } else if (this.#isFull) {
      return false;
    }
    return admission.hasFreeSlot && limits.fitsNow(bytes);
  }

  get #isFull(): boolean {
    return this.#settings.open.count >= this.#settings.maxOpen;
  }

  // ---- ends ----

  #onQuiet(): void {
    if (this.#core.state !== 'active') this.#endWithPool();
    else this.#tether?.look();
    // If a frame would be taken, the track itself is idle: it is muted, or its canvas is not painted.
    if (this.#wouldTakeFrame) this.#silence.reset();
  }

  /** Whether there is room for a typical frame of the track, which has the size of the last frame that was dropped. */
  get #wouldTakeFrame(): boolean {
    const { admission, limits } = this.#core;
    if (this.#isFull) return false;
    if (this.#refusedBytes === null) return admission.canGrantNow();
    return admission.hasFreeSlot && limits.fitsNow(this.#refusedBytes);
  }

  #onStarved(silentMs: number): void {
    if (this.#outcome.kind !== 'running') return;
    const { name, admission } = this.#core;
    const { holder } = this.#settings;
    this.onError(new PoolStarvedError(name, silentMs, admission.holdersInReach(), holder));
  }

  #endWithPool(): void {
    const { name, state } = this.#core;
    const how = state === 'closed' ? 'closed' : 'decommitted';
    this.#end({ kind: 'failed', error: aborted(`the iteration ended: pool "${name}" was ${how}`) });
  }

  /** Ends the iteration, once. `keepReady` keeps the ready frames for the caller. */
  #end(outcome: Outcome, keepReady = false): void {
    if (this.#outcome.kind === 'running' || !keepReady) this.#outcome = outcome;
    this.#rest();
    void this.#tether?.stopReading();
    if (!keepReady) for (const handle of this.#ready.splice(0)) handle.release();
    if (this.#ready.length === 0) this.#tether?.cut();
    for (const asker of this.#waiting.splice(0)) {
      if (this.#outcome.kind === 'failed') {
        asker.reject(this.#outcome.error);
        this.#outcome = { kind: 'over' };
      } else {
        asker.resolve(END);
      }
    }
  }

  #rest(): void {
    this.#silence.stop();
    this.#tether?.letGo();
  }
}
