/**
 * Damaged copies of the clips, by seed. `HOSTILE_FACTOR=10` reads ten times as many; `HOSTILE_ONLY=vp9.webm:51`, as a failure
 * prints it, reads that one.
 */
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { PoolStarvedError, VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import type { Clip } from '../media/clips.ts';
import { CLIPS, timestampsOf } from '../media/clips.ts';
import { livePictures } from '../support/accounting.ts';
import { described, mutate } from '../support/hostile/mutate.ts';
import { clipBlob } from '../support/packets.ts';
import { WAYS } from '../support/readers.ts';
import { sampled } from '../support/sampled.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The number of hostile files, or the only one. */
    hostile: { readonly factor: number; readonly only: string | null };
  }
}

const { factor, only } = inject('hostile');

/** Damaged copies of each clip. One in WORKER_SHARE of them is read in a worker. */
const COPIES = 24;
const WORKER_SHARE = 12;

/** Clips that are large, or a second one of a kind. */
const LEFT_OUT = new Set(['demo.webm', 'sync.mp4', 'long_gop.mp4', 'h264_vfr.mp4']);

const [onlyFile = null, onlySeed] = only?.split(':') ?? [];

const all = CLIPS.filter(({ file }) => !LEFT_OUT.has(file));
const clips = onlyFile === null ? all : CLIPS.filter(({ file }) => file === onlyFile);
if (clips.length === 0) throw new Error(`HOSTILE_ONLY names no clip: ${only}`);

/** Seeds that no other clip has, as long as the factor is below 100. */
function seedsOf(clip: Clip): number[] {
  if (onlySeed !== undefined) return [Number(onlySeed)];
  return Array.from({ length: COPIES * factor }, (_, n) => all.indexOf(clip) * 100 * COPIES + n);
}

const [inThisThread, inWorker] = WAYS;

const copies = sampled(clips.flatMap((entry) => seedsOf(entry).map((seed) => ({ entry, seed }))));

/** Frames that are read from the beginning. The last one is read, too. */
const FRAMES = 10;

/** Enough for the delay of any decoder of the clips: no silence has to be waited for. */
const CAPACITY = 8;

/** Room for four frames of the largest damaged clip, 321 × 241 at a byte and a half a pixel. */
const MAX_BYTES = 4 * 321 * 241 * 1.5;

/**
 * Overcommitted frames, and frames on permits that were granted for smaller ones, may exceed the limit: each fits
 * alone.
 */
const MOST_BYTES = MAX_BYTES + (16 + CAPACITY) * MAX_BYTES;

/**
 * Errors of files in guides/errors.md, and `OperationError`, by which Chromium's decoders report that their setup
 * failed.
 */
const DOCUMENTED = 'NotSupportedError EncodingError DataError QuotaExceededError OperationError'.split(' ');

/** Time limit against hanging, in ms. No file takes a tenth of it, on any machine. */
const BOUND_MS = 60_000;

/** Maximum silence of a decoder, in ms. */
const STARVATION_MS = 10_000;

type Open = (source: Blob, options: { signal: AbortSignal }) => Promise<VideoReader>;

const strays: string[] = [];
const onStray = (event: PromiseRejectionEvent | ErrorEvent): void => {
  strays.push(String('reason' in event ? event.reason : event.error));
  event.preventDefault();
};

beforeEach(() => {
  strays.length = 0;
  globalThis.addEventListener('unhandledrejection', onStray);
  globalThis.addEventListener('error', onStray);
  // mediabunny prints unknown parts there.
  for (const method of ['warn', 'error', 'info'] as const) {
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      if (parts.some((each) => String(each).includes('video-frame-pool'))) strays.push(parts.join(' '));
    });
  }
});

afterEach(() => {
  globalThis.removeEventListener('unhandledrejection', onStray);
  globalThis.removeEventListener('error', onStray);
  vi.restoreAllMocks();
});

/** The next good file plays. */
async function playsWell(entry: Clip): Promise<void> {
  if (entry.codec === null) return;
  const pool = new VideoFramePool({ capacity: 3 });
  await using reader = await openVideo(await clipBlob(entry.file));
  const last = await reader.frameAt(reader.duration, { pool });
  expect(last.timestamp).toBe(timestampsOf(entry).at(-1));
  last.release();
  pool.assertNoLeaks();
}

/** Reads one damaged copy. Resolves to the failure in words, or to null. */
async function survive(entry: Clip, bytes: Uint8Array, seed: number): Promise<string | null> {
  const mutation = mutate(bytes, seed);
  const { way, open } = seed % WORKER_SHARE === 0 ? inWorker : inThisThread;
  try {
    await readHostile(new Blob([mutation.bytes]), open);
    // An unhandled rejection is reported in a task of its own.
    await new Promise((resolve) => setTimeout(resolve));
    expect(strays.splice(0), 'unhandled errors').toEqual([]);
    return null;
  } catch (error) {
    const { name, message } = error as Error;
    return `${described(entry.file, mutation)} ${way}: ${name}: ${message}`;
  }
}

/** Opens a file, reads its first frames and its last, and checks that nothing stays open. */
async function readHostile(file: Blob, open: Open): Promise<void> {
  const pool = new VideoFramePool({ capacity: CAPACITY, maxBytes: MAX_BYTES, name: 'hostile' });
  const signal = AbortSignal.timeout(BOUND_MS);
  try {
    await using reader = await open(file, { signal });
    await readSome(reader, pool, signal);
  } catch (error) {
    requireDocumented(error);
  }
  expect(signal.aborted, 'ended by the harness, because it did not end').toBe(false);
  await expect.poll(() => pool.lentCount + pool.decodingCount + pool.waitingCount).toBe(0);
  expect([pool.bytes, livePictures()], 'bytes and pictures that are still open').toEqual([0, 0]);
  pool.close();
}

async function readSome(reader: VideoReader, pool: VideoFramePool, signal: AbortSignal): Promise<void> {
  const options = { pool, signal, starvationMs: STARVATION_MS };
  let failure: unknown = null;
  let frames = 0;
  try {
    for await (const handle of reader.frames(options)) {
      expect(pool.bytes, 'bytes of the pool').toBeLessThanOrEqual(MOST_BYTES);
      handle.release();
      if (++frames === FRAMES) break;
    }
  } catch (error) {
    failure = error;
  }
  // Also after a truncated file: the next call is not affected.
  try {
    (await reader.frameAt(reader.duration, options)).release();
  } catch (error) {
    requireDocumented(error);
    failure ??= error;
  }
  if (failure !== null) throw failure;
}

/** @throws An error of a kind that the library does not document for files. */
function requireDocumented(error: unknown): void {
  if (error instanceof PoolStarvedError) return;
  if (!(error instanceof DOMException) || !DOCUMENTED.includes(error.name)) throw error;
}

describe.each(clips.filter((clip) => copies.some(({ entry }) => entry === clip)))('$file', (entry) => {
  test(
    'however it is damaged ends cleanly or with an error that names the cause',
    async () => {
      const bytes = new Uint8Array(await (await clipBlob(entry.file)).arrayBuffer());
      const failures: string[] = [];
      for (const { seed } of copies.filter((copy) => copy.entry === entry)) {
        const failure = await survive(entry, bytes, seed);
        if (failure === null) continue;
        failures.push(failure);
        await playsWell(entry);
      }
      expect(failures).toEqual([]);
      await playsWell(entry);
    },
    180_000 * factor,
  );
});
