/** Transform pair that adopts raw frames and emits handles: a pool as a stage of a pipe. */
import { currentCall, enter, inCall } from '../base/call-site.ts';
import { requireDecodedPool } from '../pool/pool.ts';
import { aborted, requireWhole, shown } from '../base/errors.ts';
import type { PoolCore } from '../pool/core.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import { frameBytes, isClosed, isVideoFrame, requireOpenFrame } from '../pool/frames.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { isLent, isOwned, noteOwned, requireFrameToOwn } from '../pool/loan.ts';
import type { CheckedWait } from '../pool/options.ts';
import { readWait } from '../pool/options.ts';
import type { FramePermit } from '../pool/permit.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import { acquireOrWait } from '../pool/acquire-or-wait.ts';
import { OwnedWritable } from './owned-writable.ts';
import { OwnedReadable } from './owned-readable.ts';
import { onAbort } from '../base/abort.ts';

/** Options of `pooledFrames()`. */
export interface PooledFramesOptions {
  /** Name of the holder of the frames, as reported by `holders()`. */
  readonly holder?: string | undefined;
  /** Ends both sides with its reason, and so the pipes on both sides. Those pipes need no signal of their own. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Maximum number of frames that are ready in the pool before they are read, if the pool has room for them. 1 by default. With 0
   * a frame is adopted only when a read asks for it.
   */
  readonly highWaterMark?: number | undefined;
  /**
   * Milliseconds for which other callers may be served before a frame with a pending read, if a `budget` has room for them and
   * not for this frame. Then the pair ends with a `PoolStarvedError`. 10,000 by default.
   */
  readonly starvationMs?: number | undefined;
}

const DEFAULT_HIGH_WATER_MARK = 1;

/**
 * Makes a pair for `frames.pipeThrough(pooledFrames(pool)).pipeTo(…)`. Each written frame waits for a permit in the pool's queue,
 * under the pool's cap, and is emitted as a handle.
 *
 * The pool owns a frame from `write()` on. A written frame without a permit is open in addition to the cap: one frame if writes
 * are awaited, as a pipe does. The reader owns each handle, and must release it once. Every end of the pair (an abort, a cancel,
 * the signal, an error, a write into a pool that is not active) ends both sides with that reason, closes the waiting frames and
 * releases the unread handles. `close()` ends the readable side after the ready handles were read. The platform rejects a write
 * to a side that has ended. That frame stays the writer's, and the writer must close it.
 *
 * The pair waits for a permit only while a read is pending. So an abandoned pair is in no queue, and leak detection recovers its
 * ready handles.
 *
 * Give the signal to this function, and not to the pipe that writes. An aborted pipe waits for the write in progress, which may
 * wait for a permit. In that time engines lose frames: Chromium 156 loses a frame that the pipe had just read, and WebKit, if the
 * pipe waits for a read, loses the result of that read after both sides have ended. Such a frame is closed when it is
 * garbage-collected.
 *
 * @throws `TypeError` for a value that is not a pool of decoded frames, `TypeError` or `RangeError` for an invalid option;
 * synchronously.
 * @throws From both sides: `TypeError` for a chunk that is not a frame or that a pool already owns, `InvalidStateError` for a
 * closed frame or a pool that is not active, `AbortError` when the pool is decommitted during the wait, `QuotaExceededError` for
 * a frame larger than the limit of the pool or its budget, `PoolStarvedError` after `starvationMs`.
 */
export function pooledFrames(
  pool: VideoFramePool,
  options: PooledFramesOptions = {},
): { readable: ReadableStream<FrameHandle>; writable: WritableStream<VideoFrame> } {
  const core = requireDecodedPool('pooledFrames()', pool);
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`options must be an object, got ${shown(options)}`);
  const { highWaterMark: asked, holder = 'pooledFrames' } = options;
  const wait = { ...readWait(options), holder };
  const highWaterMark = requireWhole('highWaterMark', asked ?? DEFAULT_HIGH_WATER_MARK, 0);
  const pair = inCall(
    enter(() => core.noteCall()),
    () => new PooledFrames(core, wait, highWaterMark),
  );
  return { readable: pair.readable.readable, writable: pair.writable.writable };
}

