/** Kinds of copies: what goes from which format into which, and the ways there are. */
import { notSupported } from '../errors.ts';
import { knownFrame, knownSnapshot } from './known-frame.ts';
import type { MemoryFormat } from './layout.ts';
import { hasAlpha, isMemoryFormat, isRgb } from './layout.ts';
import { isSnapshot } from '../pool/snapshots.ts';

/** How pixels got into memory. */
export type CopyPath = 'own' | 'converted' | 'drawn';

/** Copies that go alike. */
export interface CopyCase {
  readonly source: VideoPixelFormat | null;
  readonly isSnapshot: boolean;
  readonly isTranslucent: boolean;
  readonly target: MemoryFormat;
}

/** The kind that a copy of this frame is of. */
export function copyCaseOf(frame: VideoFrame, target: MemoryFormat): CopyCase {
  const source = frame.format;
  return {
    source,
    isSnapshot: isSnapshot(frame),
    isTranslucent: source !== null && hasAlpha(source),
    target,
  };
}

/** From the best to the lowest; none where there is no way. */
export function pathsFor({ source, target }: CopyCase): readonly CopyPath[] {
  // Orders of bytes are changed here, without a loss, rather than by the engine.
  const alike = source === target || (isMemoryFormat(source) && isRgb(source) && isRgb(target));
  const own: readonly CopyPath[] = alike ? ['own'] : [];
  return isRgb(target) ? [...own, 'converted', 'drawn'] : own;
}

/** @throws `NotSupportedError` where no way leads from the one format to the other. */
export function requirePath(source: VideoPixelFormat | null, target: MemoryFormat): void {
  const copyCase = { source, target, isSnapshot: false, isTranslucent: false };
  if (pathsFor(copyCase).length === 0) throw refusal(copyCase);
}

/** What is copied by this path, before the target's format is made of it; it takes the same place. */
export function formatFor(path: CopyPath, { source, target, isTranslucent }: CopyCase): MemoryFormat {
  if (path === 'own' && isMemoryFormat(source)) return source;
  // Colours may have to be divided by alpha before it is dropped.
  const twin = target.replace('X', 'A');
  return isTranslucent && isMemoryFormat(twin) ? twin : target;
}

/** A frame of this kind whose pixels are known, owned by the caller; null where the engine makes none. */
export function knownFrameFor({ isSnapshot: fromSnapshot, source }: CopyCase): VideoFrame | null {
  try {
    if (!fromSnapshot) return isMemoryFormat(source) ? knownFrame(source) : null;
    const frame = knownSnapshot();
    if (frame.format === source) return frame;
    frame.close();
  } catch {
    // The engine makes no such frames.
  }
  return null;
}

/** The error for a copy to which no way leads. */
export function refusal({ source, target }: CopyCase, cause?: unknown): DOMException {
  const what = source === null ? 'a frame that hides its format' : `a frame of ${source}`;
  const own = isMemoryFormat(source) && !isRgb(source) && source !== target ? `${source} as it is, and ` : '';
  return notSupported(
    `memory of ${target} cannot take ${what} in this engine: what can is ${own}RGBA, RGBX, BGRA or BGRX by conversion`,
    cause,
  );
}
