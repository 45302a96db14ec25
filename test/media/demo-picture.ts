/** Pictures of the demo clip: one day over layered hills, from dawn to the first stars. */
import { paintCounter } from './digits.ts';
import { MARK_BLOCKS, markBlocks, markHeight } from './marks.mjs';
import { blend, mix, newPicture, pixels } from './paint.ts';
import type { Color, Picture } from './paint.ts';

export const DEMO_WIDTH = 640;
export const DEMO_HEIGHT = 360;
export const DEMO_FRAMES = 360;

const PARTS = ['zenith', 'middle', 'horizon', 'sun', 'far', 'near'] as const;

/** Colours of a time of the day, `at` from 0 (dawn) to 1 (dusk). */
type Hour = Record<(typeof PARTS)[number], Color> & { readonly at: number };

const HOURS = [
  hour(0, '2c3566 9a6f95 f6b48e ffe6bd b58aa0 1d2145'),
  hour(0.32, '5b9cc4 a3cfd9 f3ead2 fffaea 9dbdc6 1f4650'),
  hour(0.58, '5f8fb8 b7cbcb f6dfb6 fff3d0 a6b2b4 264650'),
  hour(0.8, '48508a d0857c ffbf78 ffd594 b47f86 2b2544'),
  hour(1, '151a40 493a76 cf6d80 ff9a72 5c4a7c 101230'),
];

/** The hills from far to near: ridge height, size of its waves (share of the height), drift in pixels. */
const HILLS = [
  { ridge: 0.62, wave: 0.075, length: 190, drift: 10, seed: 1 },
  { ridge: 0.69, wave: 0.06, length: 240, drift: 24, seed: 2 },
  { ridge: 0.765, wave: 0.055, length: 300, drift: 46, seed: 3 },
  { ridge: 0.855, wave: 0.045, length: 380, drift: 84, seed: 4 },
];
const HORIZON = 0.66;
const STRIP_DARK = color('0c0e1f');
const STRIP_WINDOW = color('1c2038');
const STRIP_LIGHT = color('fff8ea');
const COUNTER = color('fff3df');

