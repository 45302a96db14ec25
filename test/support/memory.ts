/** Colour chart of four quadrants in memory, and the expected results of copies of it. */
import { expect } from 'vitest';
import type {
  CopyRequest,
  FrameHandle,
  MemoryFormat,
  MemoryStorage,
  VideoFramePool,
} from '../../src/index.ts';
import { memoryStorage } from '../../src/index.ts';
import { checkedPool } from './checked-pools.ts';
import { copyAndClose } from './copying.ts';
import type { Colour, FrameInit } from './quadrants.ts';
import { bytesOf, frameOf } from './quadrants.ts';

/** The colours of the chart: top left, top right, bottom left, bottom right. */
export const CHART = [
  [210, 30, 60, 255],
  [20, 170, 90, 255],
  [50, 40, 220, 255],
  [240, 210, 30, 128],
] as const satisfies readonly Colour[];

export const RGB_FORMATS = ['RGBA', 'RGBX', 'BGRA', 'BGRX'] as const;

/** The colour space of every converted or drawn picture. */
export const SRGB = { primaries: 'bt709', transfer: 'iec61966-2-1', matrix: 'rgb', fullRange: true };

/** Maximum drift of a channel (0 to 255) that conversions of planes showed in three engines. */
export const DRIFT = 12;

/** The bytes of a chart, plane after plane. */
export const chart = (format: MemoryFormat, width: number, height: number): Uint8Array =>
  bytesOf(format, width, height, CHART);

/** Makes a frame that shows the chart, owned by the caller. */
export const chartFrame = (format: MemoryFormat, width = 64, height = 48, init: FrameInit = {}): VideoFrame =>
  frameOf(format, width, height, CHART, init);

/** The members of a buffer that are read here. */
type Picture = Pick<FrameHandle<MemoryStorage>, 'data' | 'format' | 'layout' | 'codedWidth' | 'codedHeight'>;

/** A pixel of memory with 8-bit colours, as red, green, blue and, if the format has it, alpha. */
export function rgbAt({ data, format, layout }: Picture, x: number, y: number): number[] {
  const { offset, stride } = layout[0] as PlaneLayout;
  const at = offset + y * stride + x * 4;
  return ['R', 'G', 'B', 'A'].flatMap((letter) => {
    const place = format.indexOf(letter);
    return place < 0 ? [] : [data[at + place] as number];
  });
}

/** The colours in the middle of the four quadrants of a buffer. */
export function quadrants(picture: Picture): number[][] {
  const at = (size: number, isSecond: boolean): number => Math.floor(size * (isSecond ? 0.75 : 0.25));
  const { codedWidth: width, codedHeight: height } = picture;
  return [0, 1, 2, 3].map((index) => rgbAt(picture, at(width, index % 2 > 0), at(height, index > 1)));
}

/** The largest difference of any channel between two lists of colours. */
export function farthest(one: readonly (readonly number[])[], other: readonly (readonly number[])[]): number {
  return Math.max(
    ...one.flatMap((colour, index) =>
      colour.map((value, channel) => Math.abs(value - (other[index]?.[channel] ?? Infinity))),
    ),
  );
}

/** The expected colours of the quadrants after a copy from one format into another. */
export function expected(source: string, target: string): number[][] {
  const isTranslucent = (format: string): boolean => format.includes('A');
  return CHART.map(([red, green, blue, alpha]) => [
    red,
    green,
    blue,
    ...(isTranslucent(target) ? [isTranslucent(source) ? alpha : 255] : []),
  ]);
}

/** Asserts that the buffer shows the chart, after a copy from this format. */
export const expectChart = (handle: FrameHandle<MemoryStorage>, source: string): void =>
  expect(farthest(quadrants(handle), expected(source, handle.format))).toBeLessThanOrEqual(DRIFT);

/** The indices of the chart's quadrants that the quadrants of a buffer show. */
export const shown = (handle: FrameHandle<MemoryStorage>): number[] =>
  quadrants(handle).map((colour) =>
    CHART.findIndex(([r, g, b]) => farthest([colour.slice(0, 3)], [[r, g, b]]) <= DRIFT),
  );

/** The first index at which two byte arrays differ, or -1. `toEqual` takes a second for a picture. */
export function firstDifference(one: Uint8Array, other: Uint8Array): number {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return at;
  return -1;
}

/** Copies the bytes of a frame, which stays open. */
export async function copiedOut(frame: VideoFrame): Promise<Uint8Array> {
  const bytes = new Uint8Array(frame.allocationSize());
  await frame.copyTo(bytes);
  return bytes;
}

/** Makes a checked pool of two buffers. */
export const poolOf = (
  format: MemoryFormat,
  codedWidth = 64,
  codedHeight = 48,
  more: { rowAlignment?: number; layout?: PlaneLayout[]; shared?: boolean } = {},
): VideoFramePool<MemoryStorage> =>
  checkedPool({ storage: memoryStorage({ format, codedWidth, codedHeight, ...more }) });

/** Copies the frame into a buffer, owned by the caller, and closes the frame. */
export async function copied(
  pool: VideoFramePool<MemoryStorage>,
  frame: VideoFrame,
  options: CopyRequest = {},
): Promise<FrameHandle<MemoryStorage>> {
  const handle = await copyAndClose(pool, frame, options);
  expect(pool.lentCount).toBe(1);
  return handle;
}
