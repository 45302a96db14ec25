/** Decoder bounded by a pool's cap: it admits chunks when there is room, and delivers or closes the frames that come out. */
import { invalidState } from '../base/errors.ts';
import type { PoolCore } from '../pool/core.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { FramePermit } from '../pool/permit.ts';
import { requireFrameToOwn } from '../pool/source.ts';
import type { QueueEntry, Waiter } from '../pool/wait-queue.ts';
import type { ChunkKind } from './chunk-classifier.ts';
import { ChunkClassifier } from './chunk-classifier.ts';
import { configFor, DecoderDelay, MAX_DECODER_DELAY } from './decoder-delay.ts';
import type { FlowOptions } from './flow-options.ts';
import { InFlight } from './in-flight.ts';
import type { DecoderUser } from './linked-decoder.ts';
import { forgettableDecoder, keepingDecoder } from './linked-decoder.ts';
import type { Resume } from './resume.ts';
import { RestartPoints, resumeAfter } from './resume.ts';
import { StallDetector } from '../base/stall-detector.ts';
import { PoolStarvedError } from '../pool/starved.ts';

/**
 * Admission of one chunk: with a permit, on the allowance for the decoder's delay, or without either because its frame is not
 * delivered.
 */
export type Ticket = FramePermit | 'delay' | 'decode-only';

/** Caller that waits to decode a chunk. It is called once, within the call that made room or ended the wait. */
export interface Applicant {
  /** Null if `stopWaiting()` ended the wait. */
  granted(ticket: Ticket | null): void;
  refused(error: unknown): void;
}

interface Request {
  readonly applicant: Applicant;
  readonly kind: ChunkKind;
  /** QueueEntry in the pool's queue. Null for a chunk that needs no permit and waits only for the decoder. */
  readonly place: QueueEntry | null;
}

/**
 * Milliseconds without input, output or a taken chunk after which the decoder is assumed to wait for more input. Output was seen
 * up to 55 ms after its `dequeue` event. The rest is a margin for slow machines, on which a false alarm would feed one chunk too
 * many.
 */
const QUIET_MS = 100;

/** A decoder that reports untaken chunks gets this many intervals before the report is doubted. */
const BUSY_INTERVALS = 10;

/** Limit of chunks without a delivered frame that are fed ahead: above any decoder delay, and too few to pile up. */
const MAX_DECODE_ONLY = 32;

