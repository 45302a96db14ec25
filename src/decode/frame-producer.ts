/** Between an iterator and what makes its frames: in this thread (chunk-pump.ts), or in a worker. */
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';

/** Where an iterator's frames come from. */
export interface FrameProducer {
  /** Somebody asks for a frame, or has taken one that was ready. */
  pull(): void;
  /** Nobody waits any more. */
  rest(): void;
  /** Nothing more is wanted: gives back all that it holds, and says nothing any more. Idempotent. */
  stop(): void;
}

/** Whom the frames are for. */
export interface FrameConsumer {
  /** How many wait for a frame now. */
  readonly awaited: number;
  /** Takes a handle over. */
  take(handle: FrameHandle<DecodedStorage>): void;
  /** There are no more. The producer has stopped. */
  finish(): void;
  /** There are no more, for this reason. The producer has stopped. */
  fail(error: unknown): void;
}
