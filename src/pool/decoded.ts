/**
 * Storage of decoded frames, the default of a pool. It is in the pool's folder and not among the storages, because it is the
 * default and because the pool itself lends clones and watches for forgotten ones.
 */
import { invalidState } from '../base/errors.ts';
import { isClosed, isSnapshot, noteCopy, pictureOf } from './frames.ts';
import { HandleBase, loanOf } from './handle.ts';
import type { StorageAdapter, Storage } from './storage.ts';
import { storageAdapter } from './storage.ts';

/** Storage whose slots hold decoded frames, passed to `adopt()`. The default when no storage is given. */
export interface DecodedStorage extends Storage {
  /** Discriminator of the storage type. */
  readonly kind: 'decoded';
  /** Members that the storage adds to a handle: the frame. For the type checker only. */
  readonly view: {
    /**
     * The frame, to read, draw, copy from or encode. It is lent, so the holder must not close it. All shares return the same
     * object. If a holder closed or transferred it anyway, this getter returns a new one.
     *
     * @throws `InvalidStateError` when this share was released.
     */
    readonly frame: VideoFrame;
  };
}

/** A share of a decoded frame. */
class DecodedHandle extends HandleBase<DecodedStorage> {
  get frame(): VideoFrame {
    const loan = loanOf(this, 'frame');
    return loan.lendFrame(originalOf(loan.slot.item));
  }
}

/** Returns the frame that the slot keeps. An app that kept it after `adopt()` can still close it; a pool cannot prevent that. */
function originalOf(item: object | null): VideoFrame {
  const original = item as VideoFrame;
  if (isClosed(original)) {
    throw invalidState('the frame was closed or transferred after adopt(), which makes the pool its owner');
  }
  return original;
}

const decodedAdapter: StorageAdapter = {
  wrap: (loan, holder) => new DecodedHandle(loan, holder),
  free: (item) => (item as VideoFrame).close(),
  toVideoFrame(item, init) {
    const original = originalOf(item);
    const copy = new VideoFrame(original, init);
    return init.alpha === 'discard' ? copy : noteCopy(original, copy);
  },
  measure: (item) => pictureOf(originalOf(item)),
  serialize(item, _init, isSole) {
    const original = originalOf(item);
    // No share in this thread reads the slot's frame any more, and its return would only close it.
    const frame = isSole ? original : original.clone();
    return { frame, isSnapshot: isSnapshot(original), transfer: [frame] };
  },
};

/** The default storage. It has no `view` property, which exists only for the type checker. */
export const decodedStorage = { kind: 'decoded', [storageAdapter]: decodedAdapter } as DecodedStorage;
