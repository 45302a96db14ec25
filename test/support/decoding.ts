/** Clips being decoded, each in a pool of its own, by an iteration or a `FrameDecoder`. */
import { expect } from 'vitest';
import type { DecodeFramesOptions, FrameDecoderOptions, FrameHandle, PoolOptions } from '../../src/index.ts';
import { decodeFrames, FrameDecoder, VideoFramePool } from '../../src/index.ts';
import type { Track } from './packets.ts';
import { streamOf, trackOf } from './packets.ts';

/** Makes what is decoded of a clip's chunks. */
export type Source = (chunks: readonly EncodedVideoChunk[]) => AsyncIterable<EncodedVideoChunk>;

/** Makes an iteration over the first `most` chunks of a clip. Nothing is decoded before the first `next()`. */
export async function iterate(
  file: string,
  limits: PoolOptions,
  { most, source = streamOf, ...options }: DecodeFramesOptions & { most?: number; source?: Source } = {},
): Promise<Track & { pool: VideoFramePool; frames: AsyncIterableIterator<FrameHandle> }> {
  const { config, chunks } = await trackOf(file, most);
  const pool = new VideoFramePool(limits);
  return { pool, config, chunks, frames: decodeFrames(pool, source(chunks), config, options) };
}

/** A `FrameDecoder` for a clip. */
export interface Pushing extends Track {
  readonly pool: VideoFramePool;
  readonly decoder: FrameDecoder;
  /** Times of the frames that came out. */
  readonly timestamps: number[];
  /** Handles that came out and are kept. */
  readonly held: FrameHandle[];
}

/**
 * Makes a `FrameDecoder` for the first `most` chunks of a clip. By default it must not fail. Its handles are kept if
 * `keeps`, else released at once.
 */
export async function push(
  file: string,
  limits: PoolOptions,
  { most, keeps = false, ...options }: Partial<FrameDecoderOptions> & { most?: number; keeps?: boolean } = {},
): Promise<Pushing> {
  const { config, chunks } = await trackOf(file, most);
  const pool = new VideoFramePool(limits);
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
  return { pool, config, chunks, decoder, timestamps, held };
}
