/** `MemoryItem`: one memory buffer and the properties of the picture in it. */
import { notSupported, quotaExceeded } from '../base/errors.ts';
import type { MemoryFormat } from './layout.ts';
import { isRgb } from './layout.ts';
import type { Orientation } from './orientation.ts';
import { UPRIGHT } from './orientation.ts';

/** Properties of all buffers of one storage. */
export interface MemorySpec {
  readonly format: MemoryFormat;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly layout: readonly PlaneLayout[];
  readonly byteLength: number;
  readonly shared: boolean;
}

/** Properties of a picture besides its samples. The display size is the shown one, after rotation. */
export interface PictureFacts extends Orientation {
  readonly colorSpace: VideoColorSpaceInit;
  readonly displayWidth: number;
  readonly displayHeight: number;
}

/** Colour space of every drawn or converted picture. */
export const SRGB: VideoColorSpaceInit = Object.freeze({
  primaries: 'bt709',
  transfer: 'iec61966-2-1',
  matrix: 'rgb',
  fullRange: true,
});

/** Default colour space of a planar `VideoFrame`. */
const BT709: VideoColorSpaceInit = Object.freeze({
  primaries: 'bt709',
  transfer: 'bt709',
  matrix: 'bt709',
  fullRange: false,
});

/** Properties of a buffer without a picture. */
export const defaultFacts = ({ format, codedWidth, codedHeight }: MemorySpec): PictureFacts => ({
  ...UPRIGHT,
  colorSpace: isRgb(format) ? SRGB : BT709,
  displayWidth: codedWidth,
  displayHeight: codedHeight,
});

/** `ArrayBuffer.prototype.transfer`, which Node 20, older Safari and TypeScript's ES2022 lack. */
interface Movable {
  transfer?(byteLength?: number): ArrayBuffer;
}

/** Properties of buffers in newer engines, which TypeScript's ES2022 lacks. */
interface Changeable extends ArrayBuffer {
  readonly resizable?: boolean;
  readonly growable?: boolean;
  readonly immutable?: boolean;
}

/** Moves the memory of a buffer into a new one. Views of the old one are empty from then on. */
function moved(buffer: ArrayBuffer): ArrayBuffer {
  return (buffer as Movable).transfer?.() ?? structuredClone(buffer, { transfer: [buffer] });
}

const isShared = (buffer: ArrayBufferLike): buffer is SharedArrayBuffer =>
  Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';

/** Whether other threads may read and write these bytes at the same time. */
export const isSharedMemory = ({ buffer }: Uint8Array): boolean => isShared(buffer);

/** @throws `NotSupportedError` if there is no shared memory, `QuotaExceededError` if there is not enough memory. */
function allocated({ byteLength, shared }: MemorySpec): ArrayBufferLike {
  if (shared) requireSharedMemory();
  try {
    return shared ? new SharedArrayBuffer(byteLength) : new ArrayBuffer(byteLength);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw quotaExceeded(
      `memoryStorage(): the engine has no memory for a buffer of ${byteLength} bytes`,
      error,
    );
  }
}

function requireSharedMemory(): void {
  const isolated: unknown = (globalThis as { crossOriginIsolated?: unknown }).crossOriginIsolated;
  if (typeof SharedArrayBuffer === 'function' && isolated !== false) return;
  throw notSupported(
    isolated === false
      ? 'memoryStorage({ shared: true }) cannot be used here: this page is not cross-origin isolated, and memory can be shared only in isolated pages'
      : 'memoryStorage({ shared: true }) cannot be used here: this environment has no SharedArrayBuffer',
  );
}

/** Content of a slot. */
export class MemoryItem {
  readonly spec: MemorySpec;
  facts: PictureFacts;
  #buffer: ArrayBufferLike;
  #data: Uint8Array | null = null;

  /** @throws `NotSupportedError` or `QuotaExceededError`. */
  constructor(spec: MemorySpec, buffer = allocated(spec)) {
    this.spec = spec;
    this.facts = defaultFacts(spec);
    this.#buffer = buffer;
  }

  /** The buffer itself. */
  get buffer(): ArrayBufferLike {
    return this.#buffer;
  }

  /** A view of all bytes: one for all holders of this loan, created at first use. */
  get data(): Uint8Array {
    this.#data ??= new Uint8Array(this.#buffer);
    return this.#data;
  }

  /**
   * Whether the memory is complete and will stay so. A detached buffer has no bytes. A buffer that returned from
   * another thread may have another size, or be resizable or read-only; neither the platform nor the next holder can
   * use such a buffer.
   */
  get isReusable(): boolean {
    const { byteLength, resizable, growable, immutable } = this.#buffer as Partial<Changeable>;
    return (
      byteLength === this.spec.byteLength && resizable !== true && growable !== true && immutable !== true
    );
  }

  /** Detaches the last holder's view, which is empty then. Views of shared memory cannot be detached. */
  detachViews(): void {
    this.#data = null;
    if (!isShared(this.#buffer)) this.#buffer = moved(this.#buffer);
  }

  /** Fills the buffer with zeros, unless it was transferred. */
  wipe(): void {
    if (this.isReusable) this.data.fill(0);
  }

  /** Sets the buffer that returned from another thread. */
  replaceBuffer(buffer: ArrayBuffer): void {
    this.#data = null;
    this.#buffer = buffer;
  }

  /** Frees the memory now rather than at a collection. */
  free(): void {
    this.#data = null;
    if (isShared(this.#buffer) || !this.isReusable) return;
    const { transfer } = this.#buffer as Movable;
    if (transfer === undefined) moved(this.#buffer);
    else transfer.call(this.#buffer, 0);
  }
}
