/** Iteration over frames in the window: takes permits for the worker, and puts its frames into the pool. */
import type { PullSource } from '../../base/pull-queue.ts';
import { currentCall } from '../../base/call-site.ts';
import type { FrameSink } from '../../decode/chunk-pump.ts';
import { MAX_DECODER_DELAY } from '../../decode/decoder-delay.ts';
import { StallDetector } from '../../base/stall-detector.ts';
import { PoolStarvedError } from '../../pool/starved.ts';
import { dataError } from '../../base/errors.ts';
import type { PoolCore } from '../../pool/core.ts';
import type { DecodedStorage } from '../../pool/decoded.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import { noteCall } from '../../pool/handle.ts';
import type { FramePermit } from '../../pool/permit.ts';
import type { QueueEntry } from '../../pool/wait-queue.ts';
import type { ErrorRecord } from './error-record.ts';
import { errorOf } from './error-record.ts';
import type { JobLink, RemoteJob, FramesRequest } from './messages.ts';

/** Interval in ms at which arriving frames are checked for while a caller waits for one. */
const CHECK_INTERVAL_MS = 100;

/** Maximum of frames without a permit between two grants: all that a decoder keeps back, and as many in flight at that moment. */
const MAX_UNPERMITTED = 2 * MAX_DECODER_DELAY;

/** Settings of an iteration. */
export interface RemoteSettings {
  readonly core: PoolCore;
  readonly holder: string;
  readonly request: FramesRequest;
  /** Maximum of permits that the worker has at one time: enough to cover a round trip to the window. */
  readonly maxPermits: number;
  /** Frame size in the file. */
  readonly config: VideoDecoderConfig;
}

/**
 *   pool ──permit──▶ here ──"more"──▶ worker: one slot more ──▶ decoder
 *    ▲                 │                                          │
 *    └──put(frame)◀── spent ◀──────"frame" (transferred)◀─────────┘
 *
 * A permit is in `#permits` from its grant until the frame arrives that spends it, so the pool counts it as decoding throughout.
 * `stop()`, which every end calls, releases all of them. A frame that arrives later is closed at once.
 */
export class RemoteFrames implements PullSource<FrameHandle<DecodedStorage>>, RemoteJob {
  readonly #settings: RemoteSettings;
  readonly #core: PoolCore;
  readonly #link: JobLink;
  readonly #sink: FrameSink;
  /** Call of the app that began the iteration, for pools with `trackHolders`. */
  readonly #call = currentCall();
  readonly #silence: StallDetector;
  /** Granted and unspent permits. */
  readonly #permits: FramePermit[] = [];
  /** Frames that arrived without a permit since the last grant. */
  #unpermitted = 0;
  #job: number | null = null;
  #place: QueueEntry | null = null;
  #arrived = 0;
  /** The latest `wanted` that was sent to the worker. */
  #sentWanted = 0;
  #isDelivering = false;
  #isDry = false;
  #isStopped = false;

