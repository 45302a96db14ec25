/** Frames that a decoder keeps back before it gives one: read from the bitstream if it is there, else learned. */
import { reorderDepthOf } from '../bitstream/stream-parameters.ts';
import { bytesOf } from './chunk-bytes.ts';

/** Chunks inside a decoder beyond the permits. No stream that conforms reorders by more than 16 frames (H.264, A.3.1). */
export const MAX_LAG = 16;

/**
 * In a pool of at most so many frames a decoder is asked for the least delay. Chromium decodes H.264 and AV1 in frame threads
 * otherwise, each of which keeps a frame back beyond the reorder depth: of two, on a machine with two cores, one. With so few
 * permits there is next to nothing that such threads could decode at a time. Firefox and WebKitGTK keep the depth, either way.
 */
const FEW_FRAMES = 3;

/** The configuration for a decoder whose frames go into a pool of this capacity. An app's own `optimizeForLatency` is kept. */
export const configFor = (config: VideoDecoderConfig, capacity: number): VideoDecoderConfig =>
  capacity > FEW_FRAMES || config.optimizeForLatency !== undefined
    ? config
    : { ...config, optimizeForLatency: true };

/** The delay of one decoder, from one configuration to the next. */
export class DecoderDelay {
  #config: VideoDecoderConfig;
  #reorderDepth: number | null;
  #frames: number;
  /** Chunks inside a decoder that is silent; 0 if it is not, or has given a frame since. */
  #suspected = 0;
  /** All chunks that went in had come out with the last frame. */
  #ranEmpty = false;

  /** @param learned - By a decoder of this configuration before; 0 if nothing was learned. */
  constructor(config: VideoDecoderConfig, learned: number) {
    this.#config = config;
    this.#reorderDepth = depthIn(config, null);
    this.#frames = Math.max(learned, this.#reorderDepth ?? 0);
  }

  /** Chunks that the decoder keeps back before it gives a frame; 0 to 16. */
  get frames(): number {
    return this.#frames;
  }

  /** Frames that the stream reorders; null as long as it is not known. */
  get reorderDepth(): number | null {
    return this.#reorderDepth;
  }

  /** What was learned of another configuration is not true of this one. */
  configure(config: VideoDecoderConfig): void {
    this.#config = config;
    this.#reorderDepth = depthIn(config, null);
    this.#frames = this.#reorderDepth ?? 0;
    this.#suspected = 0;
    this.#ranEmpty = false;
  }

  /** Streams without a description have their parameter sets in key chunks. */
  readChunk(chunk: EncodedVideoChunk): void {
    if (this.#reorderDepth !== null || chunk.type !== 'key') return;
    this.#reorderDepth = depthIn(this.#config, bytesOf(chunk));
    this.#frames = Math.max(this.#frames, this.#reorderDepth ?? 0);
  }

  /** A decoder that has taken so many chunks is silent: it keeps them back, or it is slow. The next frame decides. */
  suspect(inside: number): void {
    this.#suspected = inside;
  }

  /**
   * A frame has come, outside a flush. A delay that was learned is kept when the decoder runs empty: decoders that put frames out in
   * bursts do so after each burst. It is corrected by a decoder that ran empty and gives its next frame earlier.
   *
   * @param inside - Chunks that are still inside.
   */
  learn(inside: number): void {
    if (this.#suspected > 0) {
      this.#frames = Math.max(this.#frames, Math.min(MAX_LAG, this.#suspected, inside));
      this.#suspected = 0;
    } else if (this.#ranEmpty) {
      this.#frames = Math.max(this.#reorderDepth ?? 0, Math.min(this.#frames, inside));
    }
    this.#ranEmpty = inside === 0;
  }
}

const depthIn = (config: VideoDecoderConfig, keyPacket: Uint8Array | null): number | null =>
  // A malformed configuration is refused by the decoder, not here.
  typeof config?.codec === 'string' ? reorderDepthOf(config, keyPacket) : null;
