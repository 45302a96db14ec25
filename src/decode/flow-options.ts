/** Options of a `DecodeFlow`, and its callbacks to the push API and the pull API. */
import type { PoolCore } from '../pool/core.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { Resume } from './resume.ts';

/** Options of a `DecodeFlow`. */
export interface FlowOptions {
  readonly core: PoolCore;
  readonly config: VideoDecoderConfig;
  readonly decoder: typeof VideoDecoder;
  readonly starvationMs: number;
  /** Holder name of handles and permits until another holder takes them. */
  readonly holder: string;
  /** Decoder delay that a previous flow learned for this configuration. */
  readonly decoderDelay?: number;
  /** Frames before this time, in µs, are closed as they come out, such as those between a key frame and a seek target. */
  readonly from?: number;
  /** The first frame at or after this time, in µs, ends the flow and is closed. */
  readonly to?: number;
  /** State that the previous decoder left, if this flow continues its stream. */
  readonly resume?: Resume | null;
  /**
   * Previous decoders delivered the frames through this time, in µs, up to the first key frame that is not later than all frames
   * before it. Used only if the chunks do not begin at the point of `resume`.
   */
  readonly deliveredThrough?: number | null;
  /** Whether the source marks a chunk as one whose frame is not delivered. */
  isDecodeOnly?(chunk: EncodedVideoChunk): boolean;
  /** Called when the frame that ends the flow has come out. */
  past?(): void;
  /** Receives a handle and becomes its owner. */
  output(handle: FrameHandle<DecodedStorage>): void;
  /**
   * Called when the flow was closed by an error. If the browser reclaimed the codec, another decoder can continue from `resume`.
   * Null after other errors.
   */
  error(error: unknown, resume: Resume | null): void;
  /** Whether a consumer waits for a frame now. */
  isAwaited(): boolean;
  /**
   * Whether the flow may be collected while its decoder is open. True if the timer of `Silence` keeps a waiting consumer alive
   * and a consumer that does not wait keeps the flow itself. False if a callback receives frames that it did not request.
   */
  readonly isForgettable: boolean;
}
