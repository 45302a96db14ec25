/**
 * Selection of the format of transparent frames: the first that this engine draws with its alpha, tested by drawing a small known
 * frame.
 */
import { knownFrame, knownPicture, knownTarget, verdict } from '../storage/known-frame.ts';
import type { MemoryFormat } from '../storage/layout.ts';
import { isRgb } from '../storage/layout.ts';
import { drawInto, drawStored } from '../storage/read-back.ts';

/** Planar formats with the same samples and alpha. High bit depths have none here: they become 8-bit RGB. */
const WITH_ALPHA: ReadonlyMap<string, MemoryFormat> = new Map([
  ['I420', 'I420A'],
  ['NV12', 'I420A'],
  ['I422', 'I422A'],
  ['I444', 'I444A'],
]);

/** Formats that every colour frame can be converted into. */
const CONVERTED: readonly MemoryFormat[] = ['BGRA', 'RGBA'];

/** A format, and whether the engine expects its colours premultiplied by alpha. */
export interface TransparentFormat {
  readonly format: MemoryFormat;
  readonly isPremultiplied: boolean;
}

/** Null for a format that the engine draws wrong. Filled at the first use, because importing has no side effects. */
const known = new Map<MemoryFormat, TransparentFormat | null>();

/**
 * Format of the transparent frame for a colour frame. Firefox 153 draws I420A opaque, and expects 8-bit RGB premultiplied by
 * alpha.
 *
 * @param format - Format of the colour frame; null if the engine hides it.
 */
export function transparentFormat(format: VideoPixelFormat | null): TransparentFormat {
  const planar = format === null ? undefined : WITH_ALPHA.get(format);
  const candidates = planar === undefined ? CONVERTED : [planar, ...CONVERTED];
  for (const candidate of candidates) {
    const found = tried(candidate);
    if (found !== null) return found;
  }
  return { format: 'RGBA', isPremultiplied: false };
}

function tried(format: MemoryFormat): TransparentFormat | null {
  let found = known.get(format);
  if (found === undefined) {
    const isPremultiplied = [false, true].find((each) => drawsRight(format, each));
    found = isPremultiplied === undefined ? null : { format, isPremultiplied };
    known.set(format, found);
  }
  return found;
}

function drawsRight(format: MemoryFormat, isPremultiplied: boolean): boolean {
  if (isPremultiplied && !isRgb(format)) return false;
  try {
    const frame = isPremultiplied ? premultipliedFrame(format) : knownFrame(format);
    try {
      const target = knownTarget('RGBA');
      drawInto(target, (context) => drawStored(context, frame, { x: 0, y: 0 }));
      return verdict(target, true) === 'right';
    } finally {
      frame.close();
    }
  } catch {
    // The engine cannot create frames of this format.
    return false;
  }
}

function premultipliedFrame(format: MemoryFormat): VideoFrame {
  const { data, layout, width, height } = knownPicture(format);
  premultiply(data);
  const init = { format, codedWidth: width, codedHeight: height, layout: [...layout], timestamp: 0 };
  // TypeScript's DOM types lack some formats.
  return new VideoFrame(data, init as VideoFrameBufferInit);
}

/** Multiplies the colours of four-byte pixels by their alpha, which is the last byte. */
export function premultiply(pixels: Uint8Array): void {
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3] ?? 0;
    for (let channel = at; channel < at + 3; channel++) {
      pixels[channel] = Math.round(((pixels[channel] ?? 0) * alpha) / 255);
    }
  }
}
