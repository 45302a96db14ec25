// @ts-check
// The geometry of the number strip that every frame of the test clips carries.
// Written here once: the painter (paint.ts) and the reader (../support/marks.ts) both use it.

/** First blocks of the strip, always the same: white, then black. They give the reader its levels. */
export const MARK_SYNC = Object.freeze([true, false]);

/** Blocks after the sync blocks: the frame's number, most significant bit first, white is 1. */
export const MARK_NUMBER_BITS = 16;

/** Last blocks: the number of white number blocks modulo 4, most significant bit first. */
export const MARK_CHECK_BITS = 2;

/** Blocks in the strip, each 1/MARK_BLOCKS of the picture's width, fractions of pixels included. */
export const MARK_BLOCKS = MARK_SYNC.length + MARK_NUMBER_BITS + MARK_CHECK_BITS;

/** The strip lies along the top edge and takes at least this share of the picture's height. */
export const MARK_HEIGHT_SHARE = 1 / 12;

/** No strip is painted lower than this many pixels, however small the picture. */
export const MARK_MIN_HEIGHT = 12;

/**
 * Height in pixels of the strip painted on a picture. A picture that was scaled after painting may
 * have another height of strip, but never one under MARK_HEIGHT_SHARE.
 * @param {number} pictureHeight
 */
export function markHeight(pictureHeight) {
  return Math.max(MARK_MIN_HEIGHT, Math.ceil(pictureHeight * MARK_HEIGHT_SHARE));
}

/**
 * The last blocks' value for a number: its count of one bits modulo 4.
 * @param {number} number
 */
export function markCheck(number) {
  let ones = 0;
  for (let rest = number; rest > 0; rest >>= 1) ones += rest & 1;
  return ones % 2 ** MARK_CHECK_BITS;
}

/**
 * The strip's blocks from left to right, true for white.
 * @param {number} number a whole number from 0 to 65535
 * @returns {boolean[]}
 */
export function markBlocks(number) {
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** MARK_NUMBER_BITS) {
    throw new RangeError(`A mark cannot hold ${number}`);
  }
  return [...MARK_SYNC, ...toBits(number, MARK_NUMBER_BITS), ...toBits(markCheck(number), MARK_CHECK_BITS)];
}

/**
 * @param {number} value
 * @param {number} count
 */
function toBits(value, count) {
  return Array.from({ length: count }, (_, i) => ((value >> (count - 1 - i)) & 1) === 1);
}
