/** Samples with numbers in them, and which numbers a file shows when. */
import type { FrameHandle, MemoryStorage } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { readBack } from './probe-files.ts';
import { numberedFrame, numberedPlanes } from './probe-pictures.ts';

/** From picture to picture, in µs. */
export const FRAME_US = 40_000;

/** A picture's number, and its time in µs. */
export type Shown = readonly [number: number, timestamp: number];

/** What a file shows. */
export async function numbersOf(file: Blob): Promise<Shown[]> {
  const { pictures } = await readBack(file);
  return pictures.map(({ number, timestamp }) => [number, timestamp] as const);
}

/** What a file's first picture shows at some places of a row: red, green and blue. */
export async function coloursAt(file: Blob, columns: readonly number[], row: number): Promise<number[][]> {
  const pool = new VideoFramePool({ capacity: 2 });
  await using reader = await openVideo(file);
  using handle = await reader.frameAt(0, { pool });
  const { displayWidth, displayHeight } = handle.frame;
  const context = new OffscreenCanvas(displayWidth, displayHeight).getContext('2d');
  if (context === null) throw new Error('no 2D context');
  context.drawImage(handle.frame, 0, 0);
  return columns.map((column) => Array.from(context.getImageData(column, row, 1, 1).data.subarray(0, 3)));
}

/** Pictures at the even rate, each with its own number. */
export const timesFrom = (first: number, count: number): Shown[] =>
  Array.from({ length: count }, (_, index) => [first + index, (first + index) * FRAME_US] as const);

/** Fills memory with a numbered picture of its size and format; where it has chroma, a grey one. */
export async function copiedInto(sample: FrameHandle<MemoryStorage>, number: number): Promise<void> {
  const { data, layout, format, codedWidth: width, codedHeight: height } = sample;
  const isColoured = format.startsWith('RGB') || format.startsWith('BGR');
  const shape = { timestamp: 0, width, height };
  const frame = isColoured ? numberedFrame(number, shape) : numberedPlanes(number, shape, {});
  try {
    if (isColoured) {
      await frame.copyTo(data, { layout: [...layout], format: format as VideoPixelFormat });
      return;
    }
    const planes = new Uint8Array(frame.allocationSize());
    await frame.copyTo(planes);
    // Luma is the first plane of every such format; the rest of a grey picture is one value.
    data.fill(128);
    data.set(planes.subarray(0, width * height), layout[0]?.offset);
  } finally {
    frame.close();
  }
}
