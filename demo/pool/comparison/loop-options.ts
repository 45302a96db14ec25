/** Options of both loops: the same video, the same kind of decoder, the same pace, and separate displays. */
import type { ClipChunks } from './clip-chunks.ts';
import type { Side } from './side.ts';

/** Maximum of open decoder frames; hardware has 8 to 20. */
export const SURFACES = 4;

/** Number of thumbnails, and their size in pixels. */
export const THUMBNAILS = 6;
export const THUMBNAIL = { width: 96, height: 54 } as const;

/** Options of one loop. */
export interface LoopOptions {
  readonly clip: ClipChunks;
  readonly decoder: typeof VideoDecoder;
  readonly side: Side;
  /** Resolves when the frame with this timestamp in µs is due; rejects with the signal's reason. */
  readonly pace: (timestamp: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Creates a pace that runs at normal speed from the first frame. Late frames are due at once. */
export function videoPace(): LoopOptions['pace'] {
  let start: number | null = null;
  return async (timestamp, signal) => {
    signal.throwIfAborted();
    const now = performance.now();
    start ??= now - timestamp / 1000;
    await delay(Math.max(0, start + timestamp / 1000 - now), signal);
  };
}

/** Resolves after a delay; rejects with the signal's reason. */
function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
