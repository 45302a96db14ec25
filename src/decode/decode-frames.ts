/** Pull API: async iterator of frame handles over an iterable of chunks. */
import { enter, inCall } from '../base/call-site.ts';
import { PullQueue } from '../base/pull-queue.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { coreOf } from '../pool/pool.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import type { FrameSink } from './chunk-pump.ts';
import { ChunkPump } from './chunk-pump.ts';
import type { DecodeFramesOptions, PumpOptions } from './decode-options.ts';
import { settingsFor } from './decode-options.ts';

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
  const open = pumpOf(pool, chunks, config, options);
  const call = enter(() => coreOf(pool).noteCall());
  return inCall(call, () => new PullQueue(open, options.signal));
}

/**
 * As `decodeFrames()`, for sinks that receive frames as they come out. Returns a function that creates the pump for a sink.
 *
 * @throws As `decodeFrames()`. Thrown by the call itself.
 */
export function pumpOf(
  pool: VideoFramePool,
  chunks: AsyncIterable<EncodedVideoChunk>,
  config: VideoDecoderConfig,
  options: PumpOptions,
): (sink: FrameSink) => ChunkPump {
  const settings = settingsFor(pool, chunks, config, options);
  return (sink) => new ChunkPump(chunks, settings, options, sink);
}
