/** Messages between the two sides of a reader once they have a channel, and their jobs. Both sides are of one version. */
import type { DecoderPreferences } from '../container/registered-decoders.ts';
import type { VideoFacts } from '../reader.ts';
import type { PortableSource } from '../portable-source.ts';
import type { ErrorRecord } from './error-record.ts';

/**
 * Maximum of permits in flight or in the worker: twice what decoders were seen to hold, so that no decoder waits for a message.
 */
export const MAX_PERMITS = 16;

/** Request for the frames of a part of the video, or for the one frame at a time. In µs. */
export type FramesRequest = { readonly starvationMs: number } & (
  | { readonly kind: 'frames'; readonly from: number; readonly to: number }
  | { readonly kind: 'at'; readonly timestamp: number }
);

/** Request for the encoded chunks of a part of the video. In µs. */
export interface PacketsRequest {
  readonly kind: 'packets';
  readonly from: number;
  readonly to: number;
}

/** Request of one iteration. */
export type JobRequest = FramesRequest | PacketsRequest;

/** Messages from the window. A job is one iteration, identified by its number. */
export type ToWorker =
  | {
      readonly kind: 'open';
      readonly source: PortableSource;
      /** Null for the main track. */
      readonly track: number | null;
      readonly decoderConfig: DecoderPreferences;
      readonly alpha: AlphaOption;
    }
  | { readonly kind: 'start'; readonly job: number; readonly request: JobRequest }
  /**
   * Adds permits. `wanted` is the number of the last frame that a caller waits for, counted from the first of the job. It is
   * absolute, so frames that cross this message need no correction.
   */
  | { readonly kind: 'more'; readonly job: number; readonly permits: number; readonly wanted: number }
  /** The pool lends no more: a decoder that needs a permit fails. */
  | { readonly kind: 'dry'; readonly job: number }
  | { readonly kind: 'stop'; readonly job: number };

/** Messages from the worker. */
export type FromWorker =
  | { readonly kind: 'head'; readonly facts: VideoFacts }
  | { readonly kind: 'failed'; readonly error: ErrorRecord }
  /** The receiver owns the frame. `spends`: it has a permit; otherwise it came within the decoder's delay. */
  | { readonly kind: 'frame'; readonly job: number; readonly spends: boolean; readonly frame: VideoFrame }
  /** One message for each requested chunk. */
  | { readonly kind: 'chunk'; readonly job: number; readonly chunk: EncodedVideoChunk }
  /** The job has ended. `error` is null at the regular end. */
  | { readonly kind: 'end'; readonly job: number; readonly error: ErrorRecord | null };

/** An iteration, as the worker's messages reach it. */
export interface RemoteJob {
  onFrame(frame: VideoFrame, spends: boolean): void;
  onChunk(chunk: EncodedVideoChunk): void;
  onEnd(record: ErrorRecord | null): void;
  fail(error: unknown): void;
}

/** Channel to the worker, as one iteration uses it. */
export interface JobLink {
  /** Registers an iteration. Returns its number in the messages of the worker. */
  register(job: RemoteJob): number;
  post(message: ToWorker): void;
  /** Unregisters an iteration: it receives no more messages. */
  unregister(job: number): void;
}
