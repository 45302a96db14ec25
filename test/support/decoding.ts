/** Pools that a test must leave empty, stream pairs over them, and decodings of clips into them. */
import { expect, onTestFinished } from 'vitest';
import type {
  DecodeFramesOptions,
  FrameDecoderOptions,
  FrameHandle,
  PooledFramesOptions,
  PoolOptions,
  RestartPoint,
} from '../../src/index.ts';
import { decodeFrames, FrameDecoder, pooledFrames, VideoFramePool } from '../../src/index.ts';
import type { Kind } from './decoder-kinds.ts';
import { decoderOf } from './decoder-kinds.ts';
import type { Track } from './packets.ts';
import { streamOf, trackOf } from './packets.ts';

/** Makes a pool for decoded frames. When the test has ended, no slot may be lent or inside a decoder, and no caller may wait. */
export function poolOf(limits: PoolOptions): VideoFramePool {
  const pool = new VideoFramePool(limits);
  onTestFinished(() => {
    expect(pool.waitingCount).toBe(0);
    pool.assertNoLeaks();
  });
  return pool;
}

/** Makes a `pooledFrames()` pair and its pool. */
export function pairOf(
  limits: PoolOptions,
  options?: PooledFramesOptions,
): ReturnType<typeof pooledFrames> & { pool: VideoFramePool } {
  const pool = poolOf(limits);
  return { pool, ...pooledFrames(pool, options) };
}

/** Makes the input of a decoding from a clip's chunks. */
export type Source = (chunks: readonly EncodedVideoChunk[]) => AsyncIterable<EncodedVideoChunk>;

/** Options of `iterate()`. */
interface IterateOptions extends DecodeFramesOptions {
  readonly most?: number;
  readonly source?: Source;
  /** Decodes with a decoder of this kind. After a reclaim the source begins at the restart point. */
  readonly kind?: Kind;
}

/** Makes an iteration over the first `most` chunks of a clip. Decoding starts with the first `next()`. */
export async function iterate(
  file: string,
  limits: PoolOptions,
  { most, source = streamOf, kind, ...options }: IterateOptions = {},
): Promise<Track & { pool: VideoFramePool; frames: AsyncIterableIterator<FrameHandle> }> {
  const { config, chunks } = await trackOf(file, most);
  const pool = poolOf(limits);
  const restart = (_timestamp: number, { index }: RestartPoint): AsyncIterable<EncodedVideoChunk> =>
    source(chunks.slice(index));
  const ofKind = kind !== undefined && { decoder: decoderOf(kind), restart };
  const frames = decodeFrames(pool, source(chunks), config, { ...ofKind, ...options });
  return { pool, config, chunks, frames };
}

/**
 * Makes a `FrameDecoder` for the first `most` chunks of a clip. It is closed when the test has ended. By default it must not
 * fail. `timestamps` lists the frames that were put out. Their handles are in `held` if `keeps`. Otherwise they are released
 * immediately.
 */
export async function push(
  file: string,
  limits: PoolOptions,
  { most, keeps = false, ...options }: Partial<FrameDecoderOptions> & { most?: number; keeps?: boolean } = {},
): Promise<
  Track & { pool: VideoFramePool; decoder: FrameDecoder; timestamps: number[]; held: FrameHandle[] }
> {
  const { config, chunks } = await trackOf(file, most);
  const pool = poolOf(limits);
  const timestamps: number[] = [];
  const held: FrameHandle[] = [];
  const decoder = new FrameDecoder({
    pool,
    config,
    output(handle) {
      timestamps.push(handle.timestamp);
      if (keeps) held.push(handle);
      else handle.release();
    },
    error: (error) => expect.fail(error.message),
    ...options,
  });
  onTestFinished(() => decoder[Symbol.dispose]());
  return { pool, config, chunks, decoder, timestamps, held };
}
