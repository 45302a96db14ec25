/**
 * Pictures of four known colours, made in any format without the library. They define the expected colours and places of a copy.
 */
import { expect } from 'vitest';
import type { MemoryFormat } from '../../src/index.ts';

/** Red, green, blue, and alpha if the picture is translucent; 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number, alpha?: number];

/** The colours of `quadrantFrame()`: top left, top right, bottom left, bottom right. */
export const QUADRANTS = [
  [200, 40, 40],
  [40, 180, 40],
  [40, 60, 200],
  [230, 230, 230],
] as const satisfies readonly Colour[];

/** Formats of 8 bits, and one of 10. */
const PLANES = ['I420', 'I420A', 'I422', 'I444', 'I420P10', 'NV12'] as const;
export const QUADRANT_FORMATS = [...PLANES, 'RGBA', 'RGBX', 'BGRA', 'BGRX'] as const;

/** A pixel's channels: red, green, blue, alpha. */
export type Pixel = readonly number[] | Uint8Array;

/** The members of a frame's init, including members that TypeScript's DOM types lack. */
export type FrameInit = Partial<VideoFrameBufferInit> & {
  readonly rotation?: number;
  readonly flip?: boolean;
};

const bitsOf = (format: string): number => (format.endsWith('P10') ? 10 : format.endsWith('P12') ? 12 : 8);

/** The samples of each plane in their order, and the subsampling factors of the plane. */
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
function sample(letter: string, [red, green, blue, alpha = 255]: Colour, bits: number): number {
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

/** Makes the bytes of a picture of these colours, plane after plane. */
export function bytesOf(
  format: MemoryFormat,
  width: number,
  height: number,
  colours: readonly Colour[],
): Uint8Array {
  const bits = bitsOf(format);
  const bytes: number[] = [];
  for (const { letters, across, down } of planesOf(format)) {
    const [columns, rows] = [Math.ceil(width / across), Math.ceil(height / down)];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const quadrant = (column * across * 2 < width ? 0 : 1) + (row * down * 2 < height ? 0 : 2);
        for (const letter of letters) {
          const value = sample(letter, colours[quadrant] as Colour, bits);
          bytes.push(value & 255);
          if (bits > 8) bytes.push(value >> 8);
        }
      }
    }
  }
  return new Uint8Array(bytes);
}

/** Makes a frame of these colours, owned by the caller. */
export function frameOf(
  format: MemoryFormat,
  codedWidth: number,
  codedHeight: number,
  colours: readonly Colour[],
  init: FrameInit,
): VideoFrame {
  const made = { format, codedWidth, codedHeight, timestamp: 0, ...init };
  // The cast is needed, because the DOM types lack the deep formats.
  return new VideoFrame(bytesOf(format, codedWidth, codedHeight, colours), made as VideoFrameBufferInit);
}

/** Makes a frame of the colours `QUADRANTS`, with this opacity if the format has alpha. The caller owns it. */
export function quadrantFrame(
  format: MemoryFormat,
  width = 64,
  height = 48,
  { opacity = 255, ...init }: FrameInit & { readonly opacity?: number } = {},
): VideoFrame {
  const colours = QUADRANTS.map(([red, green, blue]): Colour => [red, green, blue, opacity]);
  return frameOf(format, width, height, colours, init);
}

/** Paints these colours onto a canvas of 64 × 48, each with this opacity (0 to 1) or with its own alpha. */
export function paint(
  context: OffscreenCanvasRenderingContext2D,
  colours: readonly Colour[] = QUADRANTS,
  opacity?: number,
): void {
  for (const [index, [red, green, blue, alpha = 255]] of colours.entries()) {
    context.fillStyle = `rgb(${red} ${green} ${blue} / ${opacity ?? alpha / 255})`;
    context.fillRect((index % 2) * 32, index < 2 ? 0 : 24, 32, 24);
  }
}

/** The index of this colour among the four, 0 to 3. Null if it is none of them. */
export function quadrantOf([red = 0, green = 0, blue = 0]: Pixel): number | null {
  const index = QUADRANTS.findIndex(
    ([r, g, b]) => Math.max(Math.abs(r - red), Math.abs(g - green), Math.abs(b - blue)) <= 24,
  );
  return index < 0 ? null : index;
}

/** Reorders the four quarters as a clockwise rotation and then a mirroring left to right do. */
export function turnedQuarters<T>(
  [topLeft, topRight, bottomLeft, bottomRight]: readonly [T, T, T, T],
  { rotation, flip }: { readonly rotation: number; readonly flip: boolean },
): [T, T, T, T] {
  if (rotation > 0)
    return turnedQuarters([bottomLeft, topLeft, bottomRight, topRight], { rotation: rotation - 90, flip });
  return flip ? [topRight, topLeft, bottomRight, bottomLeft] : [topLeft, topRight, bottomLeft, bottomRight];
}

/** Asserts that the pixel has the first colour, not premultiplied, and an alpha of one half. */
export function expectHalfTranslucent(pixel: Pixel): void {
  expect(Math.abs((pixel[3] ?? 0) - 128)).toBeLessThanOrEqual(2);
  expect(quadrantOf(pixel)).toBe(0);
}

/** The colour indices in the middles of the four quarters of a picture: `[0, 1, 2, 3]` if it is upright. */
export function quartersOf(
  width: number,
  height: number,
  pixel: (x: number, y: number) => Pixel,
): (number | null)[] {
  return [0, 1, 2, 3].map((quarter) => {
    const [across, down] = [quarter % 2 ? 3 : 1, quarter < 2 ? 1 : 3];
    return quadrantOf(pixel(Math.floor((width * across) / 4), Math.floor((height * down) / 4)));
  });
}
