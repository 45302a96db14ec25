/** Admission of chunks to one decoder: the permits of the chunks inside, and the chunk that waits for admission. */
import { Deferred } from '../base/deferred.ts';
import type { PoolCore } from '../pool/core.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { FramePermit } from '../pool/permit.ts';
import { requireFrameToOwn } from '../pool/loan.ts';
import type { QueueEntry, Waiter } from '../pool/wait-queue.ts';
import type { DecoderDelay } from './decoder-delay.ts';
import { MAX_DECODER_DELAY } from './decoder-delay.ts';
import type { ChunkKind, InFlight } from './in-flight.ts';

interface AdmissionRequest {
  readonly kind: ChunkKind;
  readonly isAdmitted: Deferred<boolean>;
  /** Entry in the pool's queue. Null for a chunk that needs no permit and waits only for the decoder. */
  readonly entry: QueueEntry | null;
}

/** Limit of chunks without a delivered frame that are fed ahead: above any decoder delay, and too few to pile up. */
const MAX_DECODE_ONLY = 32;

/**
 * A chunk is admitted with a permit, on the allowance for the decoder's delay, or without either because its frame is not
 * delivered. At most one chunk waits at a time. This object owns all permits until frames are put into their slots.
 */
export class ChunkAdmission {
  readonly #core: PoolCore;
  readonly #holder: string;
  readonly #inFlight: InFlight;
  readonly #delay: DecoderDelay;
  /** At most one for each chunk inside, and one for an admitted chunk. Chunks without one use the allowance for the delay. */
  readonly #permits: FramePermit[] = [];
  /** Whether the newest permit is for a chunk that was admitted and not fed yet. */
  #isReserved = false;
  #request: AdmissionRequest | null = null;
  #isDelivering = false;
  /** Created once. `#request` names the chunk that waits. */
  readonly #waiter: Waiter = {
    grant: () => {
      this.#reserve();
      this.#settle(true);
    },
    fail: (error) => this.reject(error),
    keepsHeadroom: () => this.#keepsHeadroom,
  };

  constructor(core: PoolCore, holder: string, inFlight: InFlight, delay: DecoderDelay) {
    this.#core = core;
    this.#holder = holder;
    this.#inFlight = inFlight;
    this.#delay = delay;
  }

  /** Whether a chunk waits. */
  get isRequested(): boolean {
    return this.#request !== null;
  }

  /** Number of frames that the decoder is expected to put out for the current wait. */
  get expectedFrames(): number {
    // A chunk waits for a permit: without a permit inside, the app holds every slot.
    return (this.#request?.entry ?? null) === null ? this.#inFlight.size : this.#permits.length;
  }

  /**
   * Admits a chunk if there is room now. `isAhead` marks a chunk whose frame no consumer awaits.
   *
   * @throws `InvalidStateError` when a permit is needed and the pool is not active.
   */
  tryAdmit(kind: ChunkKind, isAhead: boolean): boolean {
    const isAdmitted = this.#admit(kind, isAhead);
    if (!isAdmitted && kind === 'wanted') this.#core.requireActive('decode');
    return isAdmitted;
  }

  /** Waits after `tryAdmit()` returned false, in the pool's queue if a permit is needed. False if `cancel()` ended the wait. */
  request(kind: ChunkKind): Promise<boolean> {
    const isAdmitted = new Deferred<boolean>();
    const entry = kind === 'wanted' ? this.#core.admission.waiters.enqueue(this.#waiter) : null;
    this.#request = { kind, isAdmitted, entry };
    return isAdmitted.promise;
  }

  /** Ends the wait and removes it from the pool's queue. */
  cancel(): void {
    this.#settle(false);
  }

  /** Ends the wait with an error. */
  reject(error: unknown): void {
    this.#endRequest()?.isAdmitted.reject(error);
  }

  /** Notes that the admitted chunk is inside. */
  noteFed(): void {
    this.#isReserved = false;
  }

  /**
   * Puts a frame that came out into the pool: with a permit, in a free slot, or on the allowance for the delay.
   *
   * @param duration - Duration of its chunk in µs, which the frame receives. Null keeps the frame's own duration.
   */
  put(out: VideoFrame, duration: number | null): FrameHandle<DecodedStorage> {
    // Checked before anything is taken: a frame that a decoder puts out twice already belongs to a slot, and must not be closed
    // here.
    requireFrameToOwn('frame', out);
    const frame = duration === null || out.duration === duration ? out : withDuration(out, duration);
    const permit = this.#permits.length > this.#reserved ? this.#permits.shift() : undefined;
    if (permit !== undefined) return permit.put(frame, this.#holder, true);
    if (this.#core.state !== 'active') {
      frame.close();
      this.#core.requireActive('decode');
    }
    // Without room, the allowance for the delay admits the frame.
    return this.#core.admit(frame, this.#holder, true) as FrameHandle<DecodedStorage>;
  }

  /** Releases permits of chunks that never come out. */
  releaseUnused(): void {
    while (this.#permits.length > this.#inFlight.wanted + this.#reserved) this.#permits.shift()?.release();
  }

  /** Releases all permits, because the decoder is empty. */
  releaseAll(): void {
    for (const permit of this.#permits.splice(0)) permit.release();
    this.#isReserved = false;
  }

  /** With fewer chunks inside, the waiting chunk may be admitted without a permit. Permits come through the pool's queue. */
  admitWaiting(): void {
    if (this.#request !== null && this.#admit(this.#request.kind, false)) this.#settle(true);
  }

  /**
   * Called before a frame enters the pool and is passed to its consumer. The consumer may not want another frame, so until
   * `endDelivery()` no permit is taken if a shared budget has no room for two frames.
   */
  beginDelivery(): void {
    this.#isDelivering = true;
  }

  endDelivery(): void {
    this.#isDelivering = false;
    if (this.#request !== null) this.#core.admission.serve();
  }

  /** Admits one more chunk to a decoder that keeps all its permits and puts out nothing. */
  admitToSilent(hasUntaken: boolean): void {
    if (this.#request === null) return;
    if (this.#request.entry === null) {
      this.#settle(true);
      return;
    }
    // Released permits go to the pool's queue, which then admits the waiting chunk.
    if (!hasUntaken && this.#inFlight.dropRepeated()) this.releaseUnused();
    else if (this.#permits.length > 0 && this.#inFlight.wanted - this.#permits.length < MAX_DECODER_DELAY) {
      // A decoder that has not taken its chunks waits for something else, such as a surface.
      if (!hasUntaken) this.#delay.suspect(this.#inFlight.size);
      this.#settle(true);
    }
  }

  get #keepsHeadroom(): boolean {
    return this.#permits.length > 0 || this.#isDelivering;
  }

  get #reserved(): number {
    return this.#isReserved ? 1 : 0;
  }

  #reserve(): void {
    this.#permits.push(this.#core.reserve(this.#holder));
    this.#isReserved = true;
  }

  #admit(kind: ChunkKind, isAhead: boolean): boolean {
    const { size, wanted } = this.#inFlight;
    if (kind !== 'wanted') return size - wanted < MAX_DECODE_ONLY;
    const { admission } = this.#core;
    // A consumer that holds a frame may need room for a copy before it releases the frame. So the last room is reserved for a
    // decoder that has no permit inside.
    const leavesLast = (isAhead || this.#keepsHeadroom) && !admission.hasHeadroom();
    if (this.#core.state === 'active' && !leavesLast && admission.canGrantNow()) {
      this.#reserve();
      return true;
    }
    // The allowance recovers a permit that is stuck in the decoder: with this few chunks inside, the decoder puts out no frame.
    // If no permit is inside, a frame that came out would exceed the app's limit by one.
    return !isAhead && this.#permits.length > 0 && size <= this.#delay.frames;
  }

  #settle(isAdmitted: boolean): void {
    this.#endRequest()?.isAdmitted.resolve(isAdmitted);
  }

  /** Removes the waiting chunk, also from the pool's queue. */
  #endRequest(): AdmissionRequest | null {
    const request = this.#request;
    this.#request = null;
    if (request !== null && request.entry !== null) this.#core.admission.waiters.cancel(request.entry);
    return request;
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
