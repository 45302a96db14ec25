/** What `adopt()` and `capture()` take: frames to own, and handles that keep their share. */
import type { FrameHandle } from './handle.ts';
import { HandleBase, loanOf } from './handle.ts';
import { pictureOf, requireOpenFrame } from './frames.ts';
import { isLent, isOwned, noteOwned } from './lifeline.ts';
import type { Lifeline } from './lifeline.ts';
import type { StorageAdapter, Picture, Storage } from './storage.ts';

/**
 * Refuses what the pool must not take over, before anything is touched.
 *
 * @throws `TypeError` for what is no frame, is lent by a pool or was handed over before, `InvalidStateError` for a closed frame.
 */
export function requireFrameToOwn(name: string, frame: unknown): asserts frame is VideoFrame {
  requireOpenFrame(name, frame);
  if (isOwned(frame)) throw new TypeError(`${name} is a pool's own already: a frame is handed over once`);
  if (isLent(frame)) {
    throw new TypeError(
      `${name} is lent by a pool and shared: hand over a frame of your own, or the handle to capture()`,
    );
  }
}

/** What `capture()` copies from, and how it is let go afterwards. */
export interface OwnedSource {
  readonly timestamp: number;
  readonly duration: number | null;
  /** The loan that it comes from, which is kept until `close()`; null for a frame that is nobody else's. */
  readonly loan: Lifeline | null;
  /** How large the picture is now, and of what format. */
  picture(): Picture;
  /** The picture; for a handle a frame made now, so that during the wait nothing is pinned outside the account. */
  open(): VideoFrame;
  /** The canvas that shows the same picture, where there is one. */
  canvas(): OffscreenCanvas | null;
  close(): void;
}

function canvasOf(share: FrameHandle<Storage>): OffscreenCanvas | null {
  const { driver, item } = loanOf(share, 'capture()').slot;
  return driver?.canvasOf?.(item as object) ?? null;
}

function pictureIn(share: FrameHandle<Storage>): Picture {
  const { driver, item } = loanOf(share, 'capture()').slot;
  return (driver as StorageAdapter).measure(item as object);
}

/** Takes a source over: from here on it is let go by `close()` and by nothing else. */
export function ownedSource(source: VideoFrame | FrameHandle<Storage>): OwnedSource {
  if (source instanceof HandleBase) {
    const share = source.retain(source.holder);
    let picture: VideoFrame | null = null;
    return {
      loan: loanOf(share, 'capture()'),
      timestamp: share.timestamp,
      duration: share.duration,
      picture: () => pictureIn(share),
      canvas: () => canvasOf(share),
      open: () => (picture = share.toVideoFrame()),
      close() {
        picture?.close();
        share.release();
      },
    };
  }
  requireFrameToOwn('source', source);
  noteOwned(source);
  const { timestamp, duration } = source;
  return {
    loan: null,
    timestamp,
    duration,
    picture() {
      // Its former owner can still close it during the wait.
      requireOpenFrame('source', source);
      return pictureOf(source);
    },
    open: () => source,
    canvas: () => null,
    close: () => source.close(),
  };
}
