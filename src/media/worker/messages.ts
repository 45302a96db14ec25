/** What the two sides of a reader say to each other once they have a channel. Both are of one version: see the greeting. */
import type { DecoderPreferences } from '../container/registered-decoders.ts';
import type { PortableSource } from '../portable-source.ts';
import type { VideoFacts } from '../video-file.ts';
import type { ErrorRecord } from './error-record.ts';

/** Permits on their way or in the worker: twice what decoders were seen to have inside, so that none ever waits for the post. */
export const MOST_PERMITS = 16;

/** Frames of a part of the video, or the one frame at a time. In µs. */
export type FramesRequest = { readonly starvationMs: number } & (
  | { readonly kind: 'frames'; readonly from: number; readonly to: number }
  | { readonly kind: 'at'; readonly timestamp: number }
);

/** Encoded chunks of a part of the video. In µs. */
export interface PacketsRequest {
  readonly kind: 'packets';
  readonly from: number;
  readonly to: number;
}

/** One iteration. */
export type JobRequest = FramesRequest | PacketsRequest;

/** From the window. A job is one iteration, known by its number. */
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
   * So many permits more. `wanted`: the number of the last frame that somebody waits for, counted from the first of the job;
   * so nothing need be taken back when frames cross this on their way.
   */
  | { readonly kind: 'more'; readonly job: number; readonly permits: number; readonly wanted: number }
  /** The pool lends nothing any more: whoever needs a permit fails. */
  | { readonly kind: 'dry'; readonly job: number }
  | { readonly kind: 'stop'; readonly job: number };

/** From the worker. */
export type FromWorker =
  | { readonly kind: 'head'; readonly facts: VideoFacts }
  | { readonly kind: 'failed'; readonly error: ErrorRecord }
  /** Whoever gets it owns the frame. `spends`: it has a permit; otherwise it came on the decoder's lag. */
  | { readonly kind: 'frame'; readonly job: number; readonly spends: boolean; readonly frame: VideoFrame }
  /** One message for each chunk that was asked for. */
  | { readonly kind: 'chunk'; readonly job: number; readonly chunk: EncodedVideoChunk }
  /** There are no more. Null where that is the end as it should be. */
  | { readonly kind: 'end'; readonly job: number; readonly error: ErrorRecord | null };
