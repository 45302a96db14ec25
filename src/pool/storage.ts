/** What a slot can hold, behind one interface. */
import type { FrameHandle } from './handle.ts';
import type { Lifeline } from './lifeline.ts';

/** The pool's private door into a storage: apps see a storage's settings, not its machinery. */
export const driver: unique symbol = Symbol('video-frame-pool storage');

/**
 * What the slots of a pool hold: decoded frames by default, or what `canvasStorage()` makes.
 *
 * One storage may serve several pools; each pool allocates its own buffers.
 */
export interface Storage {
  /** Which storage it is. */
  readonly kind: string;
  /** What a handle shows of it. For the type checker only: it has no value at run time. */
  readonly view: object;
  /** @internal */
  readonly [driver]: Driver;
}

/** A storage of buffers, which are lent again and again. */
export interface BufferStorage extends Storage {
  /** @internal */
  readonly [driver]: BufferDriver;
}

/** How the pool uses any storage. `item` is what a slot holds. */
export interface Driver {
  /** One share of a loan, with this storage's view. */
  wrap(line: Lifeline, holder: string | undefined): FrameHandle<Storage>;
  /** Lets go of the memory. */
  free(item: object): void;
  /** A frame that the caller owns. */
  toVideoFrame(item: object, init: VideoFrameInit): VideoFrame;
}

/** How the pool uses buffers. */
export interface BufferDriver extends Driver {
  /** Bytes of one buffer. */
  readonly bufferBytes: number;
  /** Whether `bufferBytes` is an estimate. */
  readonly estimated: boolean;
  /** @throws `NotSupportedError` where the engine has no such buffers, `QuotaExceededError` where it has no room. */
  allocate(): object;
  /** Makes a buffer that was lent before like new. */
  prepare(item: object): void;
  /** Whether a buffer that came back can be lent again. */
  isIntact(item: object): boolean;
  /** Copies a picture in. */
  capture(item: object, source: VideoFrame, options: CaptureOptions): void;
  /** @throws `TypeError` or `RangeError` for options that no capture can follow. */
  checkCapture(options: CaptureOptions): void;
}

/** A part of a picture, in pixels of its display size, before rotation. */
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
}

/** Whether a storage lends buffers, rather than frames that are handed over. */
export const isBufferDriver = (candidate: Driver): candidate is BufferDriver => 'allocate' in candidate;
