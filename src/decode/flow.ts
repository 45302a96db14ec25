/** One decoder under a pool's cap: when a chunk may go in, what becomes of the frames that come out. */
import { invalidState } from '../errors.ts';
import type { PoolCore } from '../pool/core.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { FramePermit } from '../pool/permit.ts';
import { requireFrameToOwn } from '../pool/source.ts';
import type { Place, Waiter } from '../pool/waiters.ts';
import type { ChunkKind } from './chunk-classifier.ts';
import { ChunkClassifier } from './chunk-classifier.ts';
import { configFor, DecoderDelay, MAX_LAG } from './decoder-delay.ts';
import type { FlowOptions } from './flow-options.ts';
import { InFlight } from './in-flight.ts';
import type { DecoderUser } from './linked-decoder.ts';
import { forgettableDecoder, keepingDecoder } from './linked-decoder.ts';
import type { Resume } from './resume.ts';
import { RestartPoints, resumeAfter } from './resume.ts';
import { Silence } from './silence.ts';
import { PoolStarvedError } from '../pool/starved.ts';

/**
 * The right to put one chunk in: with a permit, on the decoder's lag, or without, because no frame of it is delivered.
 */
export type Ticket = FramePermit | 'lag' | 'decode-only';

/** Who waits to put a chunk in. Told once, within the call that made room or ended the wait. */
export interface Applicant {
  /** Null is the answer to one who was sent away by `stopWaiting()`. */
  granted(ticket: Ticket | null): void;
  refused(error: unknown): void;
}

interface Request {
  readonly applicant: Applicant;
  readonly kind: ChunkKind;
  /** Its place in the pool's queue; null for a chunk that needs no permit and waits for the decoder alone. */
  readonly place: Place | null;
}

/**
 * Nothing in, nothing out, no chunk taken for so long, and the decoder is taken to wait for more input. Output was seen to
 * follow its `dequeue` event by 55 ms; the rest is for slow machines, on which a false alarm would feed a chunk too many.
 */
const QUIET_MS = 100;

/** A decoder that says it has not even taken a chunk is given so many intervals before that is doubted. */
const BUSY_INTERVALS = 10;

/** Chunks without a delivered frame that a decoder is given ahead: beyond any lag, and short of piling up. */
const MAX_DECODE_ONLY = 32;

