/** Kinds of copies: what goes from which format into which, and the ways there are. */
import { notSupported } from '../errors.ts';
import { knownFrame, knownSnapshot } from './known-frame.ts';
import type { MemoryFormat } from './layout.ts';
import { hasAlpha, isMemoryFormat, isRgb } from './layout.ts';
import { isSnapshot } from '../pool/snapshots.ts';

/** How pixels got into memory. */
export type Way = 'own' | 'converted' | 'drawn';

/** Copies that go alike. */
export interface Kind {
  readonly source: VideoPixelFormat | null;
  readonly snapshot: boolean;
  readonly translucent: boolean;
  readonly target: MemoryFormat;
}

/** The kind that a copy of this frame is of. */
export function kindOf(frame: VideoFrame, target: MemoryFormat): Kind {
  const source = frame.format;
  return { source, snapshot: isSnapshot(frame), translucent: source !== null && hasAlpha(source), target };
}

/** From the best to the lowest; none where there is no way. */
export function waysOf({ source, target }: Kind): readonly Way[] {
  // Orders of bytes are changed here, without a loss, rather than by the engine.
  const alike = source === target || (isMemoryFormat(source) && isRgb(source) && isRgb(target));
  const own: readonly Way[] = alike ? ['own'] : [];
  return isRgb(target) ? [...own, 'converted', 'drawn'] : own;
}

/** @throws `NotSupportedError` where no way leads from the one format to the other. */
export function requireWay(source: VideoPixelFormat | null, target: MemoryFormat): void {
  const kind = { source, target, snapshot: false, translucent: false };
  if (waysOf(kind).length === 0) throw refusal(kind);
}

/** What is copied by this way, before the target's format is made of it; it takes the same place. */
export function formatBy(way: Way, { source, target, translucent }: Kind): MemoryFormat {
  if (way === 'own' && isMemoryFormat(source)) return source;
  // Colours may have to be divided by alpha before it is dropped.
  const twin = target.replace('X', 'A');
  return translucent && isMemoryFormat(twin) ? twin : target;
}

/** A frame of this kind whose pixels are known, owned by the caller; null where the engine makes none. */
export function knownFrameOf({ snapshot, source }: Kind): VideoFrame | null {
  try {
    if (!snapshot) return isMemoryFormat(source) ? knownFrame(source) : null;
    const frame = knownSnapshot();
    if (frame.format === source) return frame;
    frame.close();
  } catch {
    // The engine makes no such frames.
  }
  return null;
}

/** The error for a copy to which no way leads. */
export function refusal({ source, target }: Kind, cause?: unknown): DOMException {
  const what = source === null ? 'a frame that hides its format' : `a frame of ${source}`;
  const own = isMemoryFormat(source) && !isRgb(source) && source !== target ? `${source} as it is, and ` : '';
  return notSupported(
    `memory of ${target} cannot take ${what} in this engine: what can is ${own}RGBA, RGBX, BGRA or BGRX by conversion`,
    cause,
  );
}
