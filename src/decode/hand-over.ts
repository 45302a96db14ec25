/** Keeps the frame that a decoder gave until the decoder is at work again. */
import type { Clock } from '../clock.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { Queue } from '../queue.ts';
import type { LinkedDecoder } from './linked-decoder.ts';

/** A decoder that has not taken its next chunk by then works by other rules, or waits for the very frames that are kept here. */
const LATE_MS = 10;

/** So often in a row, and it is never waited for again: chance makes one late, or two, on a busy thread. */
const MAX_LATE = 3;

/** Numbers of those who hand over, and whose frame came last. */
let numbers = 0;
let lastNumber = 0;

/**
 * Chromium gives a software decoder of small pictures one chunk at a time, and the next after the output callback has returned
 * (`decoder_template.cc` and `offloading_video_decoder.cc`). So all that is done in there, the app's drawing included, is time
 * in which nothing is decoded, and one of two cores idles. Where chunks wait inside the decoder, its frames are therefore handed
 * over at `dequeue`, by which it tells that it took the next of them: that is the next task or so.
 *
 * Who is never seen to dispatch `dequeue`, as stand-ins may not, is not waited for. Nor is any of several decoders whose frames
 * come in turns: they keep the cores busy as it is, and the event costs time.
 *
 * Owns the handles that it keeps: each is handed over in the order in which they came, or released by `drop()`.
 */
export class HandOver {
  readonly #clock: Clock;
  readonly #take: (handle: FrameHandle<DecodedStorage>) => void;
  readonly #handles = new Queue<FrameHandle<DecodedStorage>>();
  readonly #number = ++numbers;
  #linked: LinkedDecoder | null = null;
  #isListening = false;
  /** The decoder was heard. */
  #isTold = false;
  #late = 0;
  #timer: unknown = null;

  /** @param take - Takes a handle over. What it throws goes to `reportError`. */
  constructor(clock: Clock, take: (handle: FrameHandle<DecodedStorage>) => void) {
    this.#clock = clock;
    this.#take = take;
  }

  /** Waits for this decoder from now on, which has `onDequeue()` called. Without one there is nothing to wait for. */
  heed(linked: LinkedDecoder): void {
    this.#linked = linked;
  }

  /** How many handles are kept. */
  get length(): number {
    return this.#handles.length;
  }

  /** Keeps a handle, until `go()` at least. */
  keep(handle: FrameHandle<DecodedStorage>): void {
    this.#handles.push(handle);
  }

  /** Hands over what there is, or sees to it that this comes. */
  go(): void {
    if (this.#isWorthIt && this.#isTold) this.#timer ??= this.#clock.setTimeout(this.#onLate, LATE_MS);
    else this.now();
  }

  /** The decoder took a chunk. */
  onDequeue(): void {
    this.#isTold = true;
    this.#late = 0;
    this.now();
  }

  /** Hands over what there is, whatever the decoder does. */
  now(): void {
    for (let handle = this.#handles.shift(); handle !== undefined; handle = this.#handles.shift()) {
      try {
        this.#take(handle);
      } catch (error) {
        reportError(error);
      }
    }
  }

  /** Releases what there is. */
  drop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    for (let handle = this.#handles.shift(); handle !== undefined; handle = this.#handles.shift())
      handle.release();
  }

  /** Whether chunks wait inside the decoder, and no other one was at work meanwhile. It is listened to as long as that is so. */
  get #isWorthIt(): boolean {
    const linked = this.#linked;
    if (linked === null) return false;
    const isWorthIt = lastNumber === this.#number && linked.decoder.decodeQueueSize > 0;
    lastNumber = this.#number;
    if (isWorthIt !== this.#isListening) linked.decoder.ondequeue = isWorthIt ? linked.onDequeue : null;
    this.#isListening = isWorthIt;
    return isWorthIt;
  }

  #giveUp(): void {
    if (this.#linked !== null) this.#linked.decoder.ondequeue = null;
    this.#linked = null;
  }

  // It is not called off when the handles have gone: one timer in ten milliseconds costs less than two calls for each frame.
  readonly #onLate = (): void => {
    this.#timer = null;
    if (this.#handles.length === 0) return;
    this.#late++;
    if (this.#late >= MAX_LATE) this.#giveUp();
    this.now();
  };
}