/** The colour of six hexadecimal digits. */
function color(hex: string): Color {
  const value = parseInt(hex, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function hour(at: number, hexes: string): Hour {
  const colors = hexes.split(' ').map(color);
  return { at, ...Object.fromEntries(PARTS.map((part, place) => [part, colors[place]])) } as Hour;
}

/** The colours at a time of the day, from 0 to 1. */
function coloursAt(time: number): Hour {
  const next = Math.max(
    1,
    HOURS.findIndex(({ at }) => at >= time),
  );
  const [a, b] = HOURS.slice(next - 1, next + 1) as [Hour, Hour];
  const t = (time - a.at) / (b.at - a.at);
  return { at: time, ...Object.fromEntries(PARTS.map((part) => [part, mix(a[part], b[part], t)])) } as Hour;
}

/** One frame of the demo clip. */
export function demoFrame(number: number): Picture {
  const time = number / (DEMO_FRAMES - 1);
  const colors = coloursAt(time);
  const picture = newPicture(DEMO_WIDTH, DEMO_HEIGHT);
  paintSky(picture, colors);
  paintStars(picture, time);
  paintSun(picture, colors);
  paintClouds(picture, colors);
  for (const index of HILLS.keys()) paintHill(picture, colors, index);
  paintCounter(picture, number, COUNTER);
  paintFilmEdge(picture, number);
  return picture;
}

/** A threshold for each pixel of a 4 by 4 tile, minus a half to a half: keeps the sky free of bands. */
function dither(x: number, y: number) {
  const tile = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];
  return ((tile[(y & 3) * 4 + (x & 3)] ?? 0) + 0.5) / 16 - 0.5;
}

function paintSky(picture: Picture, { zenith, middle, horizon }: Hour) {
  const bottom = Math.ceil(picture.height * 0.8);
  for (let y = 0; y < bottom; y += 1) {
    const t = Math.min(1, y / (picture.height * HORIZON));
    const row =
      t < 0.55 ? mix(zenith, middle, smooth(t / 0.55)) : mix(middle, horizon, smooth((t - 0.55) / 0.45));
    for (let x = 0; x < picture.width; x += 1) {
      const shift = dither(x, y);
      blend(picture, x, y, [row[0] + shift, row[1] + shift, row[2] + shift], 1);
    }
  }
}

function paintStars(picture: Picture, time: number) {
  const visible = smooth((time - 0.86) / 0.14);
  if (visible <= 0) return;
  for (let star = 0; star < 46; star += 1) {
    const x = Math.floor(random(star * 3 + 1) * picture.width);
    const y = Math.floor((0.1 + random(star * 3 + 2) ** 1.5 * 0.36) * picture.height);
    const bright = (0.35 + 0.65 * random(star * 3 + 3)) * visible;
    for (const [dx, dy] of pixels(2, 2)) {
      const share = [1, 0.4, 0.25][dx + dy] ?? 0;
      if (x + dx < picture.width) blend(picture, x + dx, y + dy, COUNTER, bright * share);
    }
  }
}

/** The sun rises at the left, crosses in a flat arc and sets at the right, with a wide soft glow. */
function paintSun(picture: Picture, { at, sun }: Hour) {
  const cx = picture.width * (0.13 + 0.74 * at);
  const cy = picture.height * (0.66 - 0.43 * Math.sin(Math.PI * (0.04 + at * 0.96)));
  const radius = picture.height * 0.062;
  for (const [x, y] of pixels(picture.width, picture.height * 0.85)) {
    const distance = Math.hypot(x + 0.5 - cx, y + 0.5 - cy) - radius;
    const outside = Math.max(0, distance);
    const glow = 0.42 * Math.exp(-outside / 42) + 0.14 * Math.exp(-outside / 130);
    blend(picture, x, y, sun, Math.max(0.5 - distance, glow + dither(x, y) * 0.008));
  }
}

/** A few long thin clouds with soft ends that drift at speeds of their own. */
function paintClouds(picture: Picture, { at, sun, middle }: Hour) {
  const tint = mix(middle, sun, 0.62);
  const clouds = [
    [0.12, 0.2, 150, 7, 90],
    [0.34, 0.245, 105, 5, 90],
    [0.62, 0.36, 180, 8, 62],
    [0.5, 0.398, 110, 5, 62],
    [0.86, 0.29, 130, 6, 120],
    [-0.12, 0.46, 160, 6, 150],
  ];
  for (const [left = 0, top = 0, half = 1, thick = 1, drift = 0] of clouds) {
    const cx = left * picture.width + at * drift;
    const cy = top * picture.height;
    const [from, to] = [Math.max(0, Math.floor(cx - half)), Math.min(picture.width, Math.ceil(cx + half))];
    for (const [x, y] of pixels(to, cy + thick + 2, from, Math.floor(cy - thick - 2))) {
      const along = (x + 0.5 - cx) / half;
      const height = thick * (1 - along * along) * (0.75 + 0.25 * Math.sin(along * 7 + left * 20));
      const inside = height - Math.abs(y + 0.5 - cy);
      blend(picture, x, y, tint, 0.5 * smooth((inside + 2) / 4) * smooth((1 - Math.abs(along)) * 2.5));
    }
  }
}

/** One ridge, filled down to the bottom edge. Far ridges are paler and have mist at their foot. */
function paintHill(picture: Picture, { at, far, near, horizon }: Hour, index: number) {
  const hill = HILLS[index];
  if (!hill) return;
  const depth = index / (HILLS.length - 1);
  const top = mix(far, near, depth ** 0.8);
  const foot = mix(top, horizon, 0.34 * (1 - depth));
  for (let x = 0; x < picture.width; x += 1) {
    const along = x + at * hill.drift;
    const trees = index === HILLS.length - 1 ? treeHeight(along) : 0;
    const ridge = ridgeAt(hill, along) * picture.height - trees;
    for (let y = Math.max(0, Math.floor(ridge)); y < picture.height; y += 1) {
      const t = Math.min(1, (y - ridge) / (picture.height * 0.16));
      blend(picture, x, y, mix(top, foot, smooth(t)), y + 1 - ridge);
    }
  }
}

/** Where a ridge lies, as a share of the picture's height. */
function ridgeAt(
  { ridge, wave, length, seed }: { ridge: number; wave: number; length: number; seed: number },
  x: number,
) {
  const t = (x / length) * 2 * Math.PI + seed * 1.9;
  return (
    ridge -
    wave * (0.55 * Math.sin(t * 0.61) + 0.3 * Math.sin(t * 1.27 + seed) + 0.15 * Math.sin(t * 2.9 + 2 * seed))
  );
}

/** Height in pixels of the fir trees on the nearest ridge: loose groups of narrow triangles. */
function treeHeight(x: number) {
  const spacing = 9;
  const cell = Math.floor(x / spacing);
  let height = 0;
  for (let tree = cell - 1; tree <= cell + 1; tree += 1) {
    const grove = Math.sin(tree * 0.19 + 0.6) + 0.5 * Math.sin(tree * 0.071);
    if (grove < 0.25) continue;
    const centre = (tree + 0.3 + 0.4 * random(tree + 501)) * spacing;
    const tall = (9 + 14 * random(tree + 901)) * Math.min(1, grove);
    height = Math.max(height, tall * (1 - Math.abs(x - centre) / (tall * 0.3)));
  }
  return height;
}

/** The number strip drawn as the edge of a film: rounded windows in a dark band, lit for white. */
function paintFilmEdge(picture: Picture, number: number) {
  const blocks = markBlocks(number);
  const bottom = markHeight(picture.height);
  const width = picture.width / MARK_BLOCKS;
  const [halfWidth, halfHeight, corner] = [width / 2 - 4, bottom / 2 - 5, 4];
  for (const [x, y] of pixels(picture.width, bottom)) {
    blend(picture, x, y, STRIP_DARK, 1);
    const window = blocks[Math.floor(x / width)] ? STRIP_LIGHT : STRIP_WINDOW;
    const dx = Math.max(0, Math.abs(((x + 0.5) % width) - width / 2) - halfWidth + corner);
    const dy = Math.max(0, Math.abs(y + 0.5 - bottom / 2) - halfHeight + corner);
    blend(picture, x, y, window, corner - Math.hypot(dx, dy) + 0.5);
  }
}

/** Eases from 0 to 1. */
function smooth(t: number) {
  const clamped = Math.min(1, Math.max(0, t));
  return clamped * clamped * (3 - 2 * clamped);
}

/** A number from 0 to 1 that is always the same for a seed. */
function random(seed: number) {
  let mixed = Math.imul(seed + 0x9e37, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}
