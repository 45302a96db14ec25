/** `MemoryHandle`: a share of a memory buffer, and its view. */
import type { Loan } from '../pool/loan.ts';
import { HandleBase, loanOf } from '../pool/handle.ts';
import type { BufferStorage } from '../pool/storage.ts';
import type { MemoryFormat } from './layout.ts';
import { MemoryItem } from './memory-item.ts';

/** Members of a memory handle, beside those of every handle. */
export interface MemoryView {
  /**
   * All bytes of the buffer, lent: readable and writable until the share is released. One object for all shares. Empty
   * (`length` 0) afterwards, unless the memory is shared between threads.
   *
   * @throws `InvalidStateError` if this share was released.
   */
  readonly data: Uint8Array;
  /** Offset and stride of each plane in `data`, in bytes. @throws `InvalidStateError` if this share was released. */
  readonly layout: readonly PlaneLayout[];
  /** Format of the samples. @throws `InvalidStateError` if this share was released. */
  readonly format: MemoryFormat;
  /** Colour space of the samples. @throws `InvalidStateError` if this share was released. */
  readonly colorSpace: VideoColorSpaceInit;
  /** Stored width in pixels. @throws `InvalidStateError` if this share was released. */
  readonly codedWidth: number;
  /** Stored height in pixels. @throws `InvalidStateError` if this share was released. */
  readonly codedHeight: number;
  /** Shown width in square pixels, after rotation. @throws `InvalidStateError` if this share was released. */
  readonly displayWidth: number;
  /** Shown height in square pixels, after rotation. @throws `InvalidStateError` if this share was released. */
  readonly displayHeight: number;
  /** Clockwise rotation when shown, in degrees. @throws `InvalidStateError` if this share was released. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Whether it is mirrored when shown, after rotation. @throws `InvalidStateError` if this share was released. */
  readonly flip: boolean;
}

/** Structural type of the storage, because this file does not import it. */
interface MemoryStorageLike extends BufferStorage {
  readonly view: MemoryView;
}

/** Narrows the content of a slot. A slot of this storage holds nothing else. */
export const itemOf = (item: object | null): MemoryItem => {
  if (item instanceof MemoryItem) return item;
  throw new TypeError('not a buffer of memoryStorage()');
};

/** A share of a memory buffer. */
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

const reading = (loan: Loan): MemoryItem => itemOf(loan.slot.item);
