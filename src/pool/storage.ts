/** What a slot can hold, behind one interface. */
import type { PoolCore } from './core.ts';
import type { FrameHandle } from './handle.ts';
import type { Lifeline } from './lifeline.ts';
import type { CaptureRequest } from './options.ts';

/** The pool's private door into a storage: apps see a storage's settings, not its machinery. */
export const driver: unique symbol = Symbol('video-frame-pool storage');

/**
 * What the slots of a pool hold: decoded frames by default, or what `canvasStorage()` and its like make.
 *
 * One storage may serve several pools; each pool allocates its own buffers.
 */
export interface Storage {
  /** Which storage it is. */
  readonly kind: string;
  /** What a handle shows of it. For the type checker only: it has no value at run time. */
  readonly view: object;
  /** @internal */
  readonly [driver]: StorageAdapter;
}

/** A storage of buffers, which are lent again and again. */
export interface BufferStorage extends Storage {
  /** @internal */
  readonly [driver]: BufferAllocator;
}

/** How large a picture is, as its pixels are stored and as it is shown: pixels need not be square, nor upright. */
export interface PictureSize {
  readonly visibleWidth: number;
  readonly visibleHeight: number;
  readonly displayWidth: number;
  readonly displayHeight: number;
}

/** What is known of a picture before it is copied. */
export interface Picture extends PictureSize {
  /** The format of its pixels; null where it is hidden, or for the pictures of canvases and textures. */
  readonly format: VideoPixelFormat | null;
}

/** How the pool uses any storage. `item` is what a slot holds. */
export interface StorageAdapter {
  /** One share of a loan, with this storage's view. */
  wrap(line: Lifeline, holder: string | undefined): FrameHandle<Storage>;
  /** Lets go of the memory. */
  free(item: object): void;
  /** A frame that the caller owns. */
  toVideoFrame(item: object, init: VideoFrameInit): VideoFrame;
  /** The picture in it. */
  measure(item: object): Picture;
  /** The canvas that the picture is on, where it is on one: its snapshots are not its equal in every engine. */
  canvasOf?(item: object): OffscreenCanvas;
  /**
   * What goes to another thread; storages that stay in theirs have none. `isSole`: nobody here holds another share, so
   * what the slot holds may leave.
   *
   * @throws `InvalidStateError` where what the slot holds came to harm.
   */
  serialize?(item: object, init: VideoFrameInit, isSole: boolean): Parcel;
  /** Takes back what came home from there; where that is not what went, `isReusable()` says no afterwards. */
  deserialize?(item: object, memory: ArrayBuffer): void;
}

/** What goes to another thread. */
export interface Parcel {
  /** A frame of the parcel's own, which is transferred; its receiver closes it. */
  readonly frame?: VideoFrame;
  /** Whether that is a snapshot of a translucent canvas (snapshots.ts): frames do not tell in another thread either. */
  readonly isSnapshot?: boolean;
  /** Memory, as its storage packs it. */
  readonly memory?: object;
  readonly transfer: Transferable[];
}

/** A picture's way into one of the pool's buffers. The picture is let go whatever happens; one share, the caller's. */
export type Capturing = (
  core: PoolCore,
  source: VideoFrame | FrameHandle<Storage>,
  options: CaptureRequest,
) => Promise<FrameHandle<Storage>>;

/** How the pool uses buffers. */
export interface BufferAllocator extends StorageAdapter {
  /** Bytes of one buffer. */
  readonly bufferBytes: number;
  /** Whether `bufferBytes` is an estimate. */
  readonly estimated: boolean;
  /** Where buffers live on something that can be lost as a whole, such as a GPU device. */
  readonly ground?: Ground;
  /** @throws `NotSupportedError` where the engine has no such buffers, `QuotaExceededError` where it has no room. */
  allocate(): object;
  /** Where an allocation may fail after the call: fulfilled when it is good, rejected with the error that `allocate()` throws. */
  allocated?(item: object): Promise<void>;
  /** Makes a buffer that was lent before like new. */
  reset(item: object): void;
  /** Its last holder has let go: what he kept must not show the next one's picture. */
  recycle?(item: object): void;
  /** Whether a buffer that came back can be lent again. */
  isReusable(item: object): boolean;
  /** What `pool.capture()` does. Storages bring it along, for an app with none but decoded frames has no use for it. */
  readonly captured: Capturing;
  /** Copies a picture in. The source stays open until this has settled. */
  capture(item: object, source: VideoFrame, options: CaptureOptions): void | Promise<void>;
  /** As `capture()`, from a canvas, where pictures are drawn. */
  captureCanvas?(item: object, canvas: OffscreenCanvas, options: CaptureOptions): void;
  /** @throws `TypeError` or `RangeError` for options that no capture can follow. */
  checkCapture(options: CaptureOptions): void;
  /** Whether a picture of this size goes into the buffers one to one. */
  matches(picture: PictureSize, options: CaptureOptions): boolean;
  /**
   * The same storage with buffers that this picture goes into one to one.
   *
   * @throws `RangeError` where no buffer can be so large, `NotSupportedError` where no size helps.
   */
  resized(picture: Picture, options: CaptureOptions): BufferAllocator;
}

/** What buffers stand on, and how its loss is told. */
export interface Ground {
  /** Null while all is well; then what everybody is told who asks for a buffer. */
  readonly loss: DOMException | null;
  /** Fulfilled once it is lost. */
  readonly lost: Promise<unknown>;
}

/** A part of a picture, in pixels of its display size, before rotation and flip. */
export interface CropRectangle {
  /** From the left edge. */
  readonly x: number;
  /** From the top edge. */
  readonly y: number;
  /** Above 0. */
  readonly width: number;
  /** Above 0. */
  readonly height: number;
}

/** How a picture is put into a buffer of another size or shape. */
export interface CaptureOptions {
  /** The part of the picture to take. All of it by default. */
  readonly crop?: CropRectangle;
  /**
   * `'contain'` (default) shows all of it and leaves the rest empty, `'cover'` fills the buffer and cuts what sticks out,
   * `'fill'` stretches.
   */
  readonly fit?: 'contain' | 'cover' | 'fill';
  /** Turns the picture clockwise by so many degrees. 0 by default. */
  readonly rotation?: 0 | 90 | 180 | 270;
  /** Mirrors the picture left to right, after the rotation. False by default. With `rotation: 180` it is upside down. */
  readonly flip?: boolean;
  /**
   * What becomes of a picture that is not of the buffers' size (after `crop` and `rotation`), as when a stream changes its
   * size: `'fit'` (default) scales it as `fit` says, `'refuse'` rejects with a `RangeError`, `'reconfigure'` starts a new
   * generation of buffers of the picture's size, as `pool.configure()` with another storage does.
   */
  readonly sizeChange?: 'fit' | 'refuse' | 'reconfigure';
}

/** Whether a storage lends buffers, rather than frames that are handed over. */
export const isBufferAllocator = (candidate: StorageAdapter): candidate is BufferAllocator =>
  'allocate' in candidate;
