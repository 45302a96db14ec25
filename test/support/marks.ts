// Reader of the number that every frame of the test clips shows in its pixels. ../media/marks.mjs defines the geometry of the
// strip, and the meaning of each block.

import {
  MARK_BLOCKS,
  MARK_CHECK_BITS,
  MARK_HEIGHT_SHARE,
  MARK_MIN_HEIGHT,
  MARK_NUMBER_BITS,
  MARK_SYNC,
  markCheck,
} from '../media/marks.mjs';

export { MARK_BLOCKS, MARK_CHECK_BITS, MARK_HEIGHT_SHARE, MARK_MIN_HEIGHT, MARK_NUMBER_BITS, MARK_SYNC };

/** Minimum difference of luma (0 to 255) between the white and the black sync block. */
export const MARK_MIN_CONTRAST = 120;

/**
 * Minimum distance of a block from the middle between white and black, as a share of their difference. A block nearer to the
 * middle is neither: two frames are mixed, or the picture is damaged.
 */
export const MARK_MIN_MARGIN = 0.15;

/** Size of the sampled patch, as a share of a block's width and of the strip's height. */
const PATCH_WIDTH = 0.4;
const PATCH_HEIGHT = 0.5;

/** RGBA pixels, row by row from the top, as in an ImageData. */
export interface MarkedPixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/**
 * Returns the number in the strip along the top edge of an upright picture of any size. Throws an Error that lists the sampled
 * luma of every block if the strip is not valid: wrong sync blocks, a block that is neither white nor black, or wrong check
 * blocks.
 */
export function readMark(pixels: MarkedPixels): number {
  const { data, width, height } = pixels;
  if (width < MARK_BLOCKS || height < 2 || data.length < width * height * 4) {
    throw new Error(
      `No mark: ${width}x${height} with ${data.length} bytes is not a picture that can hold one`,
    );
  }
  const lumas = Array.from({ length: MARK_BLOCKS }, (_, block) => blockLuma(pixels, block));
  const fail = (why: string): never => {
    throw new Error(`No mark: ${why}; luma of the blocks: ${lumas.map(Math.round).join(' ')}`);
  };

  const white = lumas[MARK_SYNC.indexOf(true)] ?? 0;
  const black = lumas[MARK_SYNC.indexOf(false)] ?? 0;
  const contrast = white - black;
  if (contrast < MARK_MIN_CONTRAST) fail('the sync blocks are not white and black');

  const bits = lumas.map((luma, block) => {
    const position = (luma - black) / contrast - 0.5;
    if (Math.abs(position) < MARK_MIN_MARGIN) fail(`block ${block} is neither white nor black`);
    return position > 0;
  });

  const numberEnd = MARK_SYNC.length + MARK_NUMBER_BITS;
  const number = fromBits(bits.slice(MARK_SYNC.length, numberEnd));
  const check = fromBits(bits.slice(numberEnd));
  if (check !== markCheck(number)) {
    fail(`the check blocks say ${check}, but number ${number} needs ${markCheck(number)}`);
  }
  return number;
}

/** Mean luma of a small patch in the middle of a block. */
function blockLuma({ data, width, height }: MarkedPixels, block: number): number {
  const blockWidth = width / MARK_BLOCKS;
  const stripHeight = height * MARK_HEIGHT_SHARE;
  const [left, right] = patch((block + 0.5) * blockWidth, blockWidth * PATCH_WIDTH);
  const [top, bottom] = patch(stripHeight / 2, stripHeight * PATCH_HEIGHT);
  let sum = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const at = (y * width + x) * 4;
      sum += 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
    }
  }
  return sum / ((right - left) * (bottom - top));
}

/** The range of whole pixels around a centre, at least one: [first, end). */
function patch(centre: number, length: number): [number, number] {
  const first = Math.min(Math.round(centre - length / 2), Math.floor(centre));
  return [first, Math.max(Math.round(centre + length / 2), first + 1)];
}

/** Converts bits to a whole number, most significant bit first. */
function fromBits(bits: readonly boolean[]): number {
  return bits.reduce((value, bit) => value * 2 + (bit ? 1 : 0), 0);
}
