/** Reads a file with this library: all frames, then single frames at given times. */
import { VideoFramePool } from '../../../src/index.ts';
import type { FrameHandle } from '../../../src/index.ts';
import type { VideoReader } from '../../../src/media/index.ts';
import { openVideo } from '../../../src/media/index.ts';
import { frameAccount } from '../../support/frame-account.ts';
import type { Look, OursFrame, OursReading, Question, Rgba, ShownFrame } from '../reading.ts';
import { unreadByOurs } from '../reading.ts';
import type { Turn } from './canvas.ts';
import { lookAtPicture } from './canvas.ts';

/** A reader that takes longer for all of one file hangs, in ms. */
const LIMIT_MS = 15_000;

/** Frames around whose borders `frameAt()` is asked. */
const BORDERS = 5;

/** Counts frames, which must be closed once a file has been read. */
const account = frameAccount();

const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

export async function readWithOurs(file: Blob, questions: readonly Question[]): Promise<OursReading> {
  account.reset();
  const reading = await read(file, questions);
  return { ...reading, open: account.stillOpen() };
}

async function read(file: Blob, questions: readonly Question[]): Promise<OursReading> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const pool = new VideoFramePool({ capacity: 4, name: 'variants' });
  let reader: VideoReader;
  try {
    reader = await openVideo(file, { signal });
  } catch (error) {
    pool.close();
    return unreadByOurs(textOf(error), signal.aborted ? 'while it opens' : null);
  }
  try {
    return await readOpened(reader, pool, questions, signal);
  } finally {
    await reader.close();
    pool.close();
  }
}

async function readOpened(
  reader: VideoReader,
  pool: VideoFramePool,
  questions: readonly Question[],
  signal: AbortSignal,
): Promise<OursReading> {
  const frames: OursFrame[] = [];
  let patches: readonly Rgba[] | undefined;
  let end: string | null = null;
  let hangs: string | null = null;
  try {
    for await (const handle of reader.frames({ pool, signal })) {
      const { mark, patches: seen } = lookAndRelease(handle, reader);
      patches ??= seen;
      frames.push({ time: handle.timestamp, duration: handle.duration ?? NaN, mark });
    }
  } catch (error) {
    end = textOf(error);
    if (signal.aborted) hangs = `after ${frames.length} frames`;
  }
  const shown: ShownFrame[] = [];
  const frameAtErrors: [number, string][] = [];
  for (const at of new Set([...questions.map((question) => question.at), ...borders(frames)])) {
    if (hangs !== null) break;
    try {
      const handle = await reader.frameAt(at, { pool, signal });
      shown.push({ at, time: handle.timestamp, mark: lookAndRelease(handle, reader).mark });
    } catch (error) {
      frameAtErrors.push([at, textOf(error)]);
      if (signal.aborted) hangs = `in frameAt(${at})`;
    }
  }
  return {
    failure: null,
    size: { width: reader.displayWidth, height: reader.displayHeight },
    patches: patches ?? [],
    duration: reader.duration,
    firstTimestamp: reader.firstTimestamp,
    frames,
    shown,
    frameAtErrors,
    end,
    hangs,
    open: [],
  };
}

/** The first and the last µs of some frames. */
function borders(frames: readonly OursFrame[]): number[] {
  const step = Math.max(1, Math.floor(frames.length / BORDERS));
  return frames.filter((_, index) => index % step === 0).flatMap(({ time }) => [time, time - 1]);
}

function lookAndRelease(handle: FrameHandle, reader: VideoReader & Partial<Turn>): Look {
  try {
    const { rotation, flip = false } = reader;
    const { displayWidth, displayHeight } = handle.frame;
    const isTurned = rotation % 180 !== 0;
    const size = {
      width: isTurned ? displayHeight : displayWidth,
      height: isTurned ? displayWidth : displayHeight,
    };
    return lookAtPicture(handle.frame, size, { rotation, flip });
  } finally {
    handle.release();
  }
}