  constructor(settings: RemoteSettings, link: JobLink, sink: FrameSink) {
    this.#settings = settings;
    this.#core = settings.core;
    this.#link = link;
    this.#sink = sink;
    // Its timer also keeps an iteration alive that a caller waits for.
    this.#silence = new StallDetector(settings.core.clock, CHECK_INTERVAL_MS, settings.request.starvationMs, {
      isAwaited: () => !this.#isStopped && sink.awaited > 0,
      onIdle: () => {},
      onStarved: (silentMs) => this.#onStarved(silentMs),
    });
  }

  pull(): void {
    if (this.#isStopped) return;
    if (this.#job === null) {
      this.#job = this.#link.register(this);
      this.#link.post({ kind: 'start', job: this.#job, request: this.#settings.request });
      this.#core.admission.expectFrames(this.#settings.config);
    }
    if (this.#sink.awaited > 0) this.#silence.start();
    this.#grant();
  }

  rest(): void {
    const place = this.#place;
    this.#place = null;
    if (place !== null) this.#core.admission.waiters.cancel(place);
  }

  stop(): void {
    this.#end(true);
  }

  discard(handle: FrameHandle<DecodedStorage>): void {
    handle.release();
  }

  /** Takes ownership of an arrived frame. */
  onFrame(frame: VideoFrame, spends: boolean): void {
    this.#silence.noteFrame();
    const wasAwaited = this.#sink.awaited > 0;
    this.#isDelivering = true;
    try {
      const handle = this.#own(frame, spends);
      noteCall(handle, this.#call);
      this.#sink.push(handle);
      this.#arrived++;
    } catch (error) {
      this.fail(error);
    } finally {
      this.#isDelivering = false;
    }
    // The caller that got the frame will soon request the next one, and one message is enough for both.
    if (this.#isStopped || (wasAwaited && this.#sink.awaited === 0)) return;
    // The waiter may have been held back while the frame was in flight to a caller that does not want another one.
    if (this.#place !== null) this.#core.admission.serve();
    this.#grant();
  }

  /** Frame iterations accept no chunks. */
  onChunk(): void {
    this.fail(dataError('the worker sent a chunk in place of a frame'));
  }

  /** The worker has ended the job, with or without an error. */
  onEnd(record: ErrorRecord | null): void {
    if (this.#isStopped) return;
    const error = record === null ? null : this.#errorOf(record);
    this.#end(false);
    if (error === null) this.#sink.end();
    else this.#sink.fail(error);
  }

  /** Ends the iteration from this side. */
  fail(error: unknown): void {
    if (this.#isStopped) return;
    this.stop();
    this.#sink.fail(error);
  }

  /** Takes the permits that are available, sends them and the number of awaited frames, and queues for more if callers wait. */
  #grant(): void {
    const isActive = this.#core.state === 'active';
    let permits = 0;
    while (isActive && this.#canReserve()) {
      this.#reserve();
      permits++;
    }
    this.#requestMore(permits);
    if (this.#sink.awaited === 0) return;
    if (isActive) this.#queue();
    else this.#dryUp();
  }

  #reserve(): void {
    this.#permits.push(this.#core.reserve(this.#settings.holder));
    this.#unpermitted = 0;
  }

  #canReserve(): boolean {
    if (this.#permits.length >= this.#settings.maxPermits) return false;
    const { admission } = this.#core;
    // As in a decoder of this thread: the holder of a frame may need a slot for its copy before it releases the frame.
    if ((this.#sink.awaited === 0 || this.#leavesRoom) && !admission.hasHeadroom()) return false;
    return admission.canGrantNow();
  }

  get #leavesRoom(): boolean {
    return this.#permits.length > 0 || this.#isDelivering;
  }

  #requestMore(permits: number): void {
    const wanted = this.#arrived + this.#sink.awaited;
    if (this.#job === null || (permits === 0 && wanted <= this.#sentWanted)) return;
    this.#sentWanted = Math.max(this.#sentWanted, wanted);
    this.#link.post({ kind: 'more', job: this.#job, permits, wanted: this.#sentWanted });
  }

  #queue(): void {
    if (this.#place !== null || this.#permits.length >= this.#settings.maxPermits) return;
    this.#place = this.#core.admission.waiters.enqueue({
      grant: () => {
        this.#place = null;
        this.#reserve();
        this.#requestMore(1);
        this.#queue();
      },
      fail: (error) => {
        this.#place = null;
        this.fail(error);
      },
      keepsHeadroom: () => this.#leavesRoom,
    });
  }

  /** Reports to the worker that the pool lends no more. The iteration ends only if the worker needs another permit. */
  #dryUp(): void {
    if (this.#isDry || this.#job === null) return;
    this.#isDry = true;
    this.#link.post({ kind: 'dry', job: this.#job });
  }

  /** Puts a frame into the pool: on a permit, on a free slot, or over the limit within the decoder's delay. */
  #own(frame: VideoFrame, spends: boolean): FrameHandle<DecodedStorage> {
    const { holder } = this.#settings;
    const permit = spends ? this.#permits.pop() : undefined;
    if (permit !== undefined) return permit.put(frame, holder, true);
    if (spends || ++this.#unpermitted > MAX_UNPERMITTED) {
      frame.close();
      throw dataError('the worker sent frames without permits');
    }
    if (this.#core.state !== 'active') {
      frame.close();
      this.#core.requireActive('decode');
    }
    return this.#core.admit(frame, holder, true) as FrameHandle<DecodedStorage>;
  }

  #errorOf(record: ErrorRecord): unknown {
    try {
      if (this.#isDry) this.#core.requireActive('decode');
    } catch (error) {
      return error;
    }
    return record.type === 'PoolStarvedError'
      ? this.#starved(this.#settings.request.starvationMs)
      : errorOf(record);
  }

  /** While the worker has permits, its decoder is expected to put out a frame, and the worker detects starvation itself. */
  #onStarved(silentMs: number): void {
    if (this.#place === null || this.#permits.length > 0 || this.#core.admission.outInReach === 0) return;
    this.fail(this.#starved(silentMs));
  }

  #starved(silentMs: number): PoolStarvedError {
    return new PoolStarvedError(this.#core.name, silentMs, this.#core.admission.holdersInReach());
  }

  #end(tells: boolean): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.rest();
    this.#silence.stop();
    if (this.#job !== null) {
      this.#link.unregister(this.#job);
      if (tells) this.#link.post({ kind: 'stop', job: this.#job });
    }
    for (const permit of this.#permits.splice(0)) permit.release();
  }
}