/**
 *          write()                 permit                            read()
 * frame ──▶ writable's list: the pool's own, ──▶ slot, handle in the readable's list ──▶ the reader's
 *           closed by any end but close()     released by any end but close()
 */
class PooledFrames {
  readonly writable: OwnedWritable<VideoFrame>;
  readonly readable: OwnedReadable<FrameHandle<DecodedStorage>>;
  readonly #core: PoolCore;
  readonly #holder: string | undefined;
  readonly #starvationMs: number;
  readonly #highWaterMark: number;
  /** The app's call of `pooledFrames()`, for pools with `trackHolders`. */
  readonly #call = currentCall();
  /** Fires when the pair ends otherwise than by `close()`. It ends the wait for a permit. */
  readonly #ending = new AbortController();
  #stopListening = (): void => {};
  /** Resumes a write that waits for a read. */
  #resume = (): void => {};

  constructor(core: PoolCore, { holder, signal, starvationMs }: CheckedWait, highWaterMark: number) {
    this.#core = core;
    this.#holder = holder;
    this.#starvationMs = starvationMs;
    this.#highWaterMark = highWaterMark;
    this.readable = new OwnedReadable((handle) => handle.release(), {
      read: () => this.#resume(),
      cancelled: (reason) => this.#end(reason ?? aborted('the readable side was cancelled')),
      drained: () => this.#stopListening(),
    });
    this.writable = new OwnedWritable<VideoFrame>({
      accepts: (chunk) => takesOver(chunk),
      release: (frame) => frame.close(),
      write: (chunk) => this.#write(chunk),
      closed: () => this.readable.end(),
      ended: (reason) => this.#end(reason),
    });
    if (signal === undefined) return;
    if (signal.aborted) this.#end(signal.reason);
    else this.#stopListening = onAbort(signal, this, PooledFrames.#endBySignal);
  }

  async #write(chunk: unknown): Promise<void> {
    const { writable } = this;
    if (!writable.has(chunk)) requireFrameToOwn('chunk', chunk);
    const permit = await this.#permitFor(chunk);
    try {
      this.#ending.signal.throwIfAborted();
      // The writer can close the frame during the wait.
      requireOpenFrame('chunk', chunk);
      writable.take(chunk);
      // The permit was granted for a frame of this size. The limits may have been lowered since then.
      this.readable.give(inCall(this.#call, () => permit.put(chunk, this.#holder, true)));
    } finally {
      permit.release();
    }
  }

  async #permitFor(frame: VideoFrame): Promise<FramePermit> {
    const core = this.#core;
    const { admission, limits } = core;
    const wait = { signal: this.#ending.signal, holder: this.#holder, starvationMs: this.#starvationMs };
    for (;;) {
      requireOpenFrame('chunk', frame);
      core.requireActive('write()');
      const { bytes } = frameBytes(frame);
      if (!limits.fitsWhenIdle(bytes)) {
        throw core.refuse(frame, `its ${bytes} bytes exceed the limit`);
      }
      const take = (): FramePermit => inCall(this.#call, () => core.reserve(this.#holder, bytes));
      if (this.readable.isReadPending) return acquireOrWait(core, 'write()', take, wait, bytes);
      const isReadAhead = this.readable.length < this.#highWaterMark;
      if (isReadAhead && admission.hasHeadroom(bytes) && admission.canGrantNow(bytes)) return take();
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
      this.#ending.signal.throwIfAborted();
    }
  }

  // Not a closure of the constructor, because closures of one scope share their captured variables, including `this`.
  static #endBySignal(pair: PooledFrames, reason: unknown): void {
    pair.#end(reason);
  }

  #end(reason: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#stopListening();
    this.#ending.abort(reason);
    this.#resume();
    this.writable.fail(reason);
    this.readable.fail(reason);
  }
}

/** Takes over a frame that has no other owner. The pool owns it even before it has a permit. */
function takesOver(chunk: unknown): chunk is VideoFrame {
  if (!isVideoFrame(chunk) || isClosed(chunk) || isOwned(chunk) || isLent(chunk)) return false;
  noteOwned(chunk);
  return true;
}
