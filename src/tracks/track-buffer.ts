/** Buffer between a track and its iterator. It admits, queues, or drops and counts each frame of the track. */
import { inCall } from '../base/call-site.ts';
import type { BufferedSink, PullSource } from '../base/pull-queue.ts';
import { PullQueue } from '../base/pull-queue.ts';
import { StallDetector } from '../base/stall-detector.ts';
import { aborted } from '../base/errors.ts';
import type { PoolCore } from '../pool/core.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import { frameBytes } from '../pool/frames.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { loanOf } from '../pool/handle.ts';
import { requireFrameToOwn } from '../pool/loan.ts';
import { PoolStarvedError } from '../pool/starved.ts';
import type { Slot } from '../pool/slot.ts';
import type { TrackListener, TrackSource } from './weak-subscription.ts';
import { WeakSubscription } from './weak-subscription.ts';

/**
 * Open frames of one track. A released frame has left its slot, so releases are not reported here. A frame that was moved to
 * another thread has not left its slot.
 */
export class OpenFrames {
  #kept: { readonly slot: Slot; readonly frame: object | null }[] = [];

  get count(): number {
    this.#kept = this.#kept.filter(({ slot, frame }) => slot.item === frame);
    return this.#kept.length;
  }

  /** Counts the frame that the slot holds now as a frame of the track. */
  add(slot: Slot): void {
    this.#kept.push({ slot, frame: slot.item });
  }
}

const byTrack = new WeakMap<object, OpenFrames>();

/**
 * Returns the open frames of a track, or of a stream of its frames. All readers share them, because they share the track's
 * buffers, even if one reads after the other.
 */
export function openFramesOf(track: object): OpenFrames {
  const known = byTrack.get(track);
  if (known !== undefined) return known;
  const open = new OpenFrames();
  byTrack.set(track, open);
  return open;
}

type Handle = FrameHandle<DecodedStorage>;

/** Settings of a `TrackBuffer`. */
export interface TrackBufferSettings {
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

/**
 * Milliseconds between two checks of the pool while a caller waits: the pool may have been closed, or have no room for the frame.
 */
const CHECK_MS = 100;

/**
 * source ──▶ frame ──┬─▶ admitted: the pool's ──┬─▶ waiting next()
 *                     │                          └─▶ ready, at most `highWaterMark` ──▶ next()
 *                     └─▶ dropped: closed here            └─▶ dropped: released for a newer one
 *
 * A buffer waits in no queue of the pool, because a frame without room on its arrival is worthless later.
 */
export class TrackBuffer implements PullSource<Handle>, TrackListener {
  readonly #settings: TrackBufferSettings;
  readonly #core: PoolCore;
  readonly #stallDetector: StallDetector;
  readonly #sink: BufferedSink<Handle>;
  #subscription: WeakSubscription | null = null;
  #isStopped = false;
  /**
   * Bytes of the last frame that was dropped for lack of room while a caller waited. Null if the last frame was taken, or none
   * came.
   */
  #refusedBytes: number | null = null;

