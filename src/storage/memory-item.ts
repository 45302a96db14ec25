/** One buffer of memory, what is known of the picture in it, and how it goes from holder to holder. */
import { notSupported, quotaExceeded } from '../errors.ts';
import type { MemoryFormat } from './layout.ts';
import { isRgb } from './layout.ts';
import type { Orientation } from './orientation.ts';
import { UPRIGHT } from './orientation.ts';

/** How all buffers of one storage are made. */
export interface MemorySpec {
  readonly format: MemoryFormat;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly layout: readonly PlaneLayout[];
  readonly byteLength: number;
  readonly shared: boolean;
}

/** What is known of a picture besides its samples. The display size is as shown, after the turn. */
export interface PictureFacts extends Orientation {
  readonly colorSpace: VideoColorSpaceInit;
  readonly displayWidth: number;
  readonly displayHeight: number;
}

/** What drawing and converting make of every picture. */
export const SRGB: VideoColorSpaceInit = Object.freeze({
  primaries: 'bt709',
  transfer: 'iec61966-2-1',
  matrix: 'rgb',
  fullRange: true,
});

/** What a `VideoFrame` of planes has unless it is told. */
const BT709: VideoColorSpaceInit = Object.freeze({
  primaries: 'bt709',
  transfer: 'bt709',
  matrix: 'bt709',
  fullRange: false,
});

/** The facts of a buffer that no picture was put into. */
export const defaultFacts = ({ format, codedWidth, codedHeight }: MemorySpec): PictureFacts => ({
  ...UPRIGHT,
  colorSpace: isRgb(format) ? SRGB : BT709,
  displayWidth: codedWidth,
  displayHeight: codedHeight,
});

/** `ArrayBuffer.prototype.transfer`, which Node 20 and older Safari have not, nor TypeScript's ES2022. */
interface Movable {
  transfer?(byteLength?: number): ArrayBuffer;
}

/** What newer engines say of a buffer, and TypeScript's ES2022 does not know. */
interface Changeable extends ArrayBuffer {
  readonly resizable?: boolean;
  readonly growable?: boolean;
  readonly immutable?: boolean;
}

/** Takes the memory out of a buffer, whose views are empty from then on. */
function moved(buffer: ArrayBuffer): ArrayBuffer {
  return (buffer as Movable).transfer?.() ?? structuredClone(buffer, { transfer: [buffer] });
}

const isShared = (buffer: ArrayBufferLike): buffer is SharedArrayBuffer =>
  Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';

/** Whether these bytes may be read and written by other threads meanwhile. */
export const isSharedMemory = ({ buffer }: Uint8Array): boolean => isShared(buffer);

/**
 * @throws `NotSupportedError` where there is no shared memory, `QuotaExceededError` where there is not so much of any.
 */
function allocated({ byteLength, shared }: MemorySpec): ArrayBufferLike {
  if (shared) requireSharedMemory();
  try {
    return shared ? new SharedArrayBuffer(byteLength) : new ArrayBuffer(byteLength);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw quotaExceeded(`memoryStorage(): the engine has no ${byteLength} bytes for a buffer`, error);
  }
}

function requireSharedMemory(): void {
  const isolated: unknown = (globalThis as { crossOriginIsolated?: unknown }).crossOriginIsolated;
  if (typeof SharedArrayBuffer === 'function' && isolated !== false) return;
  throw notSupported(
    isolated === false
      ? 'memoryStorage({ shared: true }) cannot be used here: this page is not cross-origin isolated, and memory is shared only there'
      : 'memoryStorage({ shared: true }) cannot be used here: this environment has no SharedArrayBuffer',
  );
}

/** What a slot holds. */
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

  /** The memory itself. */
  get buffer(): ArrayBufferLike {
    return this.#buffer;
  }

  /** All of its bytes: one view for all who hold this loan, made when the first of them asks. */
  get data(): Uint8Array {
    this.#data ??= new Uint8Array(this.#buffer);
    return this.#data;
  }

  /**
   * Whether its memory is all there, and stays so. A detached buffer has no bytes; one that came back from elsewhere may be
   * of another size, or of one that changes, or read-only, which neither the platform nor the next holder can use.
   */
  get isReusable(): boolean {
    const { byteLength, resizable, growable, immutable } = this.#buffer as Partial<Changeable>;
    return (
      byteLength === this.spec.byteLength && resizable !== true && growable !== true && immutable !== true
    );
  }

  /** Leaves the last holder with an empty view. Shared memory cannot be taken away from who has it. */
  detachViews(): void {
    this.#data = null;
    if (!isShared(this.#buffer)) this.#buffer = moved(this.#buffer);
  }

  /** Fills all of it with zeros, where it was not taken away. */
  wipe(): void {
    if (this.isReusable) this.data.fill(0);
  }

  /** The memory is back from where it was transferred to. */
  replaceBuffer(buffer: ArrayBuffer): void {
    this.#data = null;
    this.#buffer = buffer;
  }

  /** Gives the memory up now rather than at a collection. */
  free(): void {
    this.#data = null;
    if (isShared(this.#buffer) || !this.isReusable) return;
    const { transfer } = this.#buffer as Movable;
    if (transfer === undefined) moved(this.#buffer);
    else transfer.call(this.#buffer, 0);
  }
}
