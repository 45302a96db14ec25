/** Formats of transparent frames: the first that this engine draws with its alpha, found out by drawing a small known frame. */
import { knownFrame, knownTarget, verdict } from '../storage/known-frame.ts';
import type { MemoryFormat } from '../storage/layout.ts';
import { drawInto, drawStored } from '../storage/read-back.ts';

/** Planar formats with the same samples and alpha. Deep colours have none here: they become 8-bit colours. */
const WITH_ALPHA: ReadonlyMap<string, MemoryFormat> = new Map([
  ['I420', 'I420A'],
  ['NV12', 'I420A'],
  ['I422', 'I422A'],
  ['I444', 'I444A'],
]);

/** Formats that every colour frame can be converted into. */
const CONVERTED: readonly MemoryFormat[] = ['BGRA', 'RGBA'];

/** Made at the first use, because importing does nothing. */
const drawn = new Map<MemoryFormat, boolean>();

/**
 * Format of the transparent frame that is made of a colour frame. Firefox 153 draws I420A opaque.
 *
 * @param format - Format of the colour frame; null if it hides it.
 */
export function transparentFormat(format: VideoPixelFormat | null): MemoryFormat {
  const planar = format === null ? undefined : WITH_ALPHA.get(format);
  const candidates = planar === undefined ? CONVERTED : [planar, ...CONVERTED];
  return candidates.find(isDrawnRight) ?? 'RGBA';
}

function isDrawnRight(format: MemoryFormat): boolean {
  let isRight = drawn.get(format);
  if (isRight === undefined) {
    isRight = drawsRight(format);
    drawn.set(format, isRight);
  }
  return isRight;
}

function drawsRight(format: MemoryFormat): boolean {
  try {
    const frame = knownFrame(format);
    try {
      const target = knownTarget('RGBA');
      drawInto(target, (context) => drawStored(context, frame, { x: 0, y: 0 }));
      return verdict(target, true) === 'right';
    } finally {
      frame.close();
    }
  } catch {
    // The engine makes no frames of this format.
    return false;
  }
}
