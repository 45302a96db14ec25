/** Interfaces between a frame iterator and the producer of its frames, in this thread (chunk-pump.ts) or in a worker. */
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';

/** Source of an iterator's frames. */
export interface FrameProducer {
  /** Called when the consumer requests a frame, or has taken one that was ready. */
  pull(): void;
  /** Called when no request is pending any more. */
  rest(): void;
  /** Ends production: the producer releases everything that it holds, and makes no further calls. Idempotent. */
  stop(): void;
}

/** Recipient of the frames. */
export interface FrameConsumer {
  /** Number of requests that wait for a frame now. */
  readonly awaited: number;
  /** Receives a handle and becomes its owner. */
  take(handle: FrameHandle<DecodedStorage>): void;
  /** Called after the last frame. The producer has stopped. */
  finish(): void;
  /** Called when an error has ended the frames. The producer has stopped. */
  fail(error: unknown): void;
}
