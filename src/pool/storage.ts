/** `Storage`, the common interface of the kinds of content that slots can hold, and its internal adapters. */

/** Key of a storage's internal adapter. Apps see the settings of a storage, but not its implementation. */
export const storageAdapter: unique symbol = Symbol('video-frame-pool storage');

/**
 * Kind of content of a pool's slots: decoded frames by default, or the buffers of `canvasStorage()` and similar functions.
 *
 * One storage can serve several pools. Each pool allocates its own buffers.
 */
export interface Storage {
  /** Name of the kind of storage. */
  readonly kind: string;
  /** Type of the members that a handle exposes. For the type checker only: there is no value at run time. */
  readonly view: object;
  /** @internal */
  readonly [storageAdapter]: StorageAdapter;
}

/** Storage of buffers that are lent repeatedly. */
export interface BufferStorage extends Storage {
  /** @internal */
  readonly [storageAdapter]: BufferAllocator;
}

/** Size of a picture, as stored and as displayed. Pixels may be non-square or rotated. */
export interface PictureSize {
  readonly visibleWidth: number;
  readonly visibleHeight: number;
  readonly displayWidth: number;
  readonly displayHeight: number;
}

/** Size and format of a picture before it is copied. */
export interface Picture extends PictureSize {
  /** Pixel format; null if the browser does not report it, and for pictures of canvases and textures. */
  readonly format: VideoPixelFormat | null;
}

/** The pool's interface to any storage. `item` is the content of a slot. */
export interface StorageAdapter {
  /** Creates a handle for one share of a `Loan`, with this storage's view. `newShare()` calls it and names the types. */
  wrap(loan: object, holder: string | undefined): object;
  /** Frees the memory. */
  free(item: object): void;
  /** Creates a frame that the caller owns. */
  toVideoFrame(item: object, init: VideoFrameInit): VideoFrame;
  /** Returns the size and format of the picture in `item`. */
  measure(item: object): Picture;
  /** Returns the canvas of the picture. Only for canvas storages: not every engine makes exact snapshots of a canvas. */
  canvasOf?(item: object): OffscreenCanvas;
  /**
   * Serializes the content for another thread. Absent for storages that cannot leave their thread. `isSole`: this thread holds no
   * other share, so the content itself may be transferred.
   *
   * @throws `InvalidStateError` if the content of the slot is damaged.
   */
  serialize?(item: object, init: VideoFrameInit, isSole: boolean): SerializedContent;
  /** Restores the content that the other thread returned. If it differs from the sent content, `isReusable()` returns false. */
  deserialize?(item: object, memory: ArrayBuffer): void;
}

/** Message content for another thread. */
export interface SerializedContent {
  /** Frame that the content owns. It is transferred, and the receiver closes it. */
  readonly frame?: VideoFrame;
  /** Whether `frame` is a snapshot of a translucent canvas (frames.ts). The frame itself does not show this in any thread. */
  readonly isSnapshot?: boolean;
  /** Memory, in the format of its storage. */
  readonly memory?: object;
  readonly transfer: Transferable[];
}

