/** Raw RGB pictures: the number strip, and the small moving picture of the test clips. */
import { MARK_BLOCKS, markBlocks, markHeight } from './marks.mjs';

/** Three bytes a pixel, rows from the top. */
export interface Picture {
  readonly data: Buffer;
  /** One byte a pixel, for a picture that is transparent. */
  readonly alpha?: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Values from 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

const BLACK: Color = [0, 0, 0];
const WHITE: Color = [255, 255, 255];

export function newPicture(width: number, height: number): Picture {
  return { data: Buffer.alloc(width * height * 3), width, height };
}

/** Places of the pixels in a rectangle, row by row. */
export function* pixels(right: number, bottom: number, left = 0, top = 0): Generator<[x: number, y: number]> {
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) yield [x, y];
  }
}

/** Lays a colour over one pixel. An alpha of 0 keeps the pixel, 1 replaces it. */
export function blend(picture: Picture, x: number, y: number, color: Color, alpha: number) {
  if (alpha <= 0) return;
  const at = (y * picture.width + x) * 3;
  const cover = Math.min(alpha, 1);
  for (let i = 0; i < 3; i += 1) {
    const under = picture.data[at + i] ?? 0;
    picture.data[at + i] = Math.round(under + ((color[i] ?? 0) - under) * cover);
  }
}

/** A colour between two: 0 gives `a`, 1 gives `b`. */
export function mix(a: Color, b: Color, t: number): Color {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

function paintDisc(picture: Picture, cx: number, cy: number, radius: number, color: Color) {
  const top = Math.max(0, Math.floor(cy - radius - 1));
  const bottom = Math.min(picture.height, Math.ceil(cy + radius + 1));
  const left = Math.max(0, Math.floor(cx - radius - 1));
  const right = Math.min(picture.width, Math.ceil(cx + radius + 1));
  for (const [x, y] of pixels(right, bottom, left, top)) {
    blend(picture, x, y, color, radius - Math.hypot(x + 0.5 - cx, y + 0.5 - cy) + 0.5);
  }
}

/** Paints the strip with a frame's number along the top edge. */
export function paintMark(picture: Picture, number: number) {
  const blocks = markBlocks(number);
  for (const [x, y] of pixels(picture.width, markHeight(picture.height))) {
    const block = Math.floor(((x + 0.5) * MARK_BLOCKS) / picture.width);
    blend(picture, x, y, blocks[block] ? WHITE : BLACK, 1);
  }
}

const backgrounds = new Map<string, Buffer>();

/** The still background of the test clips: a diagonal gradient, painted once for each size. */
function background(width: number, height: number) {
  const key = `${width}x${height}`;
  const known = backgrounds.get(key);
  if (known) return known;
  const picture = newPicture(width, height);
  for (const [x, y] of pixels(width, height)) {
    blend(picture, x, y, mix([28, 44, 84], [214, 142, 122], (x / width + y / height) / 2), 1);
  }
  backgrounds.set(key, picture.data);
  return picture.data;
}

/** One frame of a test clip: the strip, and two discs that circle over a gradient. */
export function testFrame(width: number, height: number, number: number): Picture {
  const picture = { data: Buffer.from(background(width, height)), width, height };
  const unit = Math.min(width, height);
  const turn = (number / 60) * 2 * Math.PI;
  const [cx, cy] = [width / 2, height * 0.55];
  const reach = unit * 0.24;
  for (const [side, size, color] of [
    [1, 0.15, [246, 222, 178]],
    [-1, 0.1, [110, 186, 190]],
  ] as const) {
    const [dx, dy] = [Math.cos(turn) * reach * 1.4, Math.sin(turn) * reach];
    paintDisc(picture, cx + side * dx, cy + side * dy, unit * size, color);
  }
  paintMark(picture, number);
  return picture;
}

/**
 * The picture with an alpha: opaque in the strip and the upper half, which holds the moving discs in part; below it a step from
 * left to right for each eighth, from 0 to 255, which moves by one step every 15 frames.
 */
export function transparentFrame(width: number, height: number, number: number): Picture {
  const alpha = Buffer.alloc(width * height, 255);
  for (const [x, y] of pixels(width, height, 0, Math.ceil(height / 2))) {
    const step = (Math.floor((x * 8) / width) + Math.floor(number / 15)) % 8;
    alpha[y * width + x] = Math.round((step * 255) / 7);
  }
  return { ...testFrame(width, height, number), alpha };
}

/** One frame of the clip of flashes: the strip over white, or over black. */
export function flashFrame(width: number, height: number, number: number, isFlash: boolean): Picture {
  const picture = newPicture(width, height);
  if (isFlash) picture.data.fill(255);
  paintMark(picture, number);
  return picture;
}

/** The picture turned a quarter counterclockwise, so that a clockwise turn makes it upright again. */
export function turnLeft(picture: Picture): Picture {
  const turned = newPicture(picture.height, picture.width);
  for (const [x, y] of pixels(turned.width, turned.height)) {
    const from = (x * picture.width + (picture.width - 1 - y)) * 3;
    picture.data.copy(turned.data, (y * turned.width + x) * 3, from, from + 3);
  }
  return turned;
}
