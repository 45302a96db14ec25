/** Options of the pull API, and their check. */
import { requireDelay, requireFunction, requireTime, requireWhole, shown } from '../base/errors.ts';
import { requireHolder } from '../pool/holders.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import { requireDecodedPool } from '../pool/pool.ts';
import { DEFAULT_STARVATION_MS } from '../pool/starved.ts';
import type { BoundedDecoderOptions } from './bounded-decoder.ts';
import { MAX_DECODER_DELAY } from './decoder-delay.ts';
import type { RestartPoint } from './resume.ts';
import { platformDecoder } from './weak-decoder.ts';

/** Options of `decodeFrames()`. */
export interface DecodeFramesOptions {
  /**
   * Ends the iteration with the signal's reason, unless the iteration has already reported its end. Decoded frames that were not
   * taken are released.
   */
  readonly signal?: AbortSignal | undefined;
  /** Decoder class to use. The platform's `VideoDecoder` by default. */
  readonly decoder?: typeof VideoDecoder | undefined;
  /** Milliseconds without a frame after which `next()` rejects with a `PoolStarvedError`. 10,000 by default. */
  readonly starvationMs?: number | undefined;
  /** Holder name of the frames, as `holders()` reports it. */
  readonly holder?: string | undefined;
  /**
   * Frames before this time, in µs, are decoded and dropped, such as those between a key frame and a seek target. They need no
   * room in the pool. A function computes the time: it is called once, before the first chunk is decoded.
   */
  readonly from?: number | (() => Promise<number>) | undefined;
  /**
   * The iteration ends before the first frame at or after this time, in µs. Chunks at or after it need no room in the pool, and
   * are decoded only if frames before it need them.
   */
  readonly to?: number | undefined;
  /**
   * The decoder's delay in chunks (0 to 16), as another iteration over similar chunks learned it, so that this iteration need
   * not. The actual delay is at least the reorder depth that the bitstream specifies, if any.
   */
  readonly decoderDelay?: number | undefined;
  /** Called when the decoder's delay differs from `decoderDelay`: it was read from the bitstream, or learned. */
  onDecoderDelay?(decoderDelay: number): void;
  /**
   * Called when a frame is requested after the browser has reclaimed the codec (`QuotaExceededError`), as browsers do in hidden
   * tabs. Returns the chunks of the stream again from `point.chunk` on, which is the key chunk at index `point.index`. Frames
   * that already came out are dropped. So no frame is repeated and none is lost, even in loops, in sequences of files and with
   * equal times.
   *
   * If the source begins elsewhere, times decide: frames at or before `timestamp` are dropped, up to the first key frame that is
   * not later than all frames before it.
   *
   * @param timestamp - Time of the last frame that came out, in µs. If there was none, the time of the first chunk.
   */
  restart?(timestamp: number, point: RestartPoint): AsyncIterable<EncodedVideoChunk>;
}

/** Settings that all decoders of an iteration share. */
export type PumpSettings = Pick<
  BoundedDecoderOptions,
  'core' | 'config' | 'decoder' | 'starvationMs' | 'holder'
>;

/** Options that only the sources of this library set, in addition to those of apps. */
export interface PumpOptions extends DecodeFramesOptions {
  /** Whether the frame of a chunk is dropped regardless of its time. Called once for each chunk, in decode order. */
  isDecodeOnly?(chunk: EncodedVideoChunk): boolean;
  /**
   * Returns the configuration of a chunk, or null if it equals that of the previous chunk. A chunk with another configuration
   * must be a key chunk. For the first chunk of `chunks` and of `restart()`, null means the configuration of the pump.
   */
  configOf?(chunk: EncodedVideoChunk): VideoDecoderConfig | null;
}

/**
 * Checks the arguments of `decodeFrames()`.
 *
 * @throws As `decodeFrames()`.
 */
export function settingsFor(
  pool: VideoFramePool,
  chunks: AsyncIterable<EncodedVideoChunk>,
  config: VideoDecoderConfig,
  options: PumpOptions,
): PumpSettings {
  const core = requireDecodedPool('decodeFrames()', pool);
  if (typeof chunks?.[Symbol.asyncIterator] !== 'function') {
    throw new TypeError(`chunks must be an async iterable, got ${shown(chunks)}`);
  }
  if (options.restart !== undefined) requireFunction('restart', options.restart);
  if (options.decoderDelay !== undefined)
    requireWhole('decoderDelay', options.decoderDelay, 0, MAX_DECODER_DELAY);
  if (typeof options.from !== 'function') requireTime('from', options.from);
  requireTime('to', options.to);
  requireHolder(options.holder);
  return {
    core,
    config,
    decoder: options.decoder ?? platformDecoder('decodeFrames()'),
    starvationMs: requireDelay('starvationMs', options.starvationMs ?? DEFAULT_STARVATION_MS),
    holder: options.holder ?? 'decodeFrames',
  };
}