/** The pool's interface to a storage of buffers. */
export interface BufferAllocator extends StorageAdapter {
  /** Bytes of one buffer. */
  readonly bufferBytes: number;
  /** Whether `bufferBytes` is an estimate. */
  readonly isEstimated: boolean;
  /** Device that backs the buffers, such as a `GPUDevice`. Absent if the buffers have no device that can be lost. */
  readonly device?: BackingDevice;
  /** @throws `NotSupportedError` if the engine does not support such buffers, `QuotaExceededError` if it has no room. */
  allocate(): object;
  /**
   * For allocations that can fail after the call: resolves if `item` is valid, rejects with an error that `allocate()` may throw.
   */
  allocated?(item: object): Promise<void>;
  /** Resets a buffer that has been lent before to the state of a new buffer. */
  reset(item: object): void;
  /** Called after the last holder released the buffer. References that the holder kept must not show the next picture. */
  recycle?(item: object): void;
  /** Whether a returned buffer can be lent again. */
  isReusable(item: object): boolean;
  /**
   * Implementation of `pool.copyFrom()`, a `CopyFrom` of copy-from.ts. It belongs to the storages, because an app with only decoded
   * frames does not need it.
   */
  readonly copyFrom: (core: never, source: never, options: never) => Promise<object>;
  /** Whether `copyInto()` reads this frame only during the call. */
  isSynchronous(source: VideoFrame): boolean;
  /** Copies a picture into `item`. The source stays open until the result has settled. */
  copyInto(item: object, source: VideoFrame, options: CopyOptions): void | Promise<void>;
  /** Like `copyInto()`, from a canvas. Only for storages that draw pictures. */
  copyCanvas?(item: object, canvas: OffscreenCanvas, options: CopyOptions): void;
  /** @throws `TypeError` or `RangeError` for invalid copy options. */
  checkCopy(options: CopyOptions): void;
  /** Whether a picture of this size fits the buffers one to one. */
  matches(picture: PictureSize, options: CopyOptions): boolean;
  /**
   * Returns the same storage with buffers that this picture fits one to one.
   *
   * @throws `RangeError` if no buffer can have this size, `NotSupportedError` if buffers of no size can take the picture.
   */
  resized(picture: Picture, options: CopyOptions): BufferAllocator;
}

/** Device that backs a storage's buffers, with its loss. */
export interface BackingDevice {
  /** Error for callers that request a buffer after the loss; null while the device is available. */
  readonly lostError: DOMException | null;
  /** Resolves when the device is lost. */
  readonly lost: Promise<unknown>;
}

/** Part of a picture, in pixels of its display size, before rotation and flip. */
export interface CropRectangle {
  /** Distance from the left edge. */
  readonly x: number;
  /** Distance from the top edge. */
  readonly y: number;
  /** Above 0. */
  readonly width: number;
  /** Above 0. */
  readonly height: number;
}

/** Options of a copy into a buffer of another size or aspect ratio. */
export interface CopyOptions {
  /** Part of the picture to copy. The whole picture by default. */
  readonly crop?: CropRectangle;
  /**
   * `'contain'` (default) shows the whole picture and leaves the rest of the buffer empty. `'cover'` fills the buffer and crops
   * the picture. `'fill'` stretches the picture.
   */
  readonly fit?: 'contain' | 'cover' | 'fill';
  /** Clockwise rotation of the picture in degrees. 0 by default. */
  readonly rotation?: 0 | 90 | 180 | 270;
  /** Mirrors the picture left to right, after the rotation. False by default. With `rotation: 180` it is upside down. */
  readonly flip?: boolean;
  /**
   * Handling of a picture whose size (after `crop` and `rotation`) differs from the buffers, for example after a stream changes
   * its size. `'scale'` (default) scales the picture according to `fit`. `'reject'` rejects with a `RangeError`. `'reconfigure'`
   * starts a new generation of buffers of the picture's size, as `pool.configure()` with another storage does.
   */
  readonly sizeChange?: 'scale' | 'reject' | 'reconfigure';
}

/** Returns the device that backs a storage's buffers, if they have one that can be lost; otherwise null. */
export const deviceOf = (adapter: StorageAdapter): BackingDevice | null =>
  isBufferAllocator(adapter) ? (adapter.device ?? null) : null;

/** @throws The error of the loss if the storage's device is lost, because no buffer can be allocated then. */
export function requireDevice(adapter: StorageAdapter): void {
  const lostError = deviceOf(adapter)?.lostError ?? null;
  if (lostError !== null) throw lostError;
}

/** Whether a storage allocates buffers itself, instead of holding frames that the app passes to the pool. */
export const isBufferAllocator = (candidate: StorageAdapter): candidate is BufferAllocator =>
  'allocate' in candidate;
