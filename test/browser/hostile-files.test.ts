/**
 * Files that lie: damaged copies of the clips, by seed. `HOSTILE_FACTOR=10` reads ten times as many; `HOSTILE_ONLY=vp9.webm:51`, as
 * a failure says it, the one.
 */
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import type { Clip } from '../media/clips.ts';
import { CLIPS, timestampsOf } from '../media/clips.ts';
import { described, mutate } from '../support/hostile/mutate.ts';
import { readHostile } from '../support/hostile/reading.ts';
import { clipBlob } from '../support/packets.ts';
import { WAYS } from '../support/readers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** How many hostile files there are, or which one. */
    hostile: { readonly factor: number; readonly only: string | null };
  }
}

const { factor, only } = inject('hostile');

/** Damaged copies of each clip; of so many, one is read in a worker. */
const COPIES = 24;
const WORKER_SHARE = 12;

/** Those that are large, or one more of a kind that is there. */
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

const strays: string[] = [];
const onStray = (event: PromiseRejectionEvent | ErrorEvent): void => {
  strays.push(String('reason' in event ? event.reason : event.error));
  event.preventDefault();
};

beforeEach(() => {
  strays.length = 0;
  globalThis.addEventListener('unhandledrejection', onStray);
  globalThis.addEventListener('error', onStray);
  // mediabunny tells there what it does not know.
  for (const method of ['warn', 'error', 'info'] as const) {
    vi.spyOn(console, method).mockImplementation((...said: unknown[]) => {
      if (said.some((each) => String(each).includes('video-frame-pool'))) strays.push(said.join(' '));
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
  const pool = new VideoFramePool({ capacity: 3 });
  await using reader = await openVideo(await clipBlob(entry.file));
  const last = await reader.frameAt(reader.duration, { pool });
  expect(last.timestamp).toBe(timestampsOf(entry).at(-1));
  last.release();
  pool.assertNoLeaks();
}

async function survive(entry: Clip, bytes: Uint8Array, seed: number): Promise<string | null> {
  const mutation = mutate(bytes, seed);
  const way = WAYS[seed % WORKER_SHARE === 0 ? 1 : 0];
  try {
    await readHostile(new Blob([mutation.bytes]), (source, options) => {
      if (way === undefined) throw new Error('there are two ways of opening a file');
      return way.open(source, options);
    });
    // A rejection that nobody handles is told in a task of its own.
    await new Promise((resolve) => setTimeout(resolve));
    expect(strays.splice(0), 'what nobody caught').toEqual([]);
    return null;
  } catch (error) {
    const { name, message } = error as Error;
    return `${described(entry.file, mutation)} ${way?.way}: ${name}: ${message}`;
  }
}

describe.each(clips)('$file', (entry) => {
  test(
    'however it is damaged ends clean or in an error that says so, and leaves nothing behind',
    async () => {
      const bytes = new Uint8Array(await (await clipBlob(entry.file)).arrayBuffer());
      const failures: string[] = [];
      for (const seed of seedsOf(entry)) {
        const failure = await survive(entry, bytes, seed);
        if (failure === null) continue;
        failures.push(failure);
        if (entry.codec !== null) await playsWell(entry);
      }
      expect(failures).toEqual([]);
      if (entry.codec !== null) await playsWell(entry);
    },
    180_000 * factor,
  );
});
