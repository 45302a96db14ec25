/** Pictures of known colours in memory, worked out apart from the library: a colour chart of four quadrants. */
import { expect } from 'vitest';
import type { CaptureRequest, FrameHandle, MemoryFormat, MemoryStorage } from '../../src/index.ts';
import { memoryStorage, VideoFramePool } from '../../src/index.ts';

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** What a chart shows: top left, top right, bottom left, bottom right. */
export const CHART: readonly Colour[] = [
  [210, 30, 60, 255],
  [20, 170, 90, 255],
  [50, 40, 220, 255],
  [240, 210, 30, 128],
];

/** Every format of memoryStorage() that Chromium makes frames of: it does not know 12 bits with alpha. */
export const FORMATS: readonly MemoryFormat[] = [
  ...(['I420', 'I422', 'I444'] as const).flatMap((base): MemoryFormat[] => [
    base,
    `${base}A`,
    `${base}P10`,
    `${base}P12`,
    `${base}AP10`,
  ]),
  'NV12',
  'RGBA',
  'RGBX',
  'BGRA',
  'BGRX',
];

export const RGB_FORMATS = ['RGBA', 'RGBX', 'BGRA', 'BGRX'] as const;

/** Whether pictures of this format can be translucent. */
export const isTranslucent = (format: string): boolean => format.includes('A');

const bitsOf = (format: string): number => (format.endsWith('P10') ? 10 : format.endsWith('P12') ? 12 : 8);

/** The samples of each plane in their order, and by how much it is smaller than the picture. */
function planesOf(format: string): { letters: string; across: number; down: number }[] {
  if (format.startsWith('RGB') || format.startsWith('BGR')) return [{ letters: format, across: 1, down: 1 }];
  const across = format.startsWith('I444') ? 1 : 2;
  const down = format.startsWith('I420') || format === 'NV12' ? 2 : 1;
  const luma = { letters: 'Y', across: 1, down: 1 };
  if (format === 'NV12') return [luma, { letters: 'UV', across, down }];
  const planes = [luma, { letters: 'U', across, down }, { letters: 'V', across, down }];
  return format.includes('A') ? [...planes, { letters: 'A', across: 1, down: 1 }] : planes;
}

/** ITU-R BT.709, limited range, scaled to the depth. */
function sample(letter: string, [red, green, blue, alpha]: Colour, bits: number): number {
  const scale = 2 ** (bits - 8);
  const [r, g, b] = [red / 255, green / 255, blue / 255];
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const values: Record<string, number> = {
    Y: (16 + 219 * y) * scale,
    U: (128 + (224 * (b - y)) / 1.8556) * scale,
    V: (128 + (224 * (r - y)) / 1.5748) * scale,
    A: bits === 8 ? alpha : (alpha / 255) * (2 ** bits - 1),
    R: red,
    G: green,
    B: blue,
    X: 255,
  };
  return Math.round(values[letter] ?? 0);
}

/** The bytes of a chart, planes one after the other. */
export function chart(format: MemoryFormat, width: number, height: number): Uint8Array {
  const bits = bitsOf(format);
  const bytes: number[] = [];
  for (const { letters, across, down } of planesOf(format)) {
    const [columns, rows] = [Math.ceil(width / across), Math.ceil(height / down)];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const quadrant = (column * across * 2 < width ? 0 : 1) + (row * down * 2 < height ? 0 : 2);
        for (const letter of letters) {
          const value = sample(letter, CHART[quadrant] as Colour, bits);
          bytes.push(value & 255);
          if (bits > 8) bytes.push(value >> 8);
        }
      }
    }
  }
  return new Uint8Array(bytes);
}

/** A frame that shows the chart. Owned by the caller. */
export function chartFrame(
  format: MemoryFormat,
  width: number,
  height: number,
  init: Partial<VideoFrameBufferInit> & { rotation?: number; flip?: boolean } = {},
): VideoFrame {
  return new VideoFrame(chart(format, width, height), {
    format: format as VideoPixelFormat,
    codedWidth: width,
    codedHeight: height,
    timestamp: 0,
    ...init,
  });
}

/** A pixel of memory of 8-bit colours, as red, green, blue and, where there is one, alpha. */
export function rgbAt(handle: FrameHandle<MemoryStorage>, x: number, y: number): number[] {
  const { data, format, layout } = handle;
  const { offset, stride } = layout[0] as PlaneLayout;
  const at = offset + y * stride + x * 4;
  return ['R', 'G', 'B', 'A'].flatMap((letter) => {
    const place = format.indexOf(letter);
    return place < 0 ? [] : [data[at + place] as number];
  });
}

/** The colours in the middle of the four quadrants of a buffer. */
export function quadrants(handle: FrameHandle<MemoryStorage>): number[][] {
  const { codedWidth: width, codedHeight: height } = handle;
  return [0, 1, 2, 3].map((index) =>
    rgbAt(
      handle,
      Math.floor(width * (index % 2 ? 0.75 : 0.25)),
      Math.floor(height * (index < 2 ? 0.25 : 0.75)),
    ),
  );
}

/** The farthest that any channel of one list of colours is from the other's. */
export function farthest(one: readonly (readonly number[])[], other: readonly (readonly number[])[]): number {
  return Math.max(
    ...one.flatMap((colour, index) =>
      colour.map((value, channel) => Math.abs(value - (other[index]?.[channel] ?? Infinity))),
    ),
  );
}

/** What the quadrants show after a copy from one format into another. */
export function expected(source: string, target: string): number[][] {
  return CHART.map(([red, green, blue, alpha]) => [
    red,
    green,
    blue,
    ...(isTranslucent(target) ? [isTranslucent(source) ? alpha : 255] : []),
  ]);
}

/** Where two arrays of bytes begin to differ; -1 where they are the same. `toEqual` takes a second for a picture. */
export function firstDifference(one: Uint8Array, other: Uint8Array): number {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return at;
  return -1;
}

/** What converting and drawing make of every picture. */
export const SRGB = { primaries: 'bt709', transfer: 'iec61966-2-1', matrix: 'rgb', fullRange: true };

/** Of 255: what conversions of planes were seen to drift by, in three engines. */
export const DRIFT = 12;

/** A pool of two buffers. */
export const poolOf = (
  format: MemoryFormat,
  codedWidth: number,
  codedHeight: number,
  more: { rowAlignment?: number; layout?: PlaneLayout[]; shared?: boolean } = {},
): VideoFramePool<MemoryStorage> =>
  new VideoFramePool({ capacity: 2, storage: memoryStorage({ format, codedWidth, codedHeight, ...more }) });

/** Captures, looks, and gives all back. */
export async function look(
  pool: VideoFramePool<MemoryStorage>,
  frame: VideoFrame,
  options: CaptureRequest,
  see: (handle: FrameHandle<MemoryStorage>) => void | Promise<void>,
): Promise<void> {
  const handle = await pool.capture(frame, options);
  expect([frame.codedWidth, pool.lentCount]).toEqual([0, 1]);
  await see(handle);
  handle.release();
  expect(pool.lentCount).toBe(0);
  pool.close();
}

/** Which quadrants of the chart the quadrants of a buffer show. */
export const shown = (handle: FrameHandle<MemoryStorage>): number[] =>
  quadrants(handle).map((colour) =>
    CHART.findIndex((known) => farthest([colour.slice(0, 3)], [known.slice(0, 3)]) <= DRIFT),
  );
