/**
 * Decoded frames as what slots hold. It stands in the pool's folder and not among the storages, because lending clones
 * under the net is the pool's own business, and because it is what a pool holds when nothing else is said.
 */
import { invalidState } from '../errors.ts';
import { isClosed, pictureOf } from './frames.ts';
import { HandleBase, loanOf } from './handle.ts';
import { lendFrame } from './lifeline.ts';
import type { StorageAdapter, Storage } from './storage.ts';
import { isSnapshot, noteCopy } from './snapshots.ts';
import { driver } from './storage.ts';

/** Slots that hold decoded frames, handed over by `adopt()`. What a pool holds when no storage is given. */
export interface DecodedStorage extends Storage {
  /** Which storage it is. */
  readonly kind: 'decoded';
  /** What a handle shows: the frame. For the type checker only. */
  readonly view: {
    /**
     * The frame, to read, draw, copy from or encode; lent, so not the holder's to close. All shares read the same object.
     * When a holder closed or transferred it anyway, this getter gives a fresh one.
     *
     * @throws `InvalidStateError` when this share was released.
     */
    readonly frame: VideoFrame;
  };
}

/** A share of a decoded frame. */
class DecodedHandle extends HandleBase<DecodedStorage> {
  get frame(): VideoFrame {
    const line = loanOf(this, 'frame');
    return lendFrame(line, originalOf(line.slot.item));
  }
}

/** The frame that the slot keeps. An app that kept the frame which it handed over can still close it; nobody can mend that. */
function originalOf(item: object | null): VideoFrame {
  const original = item as VideoFrame;
  if (isClosed(original)) {
    throw invalidState(
      'the frame was closed or transferred by whoever handed it to adopt(), which owns it from then on',
    );
  }
  return original;
}

const decodedAdapter: StorageAdapter = {
  wrap: (line, holder) => new DecodedHandle(line, holder),
  free: (item) => (item as VideoFrame).close(),
  toVideoFrame(item, init) {
    const original = originalOf(item);
    const copy = new VideoFrame(original, init);
    return init.alpha === 'discard' ? copy : noteCopy(original, copy);
  },
  measure: (item) => pictureOf(originalOf(item)),
  serialize(item, _init, isSole) {
    const original = originalOf(item);
    // Nobody here reads the slot's own any more, and at home it would only be closed.
    const frame = isSole ? original : original.clone();
    return { frame, isSnapshot: isSnapshot(original), transfer: [frame] };
  },
};

/** The default storage. `view` is left out: it exists for the type checker alone. */
export const decodedStorage = { kind: 'decoded', [driver]: decodedAdapter } as DecodedStorage;
