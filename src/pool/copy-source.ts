/** Source of a copy: a frame, which stays its caller's, or a handle, which keeps its share. */
import { noteCopy, pictureOf, requireOpenFrame } from './frames.ts';
import type { FrameHandle } from './handle.ts';
import { HandleBase, loanOf, newShare } from './handle.ts';
import type { Loan } from './loan.ts';
import { loanOfFrame, requireNotOwned } from './loan.ts';
import type { Picture, Storage, StorageAdapter } from './storage.ts';

/** The picture that a call copies, and the references that the call takes to it. `close()` releases these references. */
export interface CopySource {
  readonly timestamp: number;
  readonly duration: number | null;
  /** Size and format of the picture. */
  readonly picture: Picture;
  /** Loan that lasts until `close()`; null for a frame that no pool lent. */
  readonly loan: Loan | null;
  /** Makes the copy independent of the caller, who may close a frame as soon as the call has returned. */
  keep(): void;
  /** Returns an open frame of the picture. For a loan this call creates it, so that the wait pins no uncounted memory. */
  open(): VideoFrame;
  /** Returns the canvas that shows the same picture; null if there is none. */
  canvas(): OffscreenCanvas | null;
  close(): void;
}

/**
 * Takes one more share of a handle, or of the loan of a lent frame. From a frame of the caller's own it takes nothing before
 * `keep()`.
 *
 * @throws `TypeError` if the source is neither, or a frame that a pool owns; `InvalidStateError` if it is closed or released.
 */
export function copySource(source: VideoFrame | FrameHandle<Storage>): CopySource {
  if (source instanceof HandleBase) return sourceOfShare(source.retain(source.holder));
  requireOpenFrame('source', source);
  requireNotOwned('source', source);
  const loan = loanOfFrame(source);
  return loan === null ? sourceOfFrame(source) : sourceOfShare(newShare(loan, 'copyFrom()'));
}

function sourceOfShare(share: FrameHandle<Storage>): CopySource {
  const { timestamp, duration } = share;
  const loan = loanOf(share, 'copyFrom()');
  const { adapter, item } = loan.slot;
  let frame: VideoFrame | null = null;
  return {
    timestamp,
    duration,
    picture: (adapter as StorageAdapter).measure(item as object),
    loan,
    keep() {
      // The share keeps the picture.
    },
    open: () => (frame ??= share.toVideoFrame()),
    canvas: () => adapter?.canvasOf?.(item as object) ?? null,
    close() {
      frame?.close();
      share.release();
    },
  };
}

function sourceOfFrame(frame: VideoFrame): CopySource {
  const { timestamp, duration } = frame;
  let own: VideoFrame | null = null;
  return {
    timestamp,
    duration,
    picture: pictureOf(frame),
    loan: null,
    keep() {
      own ??= noteCopy(frame, frame.clone());
    },
    open: () => own ?? frame,
    canvas: () => null,
    close: () => own?.close(),
  };
}
