/** What a holder of memory sees of it. */
import type { Lifeline } from '../pool/lifeline.ts';
import { HandleBase, loanOf } from '../pool/handle.ts';
import type { BufferStorage } from '../pool/storage.ts';
import type { MemoryFormat } from './layout.ts';
import { MemoryItem } from './memory-item.ts';

/** What a handle of memory shows, next to what every handle has. */
export interface MemoryView {
  /**
   * All bytes of the buffer, lent: to read and to write until the share is released. One object for all shares. Empty
   * (`length` 0) afterwards, unless the memory is shared between threads.
   *
   * @throws `InvalidStateError` when this share was released.
   */
  readonly data: Uint8Array;
  /** Where each plane stands in `data`, in bytes. @throws `InvalidStateError` when this share was released. */
  readonly layout: readonly PlaneLayout[];
  /** What the samples are. @throws `InvalidStateError` when this share was released. */
  readonly format: MemoryFormat;
  /** What the samples' values mean. @throws `InvalidStateError` when this share was released. */
  readonly colorSpace: VideoColorSpaceInit;
  /** Pixels from left to right, as stored. @throws `InvalidStateError` when this share was released. */
  readonly codedWidth: number;
  /** Pixels from top to bottom, as stored. @throws `InvalidStateError` when this share was released. */
  readonly codedHeight: number;
  /** Width in pixels as shown: square ones, after the turn. @throws `InvalidStateError` when this share was released. */
  readonly displayWidth: number;
  /** Height in pixels as shown: square ones, after the turn. @throws `InvalidStateError` when this share was released. */
  readonly displayHeight: number;
  /** By how many degrees clockwise it is turned when shown. @throws `InvalidStateError` when this share was released. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Whether it is mirrored when shown, after the turn. @throws `InvalidStateError` when this share was released. */
  readonly flip: boolean;
}

/** The storage by structure: this file does not know how it is made. */
interface MemoryStorageLike extends BufferStorage {
  readonly view: MemoryView;
}

/** A slot of this storage holds nothing else. */
export const itemOf = (item: object | null): MemoryItem => {
  if (item instanceof MemoryItem) return item;
  throw new TypeError('not a buffer of memoryStorage()');
};

/** A share of memory. */
export class MemoryHandle extends HandleBase<MemoryStorageLike> implements MemoryView {
  get data(): Uint8Array {
    return reading(loanOf(this, 'data')).data;
  }
  get layout(): readonly PlaneLayout[] {
    return reading(loanOf(this, 'layout')).spec.layout;
  }
  get format(): MemoryFormat {
    return reading(loanOf(this, 'format')).spec.format;
  }
  get colorSpace(): VideoColorSpaceInit {
    return reading(loanOf(this, 'colorSpace')).facts.colorSpace;
  }
  get codedWidth(): number {
    return reading(loanOf(this, 'codedWidth')).spec.codedWidth;
  }
  get codedHeight(): number {
    return reading(loanOf(this, 'codedHeight')).spec.codedHeight;
  }
  get displayWidth(): number {
    return reading(loanOf(this, 'displayWidth')).facts.displayWidth;
  }
  get displayHeight(): number {
    return reading(loanOf(this, 'displayHeight')).facts.displayHeight;
  }
  get rotation(): 0 | 90 | 180 | 270 {
    return reading(loanOf(this, 'rotation')).facts.rotation;
  }
  get flip(): boolean {
    return reading(loanOf(this, 'flip')).facts.flip;
  }
}

const reading = (line: Lifeline): MemoryItem => itemOf(line.slot.item);
