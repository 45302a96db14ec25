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

  /** @param learned - By a decoder of this configuration before; 0 if nothing was learned. */
  constructor(config: VideoDecoderConfig, learned: number) {
    this.#config = config;
    this.#reorderDepth = depthIn(config, null);
    this.#frames = Math.max(learned, this.#reorderDepth ?? 0);
  }

  /** Chunks beyond the permits that the decoder needs; 0 to 16. */
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
  }

  /** Streams without a description have their parameter sets in key chunks. */
  readChunk(chunk: EncodedVideoChunk): void {
    if (this.#reorderDepth !== null || chunk.type !== 'key') return;
    this.#reorderDepth = depthIn(this.#config, bytesOf(chunk));
    this.#frames = Math.max(this.#frames, this.#reorderDepth ?? 0);
  }

  /**
   * A frame has come, outside a flush.
   *
   * @param kept - Wanted chunks that are still inside, beyond the permits.
   * @param isEmpty - Nothing is inside: the decoder keeps nothing back, unless the stream says so.
   */
  learn(kept: number, isEmpty: boolean): void {
    this.#frames = isEmpty ? (this.#reorderDepth ?? 0) : Math.min(MAX_LAG, Math.max(this.#frames, kept));
  }
}

const depthIn = (config: VideoDecoderConfig, keyPacket: Uint8Array | null): number | null =>
  // A malformed configuration is refused by the decoder, not here.
  typeof config?.codec === 'string' ? reorderDepthOf(config, keyPacket) : null;
