/** The pull form: an iterator of handles over an iterable of chunks. */
import { enter, inCall } from '../call-site.ts';
import { requireDelay, requireFunction, requireTime, requireWhole, shown } from '../errors.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { requireHolder } from '../pool/holders.ts';
import { coreOf } from '../pool/pool.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import type { PumpOptions } from './chunk-pump.ts';
import { ChunkPump } from './chunk-pump.ts';
import { DEFAULT_STARVATION_MS } from '../pool/starved.ts';
import { MAX_LAG } from './decoder-delay.ts';
import { FrameIterator } from './frame-iterator.ts';
import type { FrameConsumer } from './frame-producer.ts';
import { decodingCore, platformDecoder } from './platform-decoder.ts';
import type { RestartPoint } from './resume.ts';

/** How `decodeFrames()` decodes. */
export interface DecodeFramesOptions {
  /**
   * Ends the iteration with its reason, if that has not told its end before; frames that were decoded and not taken are
   * released.
   */
  readonly signal?: AbortSignal | undefined;
  /** The decoder to use; the platform's by default. */
  readonly decoder?: typeof VideoDecoder | undefined;
  /** Milliseconds without a frame after which `next()` rejects with a `PoolStarvedError`. 10,000 by default. */
  readonly starvationMs?: number | undefined;
  /** Who holds the frames, as `holders()` will name it. */
  readonly holder?: string | undefined;
  /**
   * Frames before this time, in µs, are decoded and dropped: the way from a key frame to where one wants to be. They need
   * no room in the pool. Or a function that finds the time out, called once, before the first chunk is decoded.
   */
  readonly from?: number | (() => Promise<number>) | undefined;
  /**
   * The iteration ends before the first frame at or after this time, in µs. Chunks at or after it need no room in the pool, and
   * go in only if frames before it need them.
   */
  readonly to?: number | undefined;
  /**
   * The decoder's lag (0 to 16) that another iteration over such chunks has learned, so that this one need not. At least the
   * reorder depth that the bitstream says, if it says one.
   */
  readonly lag?: number | undefined;
  /** Called when the decoder's lag is another than `lag`: read from the bitstream, or learned. */
  onLag?(lag: number): void;
  /**
   * Called when the browser has reclaimed the codec (`QuotaExceededError`), as it does in hidden tabs, and a frame is asked for.
   * Returns the chunks of the stream again from `point.chunk` on, which is the key chunk number `point.index`. Frames that came out
   * before are dropped: no frame comes twice and none is lost, also in loops, in rows of files and if times are equal.
   *
   * A source that begins elsewhere is placed by times: frames at or before `timestamp` are dropped, up to the first key frame that
   * is not later than all before it.
   *
   * @param timestamp - Time of the last frame that came out, in µs; of the first chunk if there was none.
   */
  restart?(timestamp: number, point: RestartPoint): AsyncIterable<EncodedVideoChunk>;
}

/**
 * Decodes chunks into a pool, at the pace at which the frames are taken and never beyond the pool's cap.
 *
 * Each handle is the caller's, to be released once. Frames are decoded ahead as far as permits are free, and held under
 * the name `decodeFrames` until they are taken. Whatever ends the iteration (the end of the chunks, `break`, `return()`
 * also while a `next()` is pending, an abort, an error) closes the decoder and releases every frame that was not taken;
 * only after an error of the decoder are the good frames before it still given out.
 *
 * @param chunks - In decode order, beginning with a key frame.
 * @throws `TypeError` or `RangeError` for a wrong argument, `NotSupportedError` where there is no `VideoDecoder`; at once.
 * @throws From `next()`: `NotSupportedError` for a configuration that cannot be decoded, `DataError` where the chunks do
 *   not begin with a key frame, `QuotaExceededError` for a frame larger than all that the pool or its budget may hold,
 *   `PoolStarvedError`, the signal's reason, `AbortError` when the pool is decommitted, and the decoder's own errors. The
 *   iteration has ended then.
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
 * The same for whoever takes the frames as they come out: makes the pump, for a consumer.
 *
 * @throws As `decodeFrames()`, at once.
 */
export function pumpOf(
  pool: VideoFramePool,
  chunks: AsyncIterable<EncodedVideoChunk>,
  config: VideoDecoderConfig,
  options: PumpOptions,
): (consumer: FrameConsumer) => ChunkPump {
  const core = decodingCore('decodeFrames()', pool);
  if (typeof chunks?.[Symbol.asyncIterator] !== 'function') {
    throw new TypeError(`chunks must be an async iterable, got ${shown(chunks)}`);
  }
  if (options.restart !== undefined) requireFunction('restart', options.restart);
  if (options.lag !== undefined) requireWhole('lag', options.lag, 0, MAX_LAG);
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
