/** What the two forms of decoding tell a flow, and hear from it. */
import type { PoolCore } from '../pool/core.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { Resume } from './resume.ts';

/** How a flow is made. */
export interface FlowOptions {
  readonly core: PoolCore;
  readonly config: VideoDecoderConfig;
  readonly decoder: typeof VideoDecoder;
  readonly starvationMs: number;
  /** The name that handles and permits carry until somebody else holds them. */
  readonly holder: string;
  /** What a flow before this one has learned about decoders of this configuration. */
  readonly lag?: number;
  /** Frames before this time, in µs, are closed as they come out: the way from a key frame to where one wants to be. */
  readonly from?: number;
  /** The first frame at or after this time, in µs, ends the flow, and is closed. */
  readonly to?: number;
  /** What the decoder before left, if this one goes on with its stream. */
  readonly resume?: Resume | null;
  /**
   * Frames through this time, in µs, were delivered by decoders before, up to the first key frame that is not later than all
   * before it. Counts only if the chunks do not begin at the point of `resume`.
   */
  readonly deliveredThrough?: number | null;
  /** Whether the source marks a chunk as one whose frame is not delivered. */
  isDecodeOnly?(chunk: EncodedVideoChunk): boolean;
  /** The frame that ends the flow has come. */
  past?(): void;
  /** Takes a handle over. */
  output(handle: FrameHandle<DecodedStorage>): void;
  /** The flow is closed. `resume` is null unless the browser reclaimed the codec: then another decoder may go on from there. */
  error(error: unknown, resume: Resume | null): void;
  /** Whether somebody waits for a frame now. */
  isAwaited(): boolean;
  /**
   * Whether the flow may be collected while its decoder is open. So it is where someone who waits for a frame is kept by
   * the timer of `Silence`, and one who does not wait keeps the flow himself; not where frames come to a callback unasked.
   */
  readonly isForgettable: boolean;
}
