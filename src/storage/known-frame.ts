/** A small test frame with known pixels. It shows how an engine copies frames of the same format. */
import type { MemoryFormat } from './layout.ts';
import { isRgb, packedLayout, planesOf } from './layout.ts';
import type { CopyTarget } from './pixels.ts';
import { planeOf } from './pixels.ts';

/** Width and height in pixels. Quadrants of 8 × 8 have enough chroma samples for one in their middle. */
const SIDE = 16;

/** Maximum error of a colour, of 255. Round trips through YUV drift by up to 12 (measured), swapped channels by 100. */
const TOLERANCE = 48;

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** Top left, top right, bottom left, bottom right. The last one is translucent if the format supports it. */
const COLOURS: readonly Colour[] = [
  [200, 40, 40, 255],
  [40, 180, 40, 255],
  [40, 60, 200, 255],
  [200, 100, 50, 128],
];

/** The colour of a point. Both coordinates are fractions of width and height. */
function colourAt(across: number, down: number): Colour {
  // The index is 0 to 3.
  return COLOURS[(across < 0.5 ? 0 : 1) + (down < 0.5 ? 0 : 2)] ?? [0, 0, 0, 0];
}

/** An empty target for the known frame. */
export function knownTarget(format: MemoryFormat): CopyTarget {
  const { layout, byteLength } = packedLayout(planesOf(format, SIDE, SIDE));
  return { format, width: SIDE, height: SIDE, layout, data: new Uint8Array(byteLength) };
}

/** The known picture in this format. */
export function knownPicture(format: MemoryFormat): CopyTarget {
  const target = knownTarget(format);
  const deep = /P1[02]$/u.exec(format)?.[0];
  const shift = deep === undefined ? 0 : deep === 'P10' ? 2 : 4;
  const sampleBytes = deep === undefined ? 1 : 2;
  const planes = planesOf(format, SIDE, SIDE);
  for (const [index, letters] of planeLetters(format).entries()) {
    const { rowBytes = 0, rows = 0 } = planes[index] ?? {};
    const { offset = 0, stride = 0 } = target.layout[index] ?? {};
    const samples = rowBytes / sampleBytes;
    for (let row = 0; row < rows; row++) {
      for (let sample = 0; sample < samples; sample++) {
        const colour = colourAt(sample / samples, row / rows);
        const value = sampleOf(colour, letters[sample % letters.length] ?? '') << shift;
        const at = offset + row * stride + sample * sampleBytes;
        target.data[at] = value & 255;
        if (sampleBytes === 2) target.data[at + 1] = value >> 8;
      }
    }
  }
  return target;
}

/** The order of samples in each plane. U and V as in YUV; the others by their colours. */
function planeLetters(format: MemoryFormat): readonly string[] {
  if (format === 'NV12') return ['Y', 'UV'];
  return isRgb(format) ? [format] : ['Y', 'U', 'V', 'A'].slice(0, planesOf(format, SIDE, SIDE).length);
}

/** One 8-bit sample of a colour. BT.709, limited range, which is the default of a planar `VideoFrame`. */
function sampleOf([red, green, blue, alpha]: Colour, letter: string): number {
  const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  switch (letter) {
    case 'R':
      return red;
    case 'G':
      return green;
    case 'B':
      return blue;
    case 'Y':
      return Math.round(16 + (219 / 255) * luma);
    case 'U':
      return Math.round(128 + ((224 / 255) * (blue - luma)) / 1.8556);
    case 'V':
      return Math.round(128 + ((224 / 255) * (red - luma)) / 1.5748);
    case 'A':
      return alpha;
    default:
      // A byte without a meaning, which an engine must not interpret as alpha.
      return 0;
  }
}

/**
 * A frame of the known picture, created from memory. Owned by the caller.
 *
 * @throws Errors of an engine that cannot create frames of this format.
 */
export function knownFrame(format: MemoryFormat): VideoFrame {
  const { data, layout } = knownPicture(format);
  const init = { format, codedWidth: SIDE, codedHeight: SIDE, layout: [...layout], timestamp: 0 };
  // TypeScript's DOM types lack the deep formats.
  return new VideoFrame(data, init as VideoFrameBufferInit);
}

/** A snapshot of a canvas with the known picture. Owned by the caller. */
export function knownSnapshot(): VideoFrame {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d');
  for (const [index, [red, green, blue, alpha]] of COLOURS.entries()) {
    if (context === null) break;
    context.fillStyle = `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
    context.fillRect((index % 2) * (SIDE / 2), index < 2 ? 0 : SIDE / 2, SIDE / 2, SIDE / 2);
  }
  return new VideoFrame(canvas, { timestamp: 0 });
}

/**
 * Whether memory of 8-bit colours shows the known picture: correctly, with premultiplied colours, or not.
 *
 * @param isTranslucent - Whether the frame had an alpha channel.
 */
export function verdict(target: CopyTarget, isTranslucent: boolean): 'right' | 'premultiplied' | 'wrong' {
  if (shows(target, (colour) => (isTranslucent ? colour : [...colour.slice(0, 3), 255]))) return 'right';
  const premultiplied = ([red, green, blue, alpha]: Colour): readonly number[] => [
    ...[red, green, blue].map((value) => (value * alpha) / 255),
    alpha,
  ];
  return isTranslucent && shows(target, premultiplied) ? 'premultiplied' : 'wrong';
}

function shows(
  { format, layout, data }: CopyTarget,
  expected: (colour: Colour) => readonly number[],
): boolean {
  const { offset, stride } = planeOf(layout);
  return [0, 1, 2, 3].every((quadrant) => {
    const across = quadrant % 2 === 0 ? 0.25 : 0.75;
    const down = quadrant < 2 ? 0.25 : 0.75;
    const at = offset + SIDE * down * stride + SIDE * across * 4;
    const colour = expected(colourAt(across, down));
    return ['R', 'G', 'B', 'A'].every((letter, index) => {
      const place = format.indexOf(letter);
      return place < 0 || Math.abs((data[at + place] ?? 0) - (colour[index] ?? 0)) <= TOLERANCE;
    });
  });
}

/**
 * Whether two buffers of one format hold the same samples. Bytes without a meaning may differ, and do in Firefox 153.
 */
export const hasSameSamples = (one: CopyTarget, other: CopyTarget): boolean =>
  one.data.length === other.data.length &&
  one.data.every(
    (byte, index) => byte === other.data[index] || (one.format.endsWith('X') && index % 4 === 3),
  );
