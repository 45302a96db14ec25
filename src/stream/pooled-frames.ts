/** Raw frames in, handles out: a pool as a stage of a pipe. */
import { currentCall, enter, inCall } from '../call-site.ts';
import { decodingCore } from '../decode/platform-decoder.ts';
import { aborted, requireWhole, shown } from '../errors.ts';
import type { PoolCore } from '../pool/core.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import { frameBytes, isClosed, isVideoFrame, requireOpenFrame } from '../pool/frames.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { isLent, isOwned, noteOwned } from '../pool/lifeline.ts';
import { checkWait } from '../pool/options.ts';
import type { FramePermit } from '../pool/permit.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import { requireFrameToOwn } from '../pool/source.ts';
import { acquireOrWait } from '../pool/acquire-or-wait.ts';
import { Inlet } from './inlet.ts';
import { Outlet } from './outlet.ts';
import { onAbort } from '../abort.ts';

/** How `pooledFrames()` carries frames. */
export interface PooledFramesOptions {
  /** Who holds the frames, as `holders()` will name it. */
  readonly holder?: string | undefined;
  /** Ends both sides with its reason, and so the pipes on both sides: those need none of their own. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How many frames may lie ready in the pool before somebody reads them, as far as there is room. 1 by default; with 0 a
   * frame is taken in when it is asked for.
   */
  readonly ahead?: number | undefined;
}

const DEFAULT_AHEAD = 1;

/**
 * Makes a pair for `frames.pipeThrough(pooledFrames(pool)).pipeTo(…)`: each frame that is written takes a permit, waiting
 * in the pool's queue under its cap, and comes out as a handle.
 *
 * A frame is the pool's from `write()` on. A written frame that has no permit yet is alive outside the cap: one where
 * writes are awaited, as a pipe does. Each handle is its reader's, to be released once. Whatever ends the pair (an abort, a
 * cancel, the signal, an error, a write into a pool that is not active) ends both sides with that reason, closes the frames
 * that wait and releases the handles that nobody has read; `close()` ends the readable side after what is ready was read.
 * What is written to a side that has ended is refused by the platform and stays its writer's, to be closed.
 *
 * A permit is waited for only while somebody reads. So a pair that was dropped stands in no queue, and the net brings back
 * what was ready.
 *
 * Give a signal here, and not to the pipe that writes. A pipe that is aborted waits for the write under way, which may wait
 * for a permit; and engines lose frames in it: Chromium 156 one that the pipe had just read, WebKit, where it waits for a read,
 * what comes of that after both were ended. Such a frame is closed when it is collected.
 *
 * @throws `TypeError` for what is no pool of decoded frames, `TypeError` or `RangeError` for an option that is none; at once.
 * @throws From both sides: `TypeError` for a chunk that is no frame or one that a pool has, `InvalidStateError` for a closed
 *   frame or a pool that is not active, `AbortError` when it is decommitted during the wait, `QuotaExceededError` for a
 *   frame larger than the pool's `maxBytes`.
 */
export function pooledFrames(
  pool: VideoFramePool,
  options: PooledFramesOptions = {},
): { readable: ReadableStream<FrameHandle>; writable: WritableStream<VideoFrame> } {
  const core = decodingCore('pooledFrames()', pool);
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`options must be an object, got ${shown(options)}`);
  checkWait(options);
  const ahead = requireWhole('ahead', options.ahead ?? DEFAULT_AHEAD, 0);
  const { inlet, outlet } = inCall(
    enter(() => core.noteCall()),
    () => new PooledFrames(core, options.holder ?? 'pooledFrames', ahead, options.signal),
  );
  return { readable: outlet.readable, writable: inlet.writable };
}

/**
 *          write()                 permit                            read()
 * frame ──▶ inlet's list: the pool's own, ──▶ slot, handle in the outlet's list ──▶ the reader's
 *           closed by any end but close()     released by any end but close()
 */
class PooledFrames {
  readonly inlet: Inlet<VideoFrame>;
  readonly outlet: Outlet<FrameHandle<DecodedStorage>>;
  readonly #core: PoolCore;
  readonly #holder: string;
  readonly #ahead: number;
  /** The app's call of `pooledFrames()`, for pools with `trackHolders`. */
  readonly #call = currentCall();
  /** Fires when the pair comes to another end than `close()`: ends the wait for a permit. */
  readonly #ending = new AbortController();
  #stopListening = (): void => {};
  /** Goes on with a write that waits for a read. */
  #goOn = (): void => {};

  constructor(core: PoolCore, holder: string, ahead: number, signal: AbortSignal | undefined) {
    this.#core = core;
    this.#holder = holder;
    this.#ahead = ahead;
    this.outlet = new Outlet((handle) => handle.release(), {
      read: () => this.#goOn(),
      cancelled: (reason) => this.#end(reason ?? aborted('the frames are read no more: cancel() was called')),
      drained: () => this.#stopListening(),
    });
    this.inlet = new Inlet<VideoFrame>({
      accepts: (chunk) => takesOver(chunk),
      letGo: (frame) => frame.close(),
      write: (chunk) => this.#write(chunk),
      closed: () => this.outlet.end(),
      ended: (reason) => this.#end(reason),
    });
    if (signal === undefined) return;
    if (signal.aborted) this.#end(signal.reason);
    else this.#stopListening = onAbort(signal, this, PooledFrames.#endBySignal);
  }

  async #write(chunk: unknown): Promise<void> {
    const { inlet } = this;
    if (!inlet.has(chunk)) requireFrameToOwn('chunk', chunk);
    const permit = await this.#permitFor(chunk);
    try {
      this.#ending.signal.throwIfAborted();
      // Whoever wrote it can still close it during the wait.
      requireOpenFrame('chunk', chunk);
      inlet.take(chunk);
      // The permit was given for a frame of this size, unless others have come between. That is nobody's fault; but what is
      // larger than all that the pool may hold is refused.
      this.outlet.give(inCall(this.#call, () => permit.put(chunk, this.#holder, true)));
    } finally {
      permit.release();
    }
  }

  async #permitFor(frame: VideoFrame): Promise<FramePermit> {
    const core = this.#core;
    const take = (): FramePermit => inCall(this.#call, () => core.reserve(this.#holder));
    for (;;) {
      requireOpenFrame('chunk', frame);
      core.requireActive('write()');
      core.admission.learnFrame(frameBytes(frame).bytes);
      if (this.outlet.isAsked) return acquireOrWait(core, 'write()', take, this.#ending.signal);
      const { hasRoom, hasRoomToSpare } = core.admission;
      if (this.outlet.length < this.#ahead && hasRoom && hasRoomToSpare) return take();
      await new Promise<void>((resolve) => {
        this.#goOn = resolve;
      });
      this.#ending.signal.throwIfAborted();
    }
  }

  // No closure of the constructor's: those share what they refer to, `this` among it.
  static #endBySignal(pair: PooledFrames, reason: unknown): void {
    pair.#end(reason);
  }

  #end(reason: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#stopListening();
    this.#ending.abort(reason);
    this.#goOn();
    this.inlet.fail(reason);
    this.outlet.fail(reason);
  }
}

/** Takes a frame over that nobody else has; it is the pool's own before it has a permit. */
function takesOver(chunk: unknown): chunk is VideoFrame {
  if (!isVideoFrame(chunk) || isClosed(chunk) || isOwned(chunk) || isLent(chunk)) return false;
  noteOwned(chunk);
  return true;
}
