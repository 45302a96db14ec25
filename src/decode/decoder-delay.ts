/** Delay of a decoder: frames that it keeps back before its first output, read from the bitstream if possible, else learned. */
import { reorderDepthOf } from '../bitstream/stream-parameters.ts';
import { bytesOf } from './chunk-classifier.ts';

/**
 * Limit of chunks inside a decoder beyond the permits. A conforming stream never reorders by more than 16 frames (H.264, A.3.1).
 */
export const MAX_DECODER_DELAY = 16;

/**
 * For a pool of at most this many frames, the decoder is configured for the least delay. Otherwise Chromium decodes H.264 and AV1
 * in frame threads, each of which keeps back a frame beyond the reorder depth (on a machine with two cores, one of two). With so
 * few permits, such threads could decode almost nothing in parallel. Firefox and WebKitGTK keep the reorder depth in either case.
 */
const FEW_FRAMES = 3;

/**
 * Returns the configuration of a decoder whose frames enter a pool of this capacity. An app's own `optimizeForLatency` is kept.
 */
export const configFor = (config: VideoDecoderConfig, capacity: number): VideoDecoderConfig =>
  capacity > FEW_FRAMES || config.optimizeForLatency !== undefined
    ? config
    : { ...config, optimizeForLatency: true };

/** The delay of one decoder across its configurations. */
export class DecoderDelay {
  #config: VideoDecoderConfig;
  #reorderDepth: number | null;
  #frames: number;
  /** Number of chunks inside a silent decoder. 0 if the decoder is not silent, or has put out a frame since. */
  #suspected = 0;
  /** Whether the decoder was empty after its last frame. */
  #ranEmpty = false;

  /** @param learned - Delay that an earlier decoder with this configuration showed. 0 if none is known. */
  constructor(config: VideoDecoderConfig, learned: number) {
    this.#config = config;
    this.#reorderDepth = depthIn(config, null);
    this.#frames = Math.max(learned, this.#reorderDepth ?? 0);
  }

  /** Number of chunks that the decoder keeps back before it puts out a frame, 0 to 16. */
  get frames(): number {
    return this.#frames;
  }

  /** Number of frames by which the stream reorders. Null while it is unknown. */
  get reorderDepth(): number | null {
    return this.#reorderDepth;
  }

  /** Discards the learned delay, because it does not apply to another configuration. */
  configure(config: VideoDecoderConfig): void {
    this.#config = config;
    this.#reorderDepth = depthIn(config, null);
    this.#frames = this.#reorderDepth ?? 0;
    this.#suspected = 0;
    this.#ranEmpty = false;
  }

  /** Reads the reorder depth from key chunks, which carry the parameter sets of streams without a description. */
  readChunk(chunk: EncodedVideoChunk): void {
    if (this.#reorderDepth !== null || chunk.type !== 'key') return;
    this.#reorderDepth = depthIn(this.#config, bytesOf(chunk));
    this.#frames = Math.max(this.#frames, this.#reorderDepth ?? 0);
  }

  /** Notes that a decoder with this many chunks inside is silent. It keeps them back, or it is slow: the next frame decides. */
  suspect(inside: number): void {
    this.#suspected = inside;
  }

  /**
   * Notes a frame that came out outside a flush. A learned delay is kept when the decoder runs empty, because a decoder with
   * burst output runs empty after each burst. The delay is reduced if a decoder that ran empty puts out its next frame earlier.
   *
   * @param inside - Number of chunks that are still inside.
   */
  learn(inside: number): void {
    if (this.#suspected > 0) {
      this.#frames = Math.max(this.#frames, Math.min(MAX_DECODER_DELAY, this.#suspected, inside));
      this.#suspected = 0;
    } else if (this.#ranEmpty) {
      this.#frames = Math.max(this.#reorderDepth ?? 0, Math.min(this.#frames, inside));
    }
    this.#ranEmpty = inside === 0;
  }
}

const depthIn = (config: VideoDecoderConfig, keyPacket: Uint8Array | null): number | null =>
  // The decoder rejects a malformed configuration, not this function.
  typeof config?.codec === 'string' ? reorderDepthOf(config, keyPacket) : null;
