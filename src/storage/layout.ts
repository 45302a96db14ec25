/** Memory layouts of pictures: formats, planes, offsets and strides. Pure arithmetic. */
import { requireWhole, shown } from '../base/errors.ts';

/** Chroma at half the width and height (420), half the width (422) or full size (444). */
type Subsampling = 'I420' | 'I422' | 'I444';

/**
 * Suffix of a planar format: a separate alpha plane or none, in 8, 10 or 12 bits. Samples of more than 8 bits take two
 * bytes each, little-endian.
 */
type PlanarSuffix = '' | 'P10' | 'P12' | 'A' | 'AP10' | 'AP12';

/**
 * Supported memory formats, by WebCodecs' names: planes of luma and chroma, `'NV12'`, and 8-bit colours in one plane.
 */
export type MemoryFormat = `${Subsampling}${PlanarSuffix}` | 'NV12' | RgbFormat;

/** Formats that every picture can be converted into. `X` is a byte without a meaning. */
export type RgbFormat = 'RGBA' | 'RGBX' | 'BGRA' | 'BGRX';

/** Size of one plane: bytes of a row without its padding, and number of rows. */
export interface PlaneSize {
  readonly rowBytes: number;
  readonly rows: number;
}

/** Offset and stride of each plane, and the number of bytes up to the end of the last one. */
export interface MemoryLayout {
  readonly layout: readonly PlaneLayout[];
  readonly byteLength: number;
}

/** Sample size and subsampling of one plane. */
interface PlaneShape {
  /** Bytes of one sample, or of a group of adjacent samples. */
  readonly sampleBytes: number;
  /** How many pixels share a sample, horizontally and vertically. */
  readonly across: 1 | 2;
  readonly down: 1 | 2;
}

const RGB_FORMATS: readonly RgbFormat[] = ['RGBA', 'RGBX', 'BGRA', 'BGRX'];

const SHAPES = shapes();

/** Every format, in the order that error messages use. */
export const MEMORY_FORMATS: readonly MemoryFormat[] = [...SHAPES.keys()];

/**
 * `copyTo()` and the constructor take offsets and strides as unsigned 32-bit numbers, and reject an end beyond them.
 */
const MAX_END = 2 ** 32 - 1;

function shapes(): ReadonlyMap<MemoryFormat, readonly PlaneShape[]> {
  const found = new Map<MemoryFormat, readonly PlaneShape[]>();
  for (const subsampling of ['I420', 'I422', 'I444'] as const) {
    for (const suffix of ['', 'P10', 'P12', 'A', 'AP10', 'AP12'] as const) {
      const sampleBytes = suffix === '' || suffix === 'A' ? 1 : 2;
      const full = { sampleBytes, across: 1, down: 1 } as const;
      const chroma = {
        sampleBytes,
        across: subsampling === 'I444' ? 1 : 2,
        down: subsampling === 'I420' ? 2 : 1,
      } as const;
      const planes = [full, chroma, chroma];
      found.set(`${subsampling}${suffix}`, suffix.startsWith('A') ? [...planes, full] : planes);
    }
  }
  found.set('NV12', [
    { sampleBytes: 1, across: 1, down: 1 },
    { sampleBytes: 2, across: 2, down: 2 },
  ]);
  for (const format of RGB_FORMATS) found.set(format, [{ sampleBytes: 4, across: 1, down: 1 }]);
  return found;
}

/** Whether the value is a memory format. */
export const isMemoryFormat = (format: unknown): format is MemoryFormat =>
  (MEMORY_FORMATS as readonly unknown[]).includes(format);

/** Whether every picture can be converted into this format. */
export const isRgb = (format: MemoryFormat): format is RgbFormat =>
  (RGB_FORMATS as readonly MemoryFormat[]).includes(format);

/** Whether a picture of this format can be translucent. */
export const hasAlpha = (format: string): boolean => format.includes('A');

/**
 * Checks a format.
 *
 * @throws `TypeError` that lists the supported formats.
 */
export function requireMemoryFormat(format: unknown): MemoryFormat {
  if (isMemoryFormat(format)) return format;
  throw new TypeError(`format must be one of ${MEMORY_FORMATS.join(', ')}, got ${shown(format)}`);
}

/**
 * The planes of a picture, each without padding. Subsampled planes round up: 321 × 241 pixels have 161 × 121 chroma
 * samples.
 */
export function planesOf(format: MemoryFormat, width: number, height: number): readonly PlaneSize[] {
  // Every format is in the map.
  return (SHAPES.get(format) ?? []).map(({ sampleBytes, across, down }) => ({
    rowBytes: Math.ceil(width / across) * sampleBytes,
    rows: Math.ceil(height / down),
  }));
}

/**
 * Layout of adjacent planes, with rows rounded up to `rowAlignment` bytes. The last row of a plane is padded too, as
 * the platform requires.
 *
 * @throws `RangeError` if the end exceeds 32 bits.
 */
export function packedLayout(planes: readonly PlaneSize[], rowAlignment = 1): MemoryLayout {
  let offset = 0;
  const layout = planes.map(({ rowBytes, rows }) => {
    const plane = { offset, stride: Math.ceil(rowBytes / rowAlignment) * rowAlignment };
    offset += plane.stride * rows;
    return plane;
  });
  if (offset > MAX_END) {
    throw new RangeError(
      `rowAlignment must let the picture end at byte ${MAX_END} at most, got ${rowAlignment} and an end at ${offset}`,
    );
  }
  return { layout, byteLength: offset };
}

/**
 * Checks a layout given by the app: planes in any order, with gaps, without overlaps.
 *
 * @throws `TypeError` if it is not an array of planes; `RangeError` with the smallest valid number.
 */
export function checkedLayout(planes: readonly PlaneSize[], wanted: readonly PlaneLayout[]): MemoryLayout {
  if (!Array.isArray(wanted)) {
    throw new TypeError(`layout must be an array of { offset, stride }, got ${shown(wanted)}`);
  }
  if (wanted.length !== planes.length) {
    throw new RangeError(
      `layout must have ${planes.length} ${planes.length === 1 ? 'plane' : 'planes'}, got ${wanted.length}`,
    );
  }
  const placed = planes.map(({ rowBytes, rows }, index) => {
    const plane: Partial<PlaneLayout> | null | undefined = wanted[index];
    const name = `layout[${index}]`;
    if (typeof plane !== 'object' || plane === null) {
      throw new TypeError(`${name} must be an object with offset and stride, got ${shown(plane)}`);
    }
    const offset = requireWhole(`${name}.offset`, plane.offset, 0, MAX_END);
    const stride = requireWhole(`${name}.stride`, plane.stride, 0, MAX_END);
    if (stride < rowBytes) {
      throw new RangeError(`${name}.stride must be at least ${rowBytes}, the bytes of a row, got ${stride}`);
    }
    const end = offset + stride * rows;
    if (end > MAX_END)
      throw new RangeError(`${name} must end at byte ${MAX_END} at most, got an end at ${end}`);
    return { name, offset, stride, end };
  });
  const inOrder = [...placed].sort((one, other) => one.offset - other.offset);
  for (const [index, { name, offset }] of inOrder.entries()) {
    const before = inOrder[index - 1];
    if (before === undefined || offset >= before.end) continue;
    throw new RangeError(
      `${name}.offset must be at least ${before.end}, the end of ${before.name}, got ${offset}`,
    );
  }
  return {
    layout: placed.map(({ offset, stride }) => ({ offset, stride })),
    byteLength: Math.max(...placed.map(({ end }) => end)),
  };
}