/** Handles waits, ends and errors for the push API (FrameDecoder) and the pull API (decodeFrames). */
export class DecodeFlow {
  readonly #options: FlowOptions;
  readonly #core: PoolCore;
  readonly #decoder: VideoDecoder;
  readonly #inFlight: InFlight;
  readonly #restartPoints: RestartPoints;
  readonly #firstIndex: number;
  /**
   * Permits of the chunks that were fed. At most one for each chunk inside; chunks without one use the allowance for the delay.
   */
  #permits: FramePermit[] = [];
  readonly #classifier: ChunkClassifier;
  readonly #delay: DecoderDelay;
  #request: Request | null = null;
  #closed = false;
  /** True while a frame enters the pool, or is passed to the consumer that requested it and may not want another one. */
  #isDelivering = false;
  #flushing: ((error: unknown) => void) | null = null;
  readonly #silence: StallDetector;
  /** Created once. `#request` names the caller that waits. */
  readonly #waiter: Waiter = {
    grant: () => this.#answer(this.#core.reserve(this.#options.holder)),
    fail: (error) => this.#refuse(error),
    keepsHeadroom: () => this.#leavesRoom,
  };
  /** Kept here, because the decoder may refer to it weakly. */
  readonly #user: DecoderUser;

  constructor(options: FlowOptions) {
    this.#options = options;
    this.#core = options.core;
    this.#delay = new DecoderDelay(options.config, options.decoderDelay ?? 0);
    const { from = -Infinity, to = Infinity, deliveredThrough = null, resume = null, isDecodeOnly } = options;
    this.#classifier = new ChunkClassifier(options.config?.codec, {
      from,
      to,
      resume,
      deliveredThrough,
      isDecodeOnly,
    });
    this.#firstIndex = resume?.point.index ?? 0;
    this.#inFlight = new InFlight(this.#firstIndex);
    this.#restartPoints = new RestartPoints(this.#firstIndex);
    this.#silence = new StallDetector(options.core.clock, QUIET_MS, options.starvationMs, {
      untaken: () => this.#decoder.decodeQueueSize,
      isAwaited: () => this.#request !== null || (this.#flushing !== null && options.isAwaited()),
      onIdle: (silentMs) => this.#onQuiet(silentMs),
      onStarved: (silentMs) => this.#onStarved(silentMs),
    });
    this.#user = {
      onFrame: (frame) => this.#onFrame(frame),
      onError: (error) => this.#fail(error, error.name === 'QuotaExceededError'),
    };
    const open = options.isForgettable ? forgettableDecoder : keepingDecoder;
    this.#decoder = open(options.decoder, this.#user);
    try {
      this.#decoder.configure(this.#tuned(options.config));
    } catch (error) {
      this.close();
      throw error;
    }
    this.#core.admission.expectFrames(options.config);
  }

  /** Number of chunks beyond its permits that the decoder was found to need before it puts out a frame. */
  get decoderDelay(): number {
    return this.#delay.frames;
  }

  /** Number of chunks that were fed and that the decoder has not taken out of its queue. */
  get queueSize(): number {
    return this.#decoder.decodeQueueSize;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether a chunk was fed. */
  get wasFed(): boolean {
    return this.#inFlight.nextIndex > this.#firstIndex;
  }

  /** Returns the kind of a chunk. Must be called once for each chunk, in decode order, before its admission. */
  classify(chunk: EncodedVideoChunk): ChunkKind {
    const kind = this.#classifier.classify(chunk);
    this.#restartPoints.read(chunk);
    return kind;
  }

  /**
   * Whether all wanted frames were fed. True when the number of classified chunks at or after `to` exceeds the reorder depth,
   * because every later chunk is then shown after `to`. False while the reorder depth is unknown: then the first frame at or
   * after `to` ends the flow.
   */
  get isComplete(): boolean {
    const { reorderDepth } = this.#delay;
    return reorderDepth !== null && this.#classifier.beyond > reorderDepth;
  }

  /**
   * Returns a ticket for a chunk, or null if none is available now. `ahead` marks a chunk whose frame no consumer awaits.
   *
   * @throws `InvalidStateError` when a permit is needed and the pool is not active.
   */
  tryAdmit(kind: ChunkKind, ahead = false): Ticket | null {
    const ticket = this.#ticketFor(kind, ahead);
    if (ticket === null && kind === 'wanted') this.#core.requireActive('decode');
    return ticket;
  }

  /** Resolves with a ticket, or with null if `stopWaiting()` ends the wait. Only one wait at a time. */
  admit(kind: ChunkKind): Promise<Ticket | null> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw invalidState('decode: the decoder is closed');
      const ticket = this.tryAdmit(kind);
      if (ticket !== null) resolve(ticket);
      else this.apply(kind, { granted: resolve, refused: reject });
    });
  }

  /** Waits for a ticket after `tryAdmit()` returned null, in the pool's queue if a permit is needed. Only one wait at a time. */
  apply(kind: ChunkKind, applicant: Applicant): void {
    const place = kind === 'wanted' ? this.#core.admission.waiters.enqueue(this.#waiter) : null;
    this.#request = { applicant, kind, place };
    this.watch();
  }

  /** Ends the wait and removes it from the pool's queue. */
  stopWaiting(): void {
    this.#answer(null);
  }

  /**
   * Passes a chunk to the decoder. Takes over the ticket in every case, even if it throws.
   *
   * @throws The errors of `VideoDecoder.decode()`: `DataError` if a key frame is due. The decoder remains usable.
   */
  feed(chunk: EncodedVideoChunk, kind: ChunkKind, ticket: Ticket): void {
    const permit = typeof ticket === 'string' ? null : ticket;
    if (this.#closed) {
      permit?.release();
      throw invalidState('decode: the decoder is closed');
    }
    if (this.#inFlight.size === 0) this.#silence.reset();
    this.#silence.noteInput();
    // Recorded first, because a decoder may put out a frame or fail within decode().
    const inside = this.#inFlight.feed(chunk, kind);
    if (permit !== null) this.#permits.push(permit);
    try {
      this.#delay.readChunk(chunk);
      this.#decoder.decode(chunk);
    } catch (error) {
      this.#inFlight.cancel(inside);
      this.#releaseUnused();
      throw error;
    }
  }

  /** Puts out the frames of all chunks inside. */
  async flush(): Promise<void> {
    const ended = new Promise<never>((_, reject) => {
      this.#flushing = reject;
    });
    this.watch();
    try {
      await Promise.race([this.#decoder.flush(), ended]);
      this.#empty();
    } finally {
      this.#flushing = null;
    }
  }

  /**
   * Continues with another configuration after a flush.
   *
   * @throws `TypeError` for a malformed configuration. The previous one stays in use.
   */
  configure(config: VideoDecoderConfig): void {
    this.#decoder.configure(this.#tuned(config));
    this.#empty();
    this.#classifier.configure(config.codec);
    this.#delay.configure(config);
  }

  /** Ends the flow and releases all its permits. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#decoder.state !== 'closed') this.#decoder.close();
    this.#silence.stop();
    this.#answer(null);
    this.#empty();
  }

  #onFrame(frame: VideoFrame): void {
    this.#silence.noteFrame();
    if (this.#closed) {
      frame.close();
      return;
    }
    const { timestamp } = frame;
    const chunk = this.#inFlight.out(timestamp);
    if (chunk !== null) this.#restartPoints.reach(chunk);
    if ((chunk?.kind ?? this.#classifier.kindOfFrame(timestamp)) !== 'wanted') {
      frame.close();
      this.#account();
      // If the decoder puts out in decode order, wanted frames may follow this one.
      const isLast = !this.#inFlight.hasOvertaken && !this.#inFlight.isInDecodeOrder;
      if (timestamp >= (this.#options.to ?? Infinity) && isLast) this.#end();
      else this.#admitWaiting();
      return;
    }
    this.#isDelivering = true;
    try {
      const handle = this.#own(frame, chunk?.duration ?? null);
      this.#account();
      this.#admitWaiting();
      this.#deliver(handle);
    } catch (error) {
      this.#fail(error, false);
    } finally {
      this.#isDelivering = false;
    }
    // During delivery the pool skips this flow if a shared budget has no room for two frames.
    if (this.#request !== null) this.#core.admission.serve();
  }

  /** Ends the flow after all wanted frames have come out. */
  #end(): void {
    this.close();
    this.#options.past?.();
  }

  #tuned(config: VideoDecoderConfig): VideoDecoderConfig {
    return configFor(config, this.#core.ledger.target);
  }

  /** Runs within the decoder's callback, because a frame that is kept here may be the surface that the decoder waits for. */
  #deliver(handle: FrameHandle<DecodedStorage>): void {
    try {
      this.#options.output(handle);
    } catch (error) {
      reportError(error);
    }
  }

  get #leavesRoom(): boolean {
    return this.#permits.length > 0 || this.#isDelivering;
  }

  #ticketFor(kind: ChunkKind, ahead: boolean): Ticket | null {
    const { size, wanted } = this.#inFlight;
    if (kind !== 'wanted') return size - wanted < MAX_DECODE_ONLY ? 'decode-only' : null;
    const { admission } = this.#core;
    // A consumer that holds a frame may need room for a copy before it releases the frame. So the last room is reserved for a
    // flow that has no permit inside.
    const leavesLast = (ahead || this.#leavesRoom) && !admission.hasHeadroom();
    if (this.#core.state === 'active' && !leavesLast && admission.canGrantNow()) {
      return this.#core.reserve(this.#options.holder);
    }
    // The allowance recovers a permit that is stuck in the decoder: with this few chunks inside, the decoder puts out no frame.
    // If no permit is inside, a frame that came out would exceed the app's limit by one.
    return !ahead && this.#permits.length > 0 && size <= this.#delay.frames ? 'delay' : null;
  }

  /**
   * Puts a frame into the pool: with a permit of this flow, in a free slot, or on the allowance for the delay.
   *
   * @param duration - Duration of its chunk in µs, which the frame receives. Null keeps the frame's own duration.
   */
  #own(out: VideoFrame, duration: number | null): FrameHandle<DecodedStorage> {
    const { holder } = this.#options;
    // Checked before anything is taken: a frame that a decoder puts out twice already belongs to a slot, and this flow must not
    // close it.
    requireFrameToOwn('frame', out);
    const frame = duration === null || out.duration === duration ? out : withDuration(out, duration);
    const permit = this.#permits.pop();
    if (permit !== undefined) return permit.put(frame, holder, true);
    if (this.#core.state !== 'active') {
      frame.close();
      this.#core.requireActive('decode');
    }
    // Without room, the allowance for the delay admits the frame.
    return this.#core.admit(frame, holder, true) as FrameHandle<DecodedStorage>;
  }

  /** Runs after each frame: releases permits of chunks that never come out, and updates the delay. */
  #account(): void {
    this.#releaseUnused();
    if (this.#flushing === null) this.#delay.learn(this.#inFlight.size);
  }

  #releaseUnused(): void {
    while (this.#permits.length > this.#inFlight.wanted) this.#permits.pop()?.release();
  }

  /** With fewer chunks inside, the waiting chunk may be admitted without a permit. Permits come through the pool's queue. */
  #admitWaiting(): void {
    if (this.#request === null) return;
    const ticket = this.#ticketFor(this.#request.kind, false);
    if (ticket !== null) this.#answer(ticket);
  }

  #answer(ticket: Ticket | null): void {
    const request = this.#request;
    if (request === null) return;
    this.#request = null;
    this.#leaveQueue(request);
    request.applicant.granted(ticket);
  }

  /** Called after the pool's queue has removed the waiter. */
  #refuse(error: unknown): void {
    const request = this.#request;
    this.#request = null;
    request?.applicant.refused(error);
  }

  #leaveQueue({ place }: Request): void {
    if (place !== null) this.#core.admission.waiters.cancel(place);
  }

  #fail(error: unknown, reclaimed: boolean): void {
    if (this.#closed) return;
    const resume = reclaimed ? this.#resume : null;
    const request = this.#request;
    this.#request = null;
    if (request !== null) this.#leaveQueue(request);
    const endFlush = this.#flushing;
    this.close();
    request?.applicant.refused(error);
    endFlush?.(error);
    this.#options.error(error, resume);
  }

  /** State from which another decoder can continue. */
  get #resume(): Resume {
    const { nextIndex, indices } = this.#inFlight;
    const { resume: before, deliveredThrough } = this.#classifier;
    const first = { chunk: null, index: this.#firstIndex };
    const point = this.#restartPoints.pointFor(indices[0] ?? nextIndex) ?? before?.point ?? first;
    return resumeAfter(before, { point, fed: nextIndex, missing: new Set(indices), deliveredThrough });
  }

  #empty(): void {
    this.#inFlight.clear();
    const permits = this.#permits;
    this.#permits = [];
    for (const permit of permits) permit.release();
  }

  /** Starts to detect stalls, because a consumer waits for a frame. */
  watch(): void {
    if (!this.#closed) this.#silence.start();
  }

  /** Feeds one more chunk to a decoder that keeps all its permits and puts out nothing. */
  #onQuiet(silentMs: number): void {
    const request = this.#request;
    if (request === null) return;
    const isBusy = this.#decoder.decodeQueueSize > 0;
    // One more chunk must not postpone the end of a wait whose time is over.
    const isDoubted = silentMs >= BUSY_INTERVALS * QUIET_MS && silentMs < this.#options.starvationMs;
    if (isBusy && !isDoubted) return;
    if (request.place === null) {
      this.#answer('decode-only');
      return;
    }
    // Released permits go to the pool's queue, which then admits the waiting chunk.
    if (!isBusy && this.#inFlight.dropRepeated()) this.#releaseUnused();
    else if (this.#permits.length > 0 && this.#inFlight.wanted - this.#permits.length < MAX_DECODER_DELAY) {
      // A decoder that has not taken its chunks waits for something else, such as a surface.
      if (!isBusy) this.#delay.suspect(this.#inFlight.size);
      this.#answer('delay');
    }
  }

  #onStarved(silentMs: number): void {
    const request = this.#request;
    // Without a permit inside, no frame is expected from the decoder. In that case the app holds every slot.
    const inside = request === null || request.place === null ? this.#inFlight.size : this.#permits.length;
    if (inside === 0 && this.#core.admission.outInReach === 0) return;
    const error = new PoolStarvedError(this.#core.name, silentMs, this.#core.admission.holdersInReach());
    if (request === null) {
      this.#flushing?.(error);
      return;
    }
    this.#request = null;
    this.#leaveQueue(request);
    request.applicant.refused(error);
  }
}

/** Returns the same picture with another duration, in µs. The given frame is closed. */
function withDuration(frame: VideoFrame, duration: number): VideoFrame {
  try {
    return new VideoFrame(frame, { timestamp: frame.timestamp, duration });
  } finally {
    frame.close();
  }
}
