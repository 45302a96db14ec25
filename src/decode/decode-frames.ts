/** Pull API: async iterator of frame handles over an iterable of chunks. */
import { enter, inCall } from '../base/call-site.ts';
import { requireDelay, requireFunction, requireTime, requireWhole, shown } from '../base/errors.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { requireHolder } from '../pool/holders.ts';
import { coreOf } from '../pool/pool.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import type { PumpOptions } from './chunk-pump.ts';
import { ChunkPump } from './chunk-pump.ts';
import { DEFAULT_STARVATION_MS } from '../pool/starved.ts';
import { MAX_DECODER_DELAY } from './decoder-delay.ts';
import { FrameIterator } from './frame-iterator.ts';
import type { FrameConsumer } from './frame-producer.ts';
import { requireDecodedPool } from '../pool/pool.ts';
import { platformDecoder } from './platform-decoder.ts';
import type { RestartPoint } from './resume.ts';

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

/**
 * Decodes chunks into a pool at the pace of the consumer, and never beyond the pool's cap.
 *
 * The caller owns each handle and must release it once. Frames are decoded ahead while permits are free. Until they are taken,
 * they are held under the name `decodeFrames`, or `holder`. When the iteration ends (at the end of the chunks, by `break`, by
 * `return()` even while a `next()` is pending, by an abort or by an error), the decoder is closed and every frame that was not
 * taken is released. Only after a decoder error are the good frames before it still delivered.
 *
 * @param chunks - In decode order, beginning with a key frame.
 * @throws `TypeError` or `RangeError` for an invalid argument, `NotSupportedError` if there is no `VideoDecoder`. Thrown by the
 *   call itself.
 * @throws From `next()`: `NotSupportedError` for a configuration that cannot be decoded, `DataError` if the chunks do not begin
 *   with a key frame, `QuotaExceededError` for a frame larger than the pool or its budget can hold, `PoolStarvedError`, the
 *   signal's reason, `AbortError` when the pool is decommitted, and the decoder's own errors. Each of them ends the iteration.
 */
export function decodeFrames(
  pool: VideoFramePool,
  chunks: AsyncIterable<EncodedVideoChunk>,
  config: VideoDecoderConfig,
  options: DecodeFramesOptions = {},
): AsyncIterableIterator<FrameHandle> {
  const produce = pumpOf(pool, chunks, config, options);
  const call = enter(() => coreOf(pool).noteCall());
  return inCall(call, () => new FrameIterator(produce, options.signal));
}

/**
 * As `decodeFrames()`, for consumers that receive frames as they come out. Returns a function that creates the pump for a
 * consumer.
 *
 * @throws As `decodeFrames()`. Thrown by the call itself.
 */
export function pumpOf(
  pool: VideoFramePool,
  chunks: AsyncIterable<EncodedVideoChunk>,
  config: VideoDecoderConfig,
  options: PumpOptions,
): (consumer: FrameConsumer) => ChunkPump {
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
  const settings = {
    core,
    config,
    decoder: options.decoder ?? platformDecoder('decodeFrames()'),
    starvationMs: requireDelay('starvationMs', options.starvationMs ?? DEFAULT_STARVATION_MS),
    holder: options.holder ?? 'decodeFrames',
  };
  return (consumer) => new ChunkPump(chunks, settings, options, consumer);
}
