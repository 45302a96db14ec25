/** Decoded pictures, copied onto canvases and into memory: what is there is the picture, also when the decoder is gone. */
import { describe, expect, test } from 'vitest';
import type { BufferStorage, FrameHandle, MemoryFormat } from '../../src/index.ts';
import { canvasStorage, decodeFrames, memoryStorage, VideoFramePool } from '../../src/index.ts';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { colourFrame, pixelAt } from '../support/frames.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { markIn, markOf } from '../support/picture.ts';

const FRAMES = 6;

const FILES = ['h264_bframes.mp4', 'vp8.webm', 'vp8_odd.webm', 'vp9.webm', 'vp9_odd.webm'];

/** The first frames of a clip, copied. The decoder is closed, and nothing of it is held. */
async function copies<S extends BufferStorage>(
  file: string,
  storageFor: (first: VideoFrame) => S,
): Promise<FrameHandle<S>[]> {
  const { config, chunks } = await trackOf(file);
  const decoded = new VideoFramePool({ capacity: 2 });
  let pool: VideoFramePool<S> | null = null;
  const kept: FrameHandle<S>[] = [];
  for await (const handle of decodeFrames(decoded, streamOf(chunks), config)) {
    pool ??= new VideoFramePool({ capacity: FRAMES, storage: storageFor(handle.frame) });
    kept.push(await handle.copyTo(pool));
    handle.release();
    if (kept.length === FRAMES) break;
  }
  expect([decoded.lentCount, decoded.decodingCount, pool?.lentCount]).toEqual([0, 0, FRAMES]);
  expect(kept.map(({ timestamp }) => timestamp)).toEqual(timestampsOf(clip(file)).slice(0, FRAMES));
  decoded.close();
  return kept;
}

const sizeOf = ({ displayWidth, displayHeight }: VideoFrame): { width: number; height: number } => ({
  width: displayWidth,
  height: displayHeight,
});

const memoryFor =
  (format: (frame: VideoFrame) => MemoryFormat) =>
  (frame: VideoFrame): ReturnType<typeof memoryStorage> => {
    const { width, height } = sizeOf(frame);
    return memoryStorage({ format: format(frame), codedWidth: width, codedHeight: height });
  };

/** What the decoder gives: planes in Chromium and WebKitGTK, BGRX in Firefox. */
function ownFormat({ format }: VideoFrame): MemoryFormat {
  if (format === 'I420' || format === 'BGRX') return format;
  throw new Error(`this engine decodes to ${format}`);
}

describe('frames of a clip', () => {
  test.each(FILES)('are on canvases: %s', async (file) => {
    const kept = await copies(file, (frame) => canvasStorage(sizeOf(frame)));
    expect(kept.map(({ canvas }) => markOf(canvas))).toEqual(numbersOf(clip(file)).slice(0, FRAMES));
    for (const handle of kept) handle.release();
  });

  test.each(FILES)('are in memory as colours: %s', async (file) => {
    const kept = await copies(
      file,
      memoryFor(() => 'RGBA'),
    );
    expect(kept.map(markIn)).toEqual(numbersOf(clip(file)).slice(0, FRAMES));
    for (const handle of kept) handle.release();
  });

  test.each(FILES)('are in memory as they were decoded: %s', async (file) => {
    const kept = await copies(file, memoryFor(ownFormat));
    const numbers = kept.map((handle) => {
      const frame = handle.toVideoFrame();
      const mark = markOf(frame);
      frame.close();
      handle.release();
      return mark;
    });
    expect(numbers).toEqual(numbersOf(clip(file)).slice(0, FRAMES));
  });
});

describe('a frame of one colour', () => {
  const COLOUR = [200, 90, 30] as const;

  test('has it on a canvas, which the next holder gets empty', async () => {
    const pool = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 64, height: 48 }) });
    const handle = await pool.capture(colourFrame(COLOUR));
    expect(pixelAt(handle.context, 32, 24)).toEqual([...COLOUR, 255]);
    const { canvas } = handle;
    handle.release();
    const next = await pool.acquire();
    expect(next.canvas).toBe(canvas);
    expect(pixelAt(next.context, 32, 24)).toEqual([0, 0, 0, 0]);
    next.release();
    pool.assertNoLeaks();
  });

  test('has it in memory, which is gone for who kept a view of it', async () => {
    const storage = memoryStorage({ format: 'RGBA', codedWidth: 64, codedHeight: 48 });
    const pool = new VideoFramePool({ capacity: 1, storage });
    const handle = await pool.capture(colourFrame(COLOUR));
    const { data } = handle;
    expect([...data.subarray(0, 4)]).toEqual([...COLOUR, 255]);
    handle.release();
    expect(data.length).toBe(0);
    pool.assertNoLeaks();
  });

  test('has it in shared memory', async () => {
    const storage = memoryStorage({ format: 'BGRA', codedWidth: 64, codedHeight: 48, shared: true });
    const pool = new VideoFramePool({ capacity: 1, storage });
    const handle = await pool.capture(colourFrame(COLOUR));
    expect(handle.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...handle.data.subarray(0, 4)]).toEqual([...COLOUR.toReversed(), 255]);
    handle.release();
    pool.assertNoLeaks();
  });
});
