/** Reads a file that may be anything, and holds the library to what it says of such files. */
import { expect } from 'vitest';
import { PoolStarvedError, VideoFramePool } from '../../../src/index.ts';
import type { VideoReader } from '../../../src/media/index.ts';
import { livePictures } from '../accounting.ts';

/** Frames that are read from the beginning. The last one is read, too. */
const FRAMES = 10;

/** Enough for what any decoder of the clips keeps back: no silence has to be waited for. */
const CAPACITY = 8;

/** Room for four frames of the largest clip that is damaged, 321 × 241 at a byte and a half a pixel. */
export const MAX_BYTES = 4 * 321 * 241 * 1.5;

/** Frames on the lag allowance, and on permits that were given for smaller ones, may come beyond the limit: each fits for itself. */
const MOST_BYTES = MAX_BYTES + (16 + CAPACITY) * MAX_BYTES;

/** What the README lists of files; and `OperationError`, by which Chromium's decoders say that they cannot be set up after all. */
const DOCUMENTED = new Set([
  'NotSupportedError',
  'EncodingError',
  'DataError',
  'QuotaExceededError',
  'OperationError',
]);

/** Ends what hangs, in ms. Nothing that is read takes a tenth of it, however slow the machine. */
const BOUND_MS = 60_000;

/** How long a decoder may keep silent, in ms. */
const STARVATION_MS = 10_000;

type Open = (source: Blob, options: { signal: AbortSignal }) => Promise<VideoReader>;

/** What was made of a file: the frames that came, and the error that ended it, if any. */
export interface Reading {
  frames: number;
  error: string | null;
}

/** Opens a file, reads its first frames and its last, and checks that nothing is left. */
export async function readHostile(file: Blob, open: Open): Promise<Reading> {
  const pool = new VideoFramePool({ capacity: CAPACITY, maxBytes: MAX_BYTES, name: 'hostile' });
  const reading: Reading = { frames: 0, error: null };
  const bound = AbortSignal.timeout(BOUND_MS);
  try {
    const reader = await open(file, { signal: bound });
    try {
      await readSome(reader, pool, bound, reading);
    } finally {
      await reader.close();
    }
  } catch (error) {
    requireDocumented(error);
    reading.error = (error as Error).name;
  }
  expect(bound.aborted, 'ended by the harness, for it went on for ever').toBe(false);
  await expect.poll(() => pool.lentCount + pool.decodingCount + pool.waitingCount).toBe(0);
  expect([pool.bytes, livePictures()], 'bytes and pictures that are left').toEqual([0, 0]);
  pool.close();
  return reading;
}

async function readSome(
  reader: VideoReader,
  pool: VideoFramePool,
  signal: AbortSignal,
  reading: Reading,
): Promise<void> {
  const options = { pool, signal, starvationMs: STARVATION_MS };
  let failure: unknown = null;
  try {
    for await (const handle of reader.frames(options)) {
      reading.frames++;
      expect(pool.bytes, 'bytes of the pool').toBeLessThanOrEqual(MOST_BYTES);
      handle.release();
      if (reading.frames === FRAMES) break;
    }
  } catch (error) {
    failure = error;
  }
  // Also of a file that broke off: what is asked for next is not the worse for it.
  try {
    const last = await reader.frameAt(reader.duration, options);
    reading.frames++;
    last.release();
  } catch (error) {
    requireDocumented(error);
    failure ??= error;
  }
  if (failure !== null) throw failure;
}

/** @throws What is no error of a kind that the library documents for files. */
function requireDocumented(error: unknown): void {
  if (error instanceof PoolStarvedError) return;
  if (!(error instanceof DOMException) || !DOCUMENTED.has(error.name)) throw error;
}
