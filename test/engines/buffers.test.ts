/**
 * Tests of decoded pictures, copied into canvases and memory: each shows its picture, even after the decoder is closed.
 */
import { describe, expect, test } from 'vitest';
import type {
  BufferStorage,
  FrameHandle,
  MemoryFormat,
  MemoryStorage,
  VideoFramePool,
} from '../../src/index.ts';
import { canvasStorage, memoryStorage } from '../../src/index.ts';
import { canvasPool, checkedPool } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { decodedCopies, expectNumbers } from '../support/decoded-copies.ts';
import { colourFrame, pixelAt } from '../support/frames.ts';
import { markIn, markOf, markOfSnapshot } from '../support/picture.ts';

const FRAMES = 6;

const FILES = ['h264_bframes.mp4', 'vp8.webm', 'vp8_odd.webm', 'vp9.webm', 'vp9_odd.webm'];

/** The first frames of a clip, copied into buffers of their size. */
function copies<S extends BufferStorage>(
  file: string,
  storageFor: (frame: VideoFrame) => S,
): Promise<FrameHandle<S>[]> {
  let pool: VideoFramePool<S> | null = null;
  return decodedCopies(file, FRAMES, (handle) => {
    pool ??= checkedPool({ capacity: FRAMES, storage: storageFor(handle.frame) });
    return handle.copyTo(pool);
  });
}

const memoryFor = (format: MemoryFormat, { displayWidth, displayHeight }: VideoFrame): MemoryStorage =>
  memoryStorage({ format, codedWidth: displayWidth, codedHeight: displayHeight });

/** Output format of the decoder: planes in Chromium and WebKitGTK, BGRX in Firefox. */
function ownFormat({ format }: VideoFrame): MemoryFormat {
  if (format === 'I420' || format === 'BGRX') return format;
  throw new Error(`this engine decodes to ${format}`);
}

describe('frames of a clip', () => {
  test.each(FILES)('are on canvases: %s', async (file) => {
    const kept = await copies(file, ({ displayWidth: width, displayHeight: height }) =>
      canvasStorage({ width, height }),
    );
    await expectNumbers(file, kept, ({ canvas }) => markOf(canvas));
  });

  test.each(FILES)('are in memory as colours: %s', async (file) => {
    await expectNumbers(file, await copies(file, (frame) => memoryFor('RGBA', frame)), markIn);
  });

  test.each(FILES)('are in memory as they were decoded: %s', async (file) => {
    const kept = await copies(file, (frame) => memoryFor(ownFormat(frame), frame));
    await expectNumbers(file, kept, markOfSnapshot);
  });
});

describe('a frame of one colour', () => {
  const COLOUR = [200, 90, 30] as const;

  test('has it on a canvas, which is empty for the next holder', async () => {
    const pool = canvasPool();
    const handle = await copyAndClose(pool, colourFrame(COLOUR));
    expect(pixelAt(handle.context, 32, 24)).toEqual([...COLOUR, 255]);
    const { canvas } = handle;
    handle.release();
    using next = await pool.acquire();
    expect(next.canvas).toBe(canvas);
    expect(pixelAt(next.context, 32, 24)).toEqual([0, 0, 0, 0]);
  });

  test('has it in memory, and a kept view is empty after the release', async () => {
    const storage = memoryStorage({ format: 'RGBA', codedWidth: 64, codedHeight: 48 });
    const handle = await copyAndClose(checkedPool({ storage }), colourFrame(COLOUR));
    const { data } = handle;
    expect([...data.subarray(0, 4)]).toEqual([...COLOUR, 255]);
    handle.release();
    expect(data.length).toBe(0);
  });

  test('has it in shared memory', async () => {
    const storage = memoryStorage({ format: 'BGRA', codedWidth: 64, codedHeight: 48, shared: true });
    using handle = await copyAndClose(checkedPool({ storage }), colourFrame(COLOUR));
    expect(handle.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...handle.data.subarray(0, 4)]).toEqual([...COLOUR.toReversed(), 255]);
  });
});
