/** Colour spaces of a stream. A file declares one colour space for all its pictures, so all must be in it. */

/** Colour space of a frame; fields that the frame does not specify are null. */
export type Colours = VideoColorSpaceInit;

const FIELDS = ['primaries', 'transfer', 'matrix', 'fullRange'] as const;

/** Whether no field that both specify differs. */
export const areCompatible = (one: Colours, other: Colours): boolean =>
  FIELDS.every(
    (name) => (one[name] ?? null) === null || (other[name] ?? null) === null || one[name] === other[name],
  );

/** Whether all fields are specified: a file cannot use a partial colour space. */
export const areComplete = (colours: Colours | null | undefined): colours is Colours =>
  FIELDS.every((name) => (colours?.[name] ?? null) !== null);

/** Luma weights of red and of blue: ITU-R BT.601, BT.709 and BT.2020. */
const WEIGHTS: Record<string, readonly [red: number, blue: number]> = {
  bt709: [0.2126, 0.0722],
  bt470bg: [0.299, 0.114],
  smpte170m: [0.299, 0.114],
  'bt2020-ncl': [0.2627, 0.0593],
};

/** Luma weights of a matrix; null if the samples are red, green and blue themselves. */
function weightsOf({ matrix }: Colours): readonly [red: number, blue: number] | null {
  return WEIGHTS[matrix ?? ''] ?? null;
}

/**
 * Converts drawn pixels (RGBA of 8 bits, sRGB) to I420 samples in the stream's matrix and range. Primaries and transfer are left
 * unchanged: those of web pictures look alike.
 *
 * @returns Null if the stream's samples are red, green and blue, so that no conversion is needed.
 */
export function samplesIn(
  colours: Colours,
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
): Uint8Array | null {
  const weights = weightsOf(colours);
  if (weights === null) return null;
  const [red, blue] = weights;
  const green = 1 - red - blue;
  const isFull = colours.fullRange === true;
  const lumaScale = isFull ? 1 : 219 / 255;
  const chromaScale = isFull ? 1 : 224 / 255;
  const black = isFull ? 0 : 16;
  const chromaWidth = Math.ceil(width / 2);
  const chromaHeight = Math.ceil(height / 2);
  const samples = new Uint8ClampedArray(width * height + 2 * chromaWidth * chromaHeight);
  for (let at = 0; at < width * height; at++) {
    const from = at * 4;
    const luma =
      red * byteAt(pixels, from) + green * byteAt(pixels, from + 1) + blue * byteAt(pixels, from + 2);
    samples[at] = black + luma * lumaScale;
  }
  const u = width * height;
  const v = u + chromaWidth * chromaHeight;
  for (let y = 0; y < chromaHeight; y++) {
    for (let x = 0; x < chromaWidth; x++) {
      const [r, g, b] = mean(pixels, width, height, x * 2, y * 2);
      const luma = red * r + green * g + blue * b;
      samples[u + y * chromaWidth + x] = 128 + ((b - luma) / (2 * (1 - blue))) * chromaScale;
      samples[v + y * chromaWidth + x] = 128 + ((r - luma) / (2 * (1 - red))) * chromaScale;
    }
  }
  return new Uint8Array(samples.buffer);
}

const byteAt = (pixels: Uint8ClampedArray, at: number): number => pixels[at] ?? 0;

/** The mean of two by two pixels, or of the remaining ones at an odd edge. */
function mean(
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  left: number,
  top: number,
): [red: number, green: number, blue: number] {
  const sum: [number, number, number] = [0, 0, 0];
  const right = Math.min(left + 1, width - 1);
  const bottom = Math.min(top + 1, height - 1);
  for (const y of [top, bottom]) {
    for (const x of [left, right]) {
      const from = (y * width + x) * 4;
      sum[0] += byteAt(pixels, from) / 4;
      sum[1] += byteAt(pixels, from + 1) / 4;
      sum[2] += byteAt(pixels, from + 2) / 4;
    }
  }
  return sum;
}
