/**
 * Copy cases: a pair of source and target formats, and the paths by which pixels can be copied from one into the other.
 */
import { notSupported } from '../base/errors.ts';
import { knownFrame, knownSnapshot } from './known-frame.ts';
import type { MemoryFormat } from './layout.ts';
import { hasAlpha, isMemoryFormat, isRgb } from './layout.ts';
import { isSnapshot } from '../pool/frames.ts';

/** How pixels were copied into memory. */
export type CopyPath = 'own' | 'converted' | 'drawn';

/** Properties of a copy that decide which path works. */
export interface CopyCase {
  readonly source: VideoPixelFormat | null;
  readonly isSnapshot: boolean;
  readonly isTranslucent: boolean;
  readonly target: MemoryFormat;
}

/** The copy case of this frame. */
export function copyCaseOf(frame: VideoFrame, target: MemoryFormat): CopyCase {
  const source = frame.format;
  return {
    source,
    isSnapshot: isSnapshot(frame),
    isTranslucent: source !== null && hasAlpha(source),
    target,
  };
}

/** All paths of a copy case, best first; empty if there is none. */
export function pathsFor({ source, target }: CopyCase): readonly CopyPath[] {
  // The library swaps bytes itself, because that is lossless.
  const alike = source === target || (isMemoryFormat(source) && isRgb(source) && isRgb(target));
  const own: readonly CopyPath[] = alike ? ['own'] : [];
  return isRgb(target) ? [...own, 'converted', 'drawn'] : own;
}

/** @throws `NotSupportedError` if no path leads from one format to the other. */
export function requirePath(source: VideoPixelFormat | null, target: MemoryFormat): void {
  const copyCase = { source, target, isSnapshot: false, isTranslucent: false };
  if (pathsFor(copyCase).length === 0) throw refusal(copyCase);
}

/**
 * The format that this path copies into, before it is converted to the target's format. Both have the same size and
 * layout.
 */
export function formatFor(path: CopyPath, { source, target, isTranslucent }: CopyCase): MemoryFormat {
  if (path === 'own' && isMemoryFormat(source)) return source;
  // Colours may have to be divided by alpha before alpha is dropped.
  const twin = target.replace('X', 'A');
  return isTranslucent && isMemoryFormat(twin) ? twin : target;
}

/** A frame of this case with known pixels, owned by the caller; null if the engine cannot create one. */
export function knownFrameFor({ isSnapshot: fromSnapshot, source }: CopyCase): VideoFrame | null {
  try {
    if (!fromSnapshot) return isMemoryFormat(source) ? knownFrame(source) : null;
    const frame = knownSnapshot();
    if (frame.format === source) return frame;
    frame.close();
  } catch {
    // The engine cannot create such frames.
  }
  return null;
}

/** The error for a copy without a path. */
export function refusal({ source, target }: CopyCase, cause?: unknown): DOMException {
  const what = source === null ? 'a frame without a format' : `a frame of ${source}`;
  const own = isMemoryFormat(source) && !isRgb(source) && source !== target ? `${source} as it is, or ` : '';
  return notSupported(
    `memory of ${target} cannot take ${what} in this engine: use ${own}RGBA, RGBX, BGRA or BGRX by conversion`,
    cause,
  );
}