/** What waits, ends and errors have in common for both forms, push (FrameDecoder) and pull (decodeFrames). */
export class DecodeFlow {
  readonly #options: FlowOptions;
  readonly #core: PoolCore;
  readonly #decoder: VideoDecoder;
  readonly #inFlight: InFlight;
  readonly #restartPoints: RestartPoints;
  readonly #firstIndex: number;
  /** Permits of chunks that went in. As many as there are chunks inside, or fewer: the rest is lag. */
  #permits: FramePermit[] = [];
  readonly #classifier: ChunkClassifier;
  readonly #delay: DecoderDelay;
  #request: Request | null = null;
  #closed = false;
  /** A frame is on its way into the pool, or to the consumer that asked for it and may not want another one. */
  #isDelivering = false;
  #flushing: ((error: unknown) => void) | null = null;
  readonly #silence: Silence;
  /** Made once: who waits is told by `#request`. */
  readonly #waiter: Waiter = {
    grant: () => this.#answer(this.#core.reserve(this.#options.holder)),
    fail: (error) => this.#refuse(error),
    leavesRoom: () => this.#leavesRoom,
  };
  /** Kept here, for its decoder may know it weakly. */
  readonly #user: DecoderUser;

  constructor(options: FlowOptions) {
    this.#options = options;
    this.#core = options.core;
    this.#delay = new DecoderDelay(options.config, options.lag ?? 0);
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
    this.#silence = new Silence(options.core.clock, QUIET_MS, options.starvationMs, {
      untaken: () => this.#decoder.decodeQueueSize,
      isAwaited: () => this.#request !== null || (this.#flushing !== null && options.isAwaited()),
      onQuiet: (silentMs) => this.#onQuiet(silentMs),
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

  /** How many chunks beyond its permits the decoder was found to need before it gives a frame. */
  get lag(): number {
    return this.#delay.frames;
  }

  /** Chunks that went in and that the decoder has not taken out of its queue. */
  get queueSize(): number {
    return this.#decoder.decodeQueueSize;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether a chunk has gone in. */
  get wasFed(): boolean {
    return this.#inFlight.nextIndex > this.#firstIndex;
  }

  /** Decides on the frame of a chunk. To be called once for each chunk, in decode order, before it is admitted. */
  classify(chunk: EncodedVideoChunk): ChunkKind {
    const kind = this.#classifier.classify(chunk);
    this.#restartPoints.read(chunk);
    return kind;
  }

  /**
   * Whether the frames that are wanted have all gone in: more chunks at or after `to` were classified than the stream reorders,
   * so every chunk to come is shown after it. False as long as the reordering is not known; then the first such frame ends the
   * flow.
   */
  get isComplete(): boolean {
    const { reorderDepth } = this.#delay;
    return reorderDepth !== null && this.#classifier.beyond > reorderDepth;
  }

  /**
   * A ticket for a chunk, if one can be had now; `ahead` for a chunk whose frame no consumer awaits.
   *
   * @throws `InvalidStateError` when a permit is needed and the pool is not active.
   */
  tryAdmit(kind: ChunkKind, ahead = false): Ticket | null {
    const ticket = this.#ticketFor(kind, ahead);
    if (ticket === null && kind === 'wanted') this.#core.requireActive('decode');
    return ticket;
  }

  /** Waits for a ticket; null when `stopWaiting()` came first. One wait at a time. */
  admit(kind: ChunkKind): Promise<Ticket | null> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw invalidState('decode: the decoder is closed');
      const ticket = this.tryAdmit(kind);
      if (ticket !== null) resolve(ticket);
      else this.apply(kind, { granted: resolve, refused: reject });
    });
  }

  /** Waits in the pool's queue where `tryAdmit()` gave nothing. One wait at a time. */
  apply(kind: ChunkKind, applicant: Applicant): void {
    const place = kind === 'wanted' ? this.#core.admission.waiters.join(this.#waiter) : null;
    this.#request = { applicant, kind, place };
    this.watch();
  }

  /** Leaves the pool's queue without a trace. */
  stopWaiting(): void {
    this.#answer(null);
  }

  /**
   * Puts a chunk in, and takes the ticket whatever happens.
   *
   * @throws What `VideoDecoder.decode()` throws: `DataError` where a key frame is due. The decoder can go on.
   */
  feed(chunk: EncodedVideoChunk, kind: ChunkKind, ticket: Ticket): void {
    const permit = typeof ticket === 'string' ? null : ticket;
    if (this.#closed) {
      permit?.release();
      throw invalidState('decode: the decoder is closed');
    }
    if (this.#inFlight.size === 0) this.#silence.startAnew();
    this.#silence.heardInput();
    // Booked first: a decoder may put out, or fail, within decode().
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

  /** Gets everything out. */
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
   * Goes on with another configuration after a flush.
   *
   * @throws `TypeError` for one that is malformed; the one before stays.
   */
  configure(config: VideoDecoderConfig): void {
    this.#decoder.configure(this.#tuned(config));
    this.#empty();
    this.#classifier.configure(config.codec);
    this.#delay.configure(config);
  }

  /** Ends the flow and gives every permit back; idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#decoder.state !== 'closed') this.#decoder.close();
    this.#silence.stop();
    this.#answer(null);
    this.#empty();
  }

  #onFrame(frame: VideoFrame): void {
    this.#silence.heardFrame();
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
      // Of a decoder that puts out in decode order, wanted frames may come after this one.
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
    // The pool passes this flow over while it delivers, if a shared budget has no room for two.
    if (this.#request !== null) this.#core.admission.serve();
  }

  /** All frames that are wanted have come. */
  #end(): void {
    this.close();
    this.#options.past?.();
  }

  #tuned(config: VideoDecoderConfig): VideoDecoderConfig {
    return configFor(config, this.#core.ledger.target);
  }

  /** In the decoder's callback: a frame that is kept here may be the surface that its decoder waits for. */
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
    // A consumer that holds a frame may need room for its copy before it releases the frame: the last room is for a flow that has none
    // inside.
    const leavesLast = (ahead || this.#leavesRoom) && !admission.hasRoomToSpare;
    if (this.#core.state === 'active' && !leavesLast && admission.hasRoom) {
      return this.#core.reserve(this.#options.holder);
    }
    // The lag gets back a permit that is stuck in the decoder: with as few chunks as these inside, it gives no frame. Without a permit in
    // there, a frame that came out would be one more than the app allowed.
    return !ahead && this.#permits.length > 0 && size <= this.#delay.frames ? 'lag' : null;
  }

  /**
   * Puts a frame into the pool: on a permit of this flow, on a free slot, or on the lag allowance.
   *
   * @param duration - Its chunk's, in µs, which the frame gets; null leaves the frame's own.
   */
  #own(out: VideoFrame, duration: number | null): FrameHandle<DecodedStorage> {
    const { holder } = this.#options;
    // Before anything is taken: a frame that a decoder puts out twice belongs to a slot already, and is not ours to close.
    requireFrameToOwn('frame', out);
    const frame = duration === null || out.duration === duration ? out : withDuration(out, duration);
    const permit = this.#permits.pop();
    if (permit !== undefined) return permit.put(frame, holder, true);
    if (this.#core.state !== 'active') {
      frame.close();
      this.#core.requireActive('decode');
    }
    // Where there is no room, it is the lag allowance.
    return this.#core.admit(frame, holder, true) as FrameHandle<DecodedStorage>;
  }

  /** After a frame: gives back permits of chunks that never come out, and learns. */
  #account(): void {
    this.#releaseUnused();
    if (this.#flushing === null) this.#delay.learn(this.#inFlight.size);
  }

  #releaseUnused(): void {
    while (this.#permits.length > this.#inFlight.wanted) this.#permits.pop()?.release();
  }

  /** With fewer chunks inside, the chunk that waits may go in without a permit. Permits come through the pool's queue. */
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

  /** The pool's queue has let it go. */
  #refuse(error: unknown): void {
    const request = this.#request;
    this.#request = null;
    request?.applicant.refused(error);
  }

  #leaveQueue({ place }: Request): void {
    if (place !== null) this.#core.admission.waiters.leave(place);
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

  /** Where another decoder goes on. */
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

  /** Somebody waits for a frame from now on. */
  watch(): void {
    if (!this.#closed) this.#silence.listen();
  }

  /** Gives one chunk more to a decoder that keeps all its permits and says nothing. */
  #onQuiet(silentMs: number): void {
    const request = this.#request;
    if (request === null) return;
    const isBusy = this.#decoder.decodeQueueSize > 0;
    // A wait that is over is not put off by one chunk more.
    const isDoubted = silentMs >= BUSY_INTERVALS * QUIET_MS && silentMs < this.#options.starvationMs;
    if (isBusy && !isDoubted) return;
    if (request.place === null) {
      this.#answer('decode-only');
      return;
    }
    // The pool's queue gets the permits, and with them the chunk that waits.
    if (!isBusy && this.#inFlight.dropRepeated()) this.#releaseUnused();
    else if (this.#permits.length > 0 && this.#inFlight.wanted - this.#permits.length < MAX_LAG) {
      // A decoder that has not taken its chunks waits for something else, such as a surface.
      if (!isBusy) this.#delay.suspect(this.#inFlight.size);
      this.#answer('lag');
    }
  }

  #onStarved(silentMs: number): void {
    const request = this.#request;
    // Without a permit in the decoder nothing is expected of it: then it is the app that keeps all of them.
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

/** The same picture with another duration, in µs. The frame is closed. */
function withDuration(frame: VideoFrame, duration: number): VideoFrame {
  try {
    return new VideoFrame(frame, { timestamp: frame.timestamp, duration });
  } finally {
    frame.close();
  }
}
