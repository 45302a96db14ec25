/** Sources of `adopt()` and `copyFrom()`: frames that the pool takes ownership of, and handles that keep their share. */
import type { FrameHandle } from './handle.ts';
import { HandleBase, loanOf } from './handle.ts';
import { pictureOf, requireOpenFrame } from './frames.ts';
import { isLent, isOwned, noteOwned } from './lifeline.ts';
import type { Lifeline } from './lifeline.ts';
import type { StorageAdapter, Picture, Storage } from './storage.ts';

/**
 * Rejects a value that a pool must not take ownership of. Changes nothing.
 *
 * @throws `TypeError` if the value is not a frame, is lent by a pool, or is already owned by a pool; `InvalidStateError` for a
 *   closed frame.
 */
export function requireFrameToOwn(name: string, frame: unknown): asserts frame is VideoFrame {
  requireOpenFrame(name, frame);
  if (isOwned(frame)) throw new TypeError(`${name} is already owned by a pool`);
  if (isLent(frame)) {
    throw new TypeError(
      `${name} is lent by a pool: pass a frame of your own, or pass the handle to copyFrom()`,
    );
  }
}

/** Source of a `copyFrom()` call. `close()` releases it afterwards. */
export interface OwnedSource {
  readonly timestamp: number;
  readonly duration: number | null;
  /** Loan of the source handle, which is kept until `close()`; null for a frame, which has no other owner. */
  readonly loan: Lifeline | null;
  /** Returns the current size and format of the picture. */
  picture(): Picture;
  /** Returns the picture. For a handle the frame is created by this call, so that the wait pins no uncounted memory. */
  open(): VideoFrame;
  /** Returns the canvas that shows the same picture; null if there is none. */
  canvas(): OffscreenCanvas | null;
  close(): void;
}

function canvasOf(share: FrameHandle<Storage>): OffscreenCanvas | null {
  const { driver, item } = loanOf(share, 'copyFrom()').slot;
  return driver?.canvasOf?.(item as object) ?? null;
}

function pictureIn(share: FrameHandle<Storage>): Picture {
  const { driver, item } = loanOf(share, 'copyFrom()').slot;
  return (driver as StorageAdapter).measure(item as object);
}

/** Takes ownership of a frame, or one more share of a handle. From this call on only `close()` releases the source. */
export function ownedSource(source: VideoFrame | FrameHandle<Storage>): OwnedSource {
  if (source instanceof HandleBase) {
    const share = source.retain(source.holder);
    let picture: VideoFrame | null = null;
    return {
      loan: loanOf(share, 'copyFrom()'),
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
      // The former owner of the frame can still close it during the wait.
      requireOpenFrame('source', source);
      return pictureOf(source);
    },
    open: () => source,
    canvas: () => null,
    close: () => source.close(),
  };
}
