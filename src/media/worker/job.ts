/** One iteration in the worker: decodes on the permits that the window granted, and sends each frame as it comes out. */
import type { FrameConsumer, FrameProducer } from '../../decode/frame-producer.ts';
import type { PoolCore } from '../../pool/core.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import { coreOf, VideoFramePool } from '../../pool/pool.ts';
import type { LocalVideo } from '../local-video.ts';
import { recordOf } from './error-record.ts';
import type { FramesRequest, FromWorker } from './messages.ts';
import { MOST_PERMITS } from './messages.ts';

/** Says something to the window. */
export type Tell = (said: FromWorker, transfer?: Transferable[]) => void;

/**
 * The job's own pool has as many slots as there are permits granted and not yet spent, so that a decoder in here keeps to the
 * window's cap by the very rules by which it would in the window. A frame is in this pool only from the decoder's callback to
 * the end of that call: it goes to the window together with its permit, or without one where it came on the decoder's lag.
 */
export class Job implements FrameConsumer {
  readonly #number: number;
  readonly #tell: Tell;
  readonly #pool = new VideoFramePool({ capacity: 1, name: 'worker' });
  readonly #core: PoolCore = coreOf(this.#pool);
  readonly #ending = new AbortController();
  #producer: FrameProducer | null = null;
  #wanted = 0;
  #sent = 0;

  constructor(number: number, video: LocalVideo, request: FramesRequest, tell: Tell) {
    this.#number = number;
    this.#tell = tell;
    // No app may ask for a pool without slots; this one has none until a permit is granted.
    this.#core.ledger.resize(0);
    const options = { ...request, pool: this.#pool, holder: 'worker', signal: this.#ending.signal };
    if (request.kind === 'frames') this.#producer = video.pump(options)(this);
    else void this.#find(video.frameAt(request.timestamp, options));
  }

  /** How many wait in the window, as far as it is known here. */
  get awaited(): number {
    return Math.max(0, this.#wanted - this.#sent);
  }

  /**
   * So many permits more, and somebody waits for all frames through the one of this number.
   *
   * @returns False for more permits than any window grants. None of them counts then.
   */
  more(permits: number, wanted: number): boolean {
    const { ledger, admission } = this.#core;
    if (ledger.target + permits > MOST_PERMITS) return false;
    this.#wanted = wanted;
    ledger.resize(ledger.target + permits);
    admission.serve();
    this.#producer?.pull();
    return true;
  }

  /** No more permits will come. */
  dry(): void {
    void this.#pool.decommit();
    this.#producer?.pull();
  }

  /** Sends a frame, and its permit with it. */
  take(handle: FrameHandle): void {
    const { ledger } = this.#core;
    const spends = ledger.target > 0;
    const frame = handle.toVideoFrame();
    // Before the slot is back: it is the window's from now on, and nobody's who waits in here.
    if (spends) ledger.resize(ledger.target - 1);
    handle.release();
    this.#sent++;
    this.#tell({ kind: 'frame', job: this.#number, spends, frame }, [frame]);
    if (this.awaited === 0) this.#producer?.rest();
  }

  finish(): void {
    this.#tell({ kind: 'end', job: this.#number, error: null });
  }

  fail(error: unknown): void {
    this.#tell({ kind: 'end', job: this.#number, error: recordOf(error) });
  }

  /** The window wants nothing more of it. */
  stop(): void {
    this.#producer?.stop();
    this.#ending.abort();
  }

  async #find(found: Promise<FrameHandle>): Promise<void> {
    try {
      this.take(await found);
      this.finish();
    } catch (error) {
      // Who stopped it knows.
      if (!this.#ending.signal.aborted) this.fail(error);
    }
  }
}
