/** Frames of four known colours, made from memory in any format: what a copy must show, and where. */

/** Red, green, blue. */
export type Rgb = readonly [number, number, number];

/** Top left, top right, bottom left, bottom right. */
export const QUADRANTS: readonly [Rgb, Rgb, Rgb, Rgb] = [
  [200, 40, 40],
  [40, 180, 40],
  [40, 60, 200],
  [230, 230, 230],
];

/** Formats of 8 bits, and one of 10: width and height of chroma samples, in luma samples; null for colours in one plane. */
const FORMATS = {
  I420: { across: 2, down: 2, planes: 'YUV', deep: false },
  I420A: { across: 2, down: 2, planes: 'YUVA', deep: false },
  I422: { across: 2, down: 1, planes: 'YUV', deep: false },
  I444: { across: 1, down: 1, planes: 'YUV', deep: false },
  I420P10: { across: 2, down: 2, planes: 'YUV', deep: true },
  NV12: { across: 2, down: 2, planes: 'YC', deep: false },
  RGBA: null,
  RGBX: null,
  BGRA: null,
  BGRX: null,
} as const;

/** A format that these frames are made in. */
export type QuadrantFormat = keyof typeof FORMATS;

/** Every format that these frames are made in. */
export const QUADRANT_FORMATS = Object.keys(FORMATS) as QuadrantFormat[];

/** How these frames differ from upright ones that can be looked through nowhere. */
export interface QuadrantInit extends Partial<VideoFrameBufferInit> {
  /** Of all pixels, where the format has alpha. 255 by default. */
  readonly opacity?: number;
  readonly rotation?: 0 | 90 | 180 | 270;
  readonly flip?: boolean;
}

const colourAt = (x: number, y: number, width: number, height: number): Rgb =>
  QUADRANTS[(x < width / 2 ? 0 : 1) + (y < height / 2 ? 0 : 2)] ?? QUADRANTS[0];

/** BT.709, limited range. */
function yuvOf([red, green, blue]: Rgb): { Y: number; U: number; V: number } {
  const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return {
    Y: 16 + (luma * 219) / 255,
    U: 128 + (((blue - luma) / 1.8556) * 224) / 255,
    V: 128 + (((red - luma) / 1.5748) * 224) / 255,
  };
}

/** A frame of four colours. Owned by the caller. */
export function quadrantFrame(
  format: QuadrantFormat,
  width: number,
  height: number,
  { opacity = 255, ...init }: QuadrantInit = {},
): VideoFrame {
  const data = new Uint8Array(samplesOf(format, width, height, opacity));
  const made = { format, codedWidth: width, codedHeight: height, timestamp: 0, ...init };
  // TypeScript's DOM types lack the deep formats and the rotation.
  return new VideoFrame(data, made as VideoFrameBufferInit);
}

function samplesOf(format: QuadrantFormat, width: number, height: number, opacity: number): number[] {
  const shape = FORMATS[format];
  const bytes: number[] = [];
  if (shape === null) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [red, green, blue] = colourAt(x, y, width, height);
        bytes.push(...(format.startsWith('R') ? [red, green, blue] : [blue, green, red]), opacity);
      }
    }
    return bytes;
  }
  const put = (value: number): void => {
    const sample = Math.round(shape.deep ? value * 4 : value);
    bytes.push(...(shape.deep ? [sample & 255, sample >> 8] : [sample]));
  };
  for (const plane of shape.planes) {
    const full = plane === 'Y' || plane === 'A';
    const across = full ? 1 : shape.across;
    const down = full ? 1 : shape.down;
    for (let y = 0; y < height; y += down) {
      for (let x = 0; x < width; x += across) {
        const { Y, U, V } = yuvOf(colourAt(x, y, width, height));
        if (plane === 'Y') put(Y);
        else if (plane === 'A') put(opacity);
        else if (plane === 'C') [U, V].forEach(put);
        else put(plane === 'U' ? U : V);
      }
    }
  }
  return bytes;
}

/** Which of the four colours this is, 0 to 3, or null where it is none of them. */
export function quadrantOf([red = 0, green = 0, blue = 0]: readonly number[], tolerance = 24): number | null {
  const index = QUADRANTS.findIndex(
    ([r, g, b]) => Math.max(Math.abs(r - red), Math.abs(g - green), Math.abs(b - blue)) <= tolerance,
  );
  return index < 0 ? null : index;
}

/** The colours in the middles of the four quarters of a picture: `[0, 1, 2, 3]` where it is upright. */
export function quartersOf(
  width: number,
  height: number,
  pixel: (x: number, y: number) => readonly number[],
): (number | null)[] {
  return [
    [1, 1],
    [3, 1],
    [1, 3],
    [3, 3],
  ].map(([across = 0, down = 0]) =>
    quadrantOf(pixel(Math.floor((width * across) / 4), Math.floor((height * down) / 4))),
  );
}