  private constructor(settings: TrackBufferSettings, sink: BufferedSink<Handle>) {
    this.#sink = sink;
    this.#settings = settings;
    this.#core = settings.core;
    this.#stallDetector = new StallDetector(this.#core.clock, CHECK_MS, settings.starvationMs, {
      isAwaited: () => sink.awaited > 0,
      onIdle: () => this.#onIdle(),
      onStarved: (silentMs) => this.#onStarved(silentMs),
    });
  }

  /** Starts reading. A null source means that the track has ended. */
  static read(
    settings: TrackBufferSettings,
    source: TrackSource | null,
    signal: AbortSignal | undefined,
  ): PullQueue<Handle> {
    let start = (): void => {};
    const queue = new PullQueue<Handle>((sink) => {
      const buffer = new TrackBuffer(settings, sink);
      start = () => buffer.#start(source);
      return buffer;
    }, signal);
    start();
    return queue;
  }

  #start(source: TrackSource | null): void {
    if (this.#isStopped) return;
    if (source === null) this.onEnd();
    else this.#subscription = new WeakSubscription(this, source);
  }

  // ---- calls of the iterator ----

  pull(): void {
    if (this.#sink.awaited === 0) return;
    try {
      this.#core.requireActive('trackFrames()');
    } catch (error) {
      this.onError(error);
      return;
    }
    if (this.#sink.awaited === 1) this.#refusedBytes = null;
    this.#subscription?.keepAlive(this);
    this.#stallDetector.start();
  }

  rest(): void {
    this.#stallDetector.stop();
    this.#subscription?.rest();
  }

  /** Resolves when the track is no longer read. */
  stop(): void | Promise<void> {
    this.#isStopped = true;
    this.#stallDetector.stop();
    return this.#subscription?.end();
  }

  discard(handle: Handle): void {
    handle.release();
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
      this.onError(this.#core.refuse(frame, `its ${bytes} bytes exceed the limit`));
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
    const handle = inCall(call, () => this.#core.admit(frame, holder)) as Handle;
    this.#settings.open.add(loanOf(handle, 'open').slot);
    if (this.#sink.awaited > 0) this.#stallDetector.noteFrame();
    this.#sink.push(handle);
  }

  onDiscarded(count: number): void {
    this.#core.ledger.totals.dropped += count;
  }

  onEnd(): void {
    this.#sink.end();
  }

  onError(error: unknown): void {
    this.#sink.fail(error);
  }

  // ---- room ----

  /** Returns whether a frame of this size in bytes can be kept. With `drop: 'oldest'`, ready frames are dropped for it. */
  #makesRoomFor(bytes: number): boolean {
    while (!this.#hasRoomFor(bytes)) {
      // If other callers wait, they get the released slots, and this frame would not fit either.
      if (this.#settings.drop === 'newest' || this.#core.admission.hasPriorWaiter) return false;
      if (!this.#core.limits.fitsNow(bytes - this.#readyBytes)) return false;
      const oldest = this.#sink.shift();
      if (oldest === undefined) return false;
      this.onDiscarded(1);
      oldest.release();
    }
    return true;
  }

  /** Bytes that are freed if all ready frames are dropped. */
  get #readyBytes(): number {
    return this.#sink.ready.reduce((sum, handle) => sum + loanOf(handle, 'ready').slot.bytes, 0);
  }

  #hasRoomFor(bytes: number): boolean {
    const { admission, limits } = this.#core;
    if (this.#sink.awaited === 0) {
      const { highWaterMark, maxOpen, open } = this.#settings;
      // One open frame is reserved for the next frame: a track at its limit produces none to replace a ready frame.
      const isAtLimit = this.#sink.ready.length >= highWaterMark || open.count + 1 >= maxOpen;
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

  #onIdle(): void {
    if (this.#core.state !== 'active') this.#endWithPool();
    else this.#subscription?.checkEnd();
    // If a frame would be taken, the track itself is idle: it is muted, or its canvas is not painted.
    if (this.#wouldTakeFrame) this.#stallDetector.reset();
  }

  /** Whether there is room for a typical frame of the track, which has the size of the last frame that was dropped. */
  get #wouldTakeFrame(): boolean {
    const { admission, limits } = this.#core;
    if (this.#isFull) return false;
    if (this.#refusedBytes === null) return admission.canGrantNow();
    return admission.hasFreeSlot && limits.fitsNow(this.#refusedBytes);
  }

  #onStarved(silentMs: number): void {
    const { name, admission } = this.#core;
    const { holder } = this.#settings;
    this.onError(new PoolStarvedError(name, silentMs, admission.holdersInReach(), holder));
  }

  #endWithPool(): void {
    const { name, state } = this.#core;
    const how = state === 'closed' ? 'closed' : 'decommitted';
    this.#sink.abort(aborted(`the iteration ended: pool "${name}" was ${how}`));
  }
}
