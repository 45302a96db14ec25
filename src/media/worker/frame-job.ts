/** Iteration over frames in the worker: decodes on the permits that the window granted, and posts each frame as it comes out. */
import type { ChunkPump, FrameSink } from '../../decode/chunk-pump.ts';
import type { PoolCore } from '../../pool/core.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import { coreOf, VideoFramePool } from '../../pool/pool.ts';
import type { LocalVideo } from '../local-video.ts';
import { recordOf } from './error-record.ts';
import type { FramesRequest, FromWorker } from './messages.ts';
import { MAX_PERMITS } from './messages.ts';

/** Posts a message to the window. */
export type PostMessage = (message: FromWorker, transfer?: Transferable[]) => void;

/**
 * The job's own pool has as many slots as there are granted and unspent permits, so that a decoder here keeps to the window's cap
 * by the same rules as in the window. A frame is in this pool only during the decoder's callback. It is posted to the window
 * together with its permit, or without one if it came within the decoder's delay.
 */
export class FrameJob implements FrameSink {
  readonly #number: number;
  readonly #post: PostMessage;
  readonly #pool = new VideoFramePool({ capacity: 1, name: 'worker' });
  readonly #core: PoolCore = coreOf(this.#pool);
  readonly #ending = new AbortController();
  #pump: ChunkPump | null = null;
  #wanted = 0;
  #sent = 0;

  constructor(number: number, video: LocalVideo, request: FramesRequest, post: PostMessage) {
    this.#number = number;
    this.#post = post;
    // Apps cannot create a pool without slots. This one has none until a permit is granted.
    this.#core.ledger.resize(0);
    const options = { ...request, pool: this.#pool, holder: 'worker', signal: this.#ending.signal };
    if (request.kind === 'frames') this.#pump = video.pump(options)(this);
    else void this.#find(video.frameAt(request.timestamp, options));
  }

  /** Number of callers that wait in the window, as far as known here. */
  get awaited(): number {
    return Math.max(0, this.#wanted - this.#sent);
  }

  /**
   * Adds permits. `wanted` is the number of the last frame that a caller waits for.
   *
   * @returns False for more permits than any window grants. None of them counts then.
   */
  grant(permits: number, wanted: number): boolean {
    const { ledger, admission } = this.#core;
    if (ledger.target + permits > MAX_PERMITS) return false;
    this.#wanted = wanted;
    ledger.resize(ledger.target + permits);
    admission.serve();
    this.#pump?.pull();
    return true;
  }

  /** Marks that no more permits will come. */
  endPermits(): void {
    void this.#pool.decommit();
    this.#pump?.pull();
  }

  /** Posts a frame together with its permit. */
  push(handle: FrameHandle): void {
    const { ledger } = this.#core;
    const spends = ledger.target > 0;
    const frame = handle.toVideoFrame();
    // Before the slot is free: the permit is the window's from now on, and must not go to a waiter in this thread.
    if (spends) ledger.resize(ledger.target - 1);
    handle.release();
    this.#sent++;
    this.#post({ kind: 'frame', job: this.#number, spends, frame }, [frame]);
    if (this.awaited === 0) this.#pump?.rest();
  }

  end(): void {
    this.#post({ kind: 'end', job: this.#number, error: null });
  }

  fail(error: unknown): void {
    this.#post({ kind: 'end', job: this.#number, error: recordOf(error) });
  }

  /** Stops the job: the window needs no more frames. */
  stop(): void {
    this.#pump?.stop();
    this.#ending.abort();
  }

  async #find(found: Promise<FrameHandle>): Promise<void> {
    try {
      this.push(await found);
      this.end();
    } catch (error) {
      // After a stop the window does not need the error.
      if (!this.#ending.signal.aborted) this.fail(error);
    }
  }
}
