/** `canvasStorage()`: slots that hold reusable `OffscreenCanvas`es. */
import { invalidState, notSupported, quotaExceeded, requireWhole, shown } from '../base/errors.ts';
import { copyFrom } from '../pool/copy-from.ts';
import { isClosed, isSnapshot, noteSnapshot, requirePlatform } from '../pool/frames.ts';
import { HandleBase, loanOf } from '../pool/handle.ts';
import type { Loan } from '../pool/loan.ts';
import type { BufferAllocator, BufferStorage } from '../pool/storage.ts';
import { storageAdapter } from '../pool/storage.ts';
import { drawFrame, drawnBuffers, drawnSize, drawPicture, isLost, withBitmap } from './draw.ts';

/** A storage of canvases of one size. */
export interface CanvasStorage extends BufferStorage {
  /** Type of the storage. */
  readonly kind: 'canvas';
  /** Width of each canvas in pixels. */
  readonly width: number;
  /** Height of each canvas in pixels. */
  readonly height: number;
  /** Canvases are always cleared before they are lent again, because resetting a context empties its canvas. */
  readonly clear: true;
  /** View of a handle: the canvas and its context. For the type checker only. */
  readonly view: {
    /**
     * The canvas, lent until the share is released. Holders may draw on it and read it.
     *
     * @throws `InvalidStateError` if this share was released.
     */
    readonly canvas: OffscreenCanvas;
    /**
     * Its 2D context, in its initial state when the canvas is lent.
     *
     * @throws `InvalidStateError` if this share was released.
     */
    readonly context: OffscreenCanvasRenderingContext2D;
  };
}

/** Options of `canvasStorage()`. */
export interface CanvasStorageOptions {
  /** Width of each canvas in pixels, 1 to 16,384. */
  readonly width: number;
  /** Height of each canvas in pixels, 1 to 16,384. */
  readonly height: number;
  /**
   * Settings of the 2D contexts, as for `getContext('2d', …)`. With `colorType: 'float16'` (`pixelFormat` in older
   * Chromium), a pixel counts 8 bytes instead of 4 in `bytes` and `maxBytes`, if the engine supports it.
   */
  readonly context?: CanvasRenderingContext2DSettings & {
    readonly colorType?: 'unorm8' | 'float16';
    readonly pixelFormat?: 'uint8' | 'float16';
  };
}

/**
 * Maximum width and height in pixels. Engines create larger canvases but fail to draw on some of them; all engines draw
 * at 2^14.
 */
const MAX_SIDE = 16_384;

/** Bytes of a pixel: RGBA of 8 bits each, the default of every engine, and of 16 bits each. */
const BYTES_PER_PIXEL = 4;
const BYTES_PER_FLOAT16_PIXEL = 8;

/** Settings of a 2D context that TypeScript's DOM library lacks: the standard's name, and Chromium's earlier one. */
interface PixelSettings {
  readonly colorType?: string;
  readonly pixelFormat?: string;
}

const isFloat16 = ({ colorType, pixelFormat }: PixelSettings): boolean =>
  colorType === 'float16' || pixelFormat === 'float16';

/** Content of a slot. */
interface CanvasItem {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
  /** Whether the canvas is tainted by a picture of another origin. `reset()` clears the picture but not the taint. */
  isTainted: boolean;
}

/** A share of a canvas. */
class CanvasHandle extends HandleBase<CanvasStorage> {
  get canvas(): OffscreenCanvas {
    return itemOf(loanOf(this, 'canvas')).canvas;
  }

  get context(): OffscreenCanvasRenderingContext2D {
    return itemOf(loanOf(this, 'context')).context;
  }
}

const itemOf = (loan: Loan): CanvasItem => loan.slot.item as CanvasItem;

/**
 * A storage of canvases of one size. A pool lends them by `acquire()` and `copyFrom()` and reuses them.
 *
 * A canvas is cleared and its context reset before it is lent again. A canvas is discarded at its last release if it
 * lost its context, was resized, or was transferred. It is also discarded if a picture of another origin was drawn on
 * it without permission (CORS) and taking a frame from it threw a `SecurityError`. Its bytes are an estimate: 4 a
 * pixel, or 8 if `context` requests float16 pixels and the engine supports them.
 *
 * @throws `TypeError` or `RangeError` for an invalid size.
 */
export function canvasStorage(options: CanvasStorageOptions): CanvasStorage {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`options must be an object with width and height, got ${shown(options)}`);
  }
  const width = requireWhole('width', options.width, 1, MAX_SIDE);
  const height = requireWhole('height', options.height, 1, MAX_SIDE);
  // `view` is left out: it exists only for the type checker.
  return {
    kind: 'canvas',
    width,
    height,
    clear: true,
    [storageAdapter]: canvasAllocator(width, height, options.context),
  } as CanvasStorage;
}

function canvasAllocator(
  width: number,
  height: number,
  settings?: CanvasRenderingContext2DSettings,
): BufferAllocator {
  const isTranslucent = settings?.alpha !== false;
  return {
    ...drawnBuffers(width, height),
    bufferBytes: width * height * bytesPerPixel(settings),
    isEstimated: true,
    wrap: (loan, holder) => new CanvasHandle(loan, holder),
    allocate(): CanvasItem {
      requirePlatform('canvasStorage()', 'OffscreenCanvas');
      const canvas = newCanvas(width, height);
      const context = canvas.getContext('2d', settings);
      if (context === null)
        throw notSupported('canvasStorage(): this engine has no 2D context for an OffscreenCanvas');
      return { canvas, context, isTainted: false };
    },
    reset: (item) => (item as CanvasItem).context.reset(),
    isReusable(item) {
      const { canvas, context, isTainted } = item as CanvasItem;
      return !isTainted && canvas.width === width && canvas.height === height && !isLost(context);
    },
    resized(picture, options) {
      const drawn = drawnSize(picture, options);
      return canvasAllocator(
        requireWhole('the width of the picture', drawn.width, 1, MAX_SIDE),
        requireWhole('the height of the picture', drawn.height, 1, MAX_SIDE),
        settings,
      );
    },
    free(item) {
      // A canvas of size 0 frees its pixels now rather than at a collection. A transferred canvas has none.
      const { canvas } = item as CanvasItem;
      try {
        canvas.width = 0;
        canvas.height = 0;
      } catch {
        // InvalidStateError: the holder transferred the canvas, so the pixels belong to other code.
      }
    },
    canvasOf: (item) => (item as CanvasItem).canvas,
    copyFrom,
    copyCanvas: (item, canvas, drawing) => drawPicture((item as CanvasItem).context, canvas, canvas, drawing),
    copyInto(item, source, drawing) {
      const { context } = item as CanvasItem;
      if (!isSnapshot(source)) return drawFrame(context, source, drawing);
      return withBitmap(source, (bitmap, display) => drawPicture(context, bitmap, display, drawing, bitmap));
    },
    toVideoFrame(item, init) {
      const frame = snapshot(item as CanvasItem, init);
      if (isTranslucent && init.alpha !== 'discard') noteSnapshot(frame);
      return frame;
    },
    serialize(item, init) {
      const frame = snapshot(item as CanvasItem, init);
      return { frame, isSnapshot: isTranslucent, transfer: [frame] };
    },
  };
}

/**
 * Probes a canvas of one pixel, because engines without float16 ignore the setting. Without `OffscreenCanvas` the
 * setting is trusted.
 */
function bytesPerPixel(settings: CanvasRenderingContext2DSettings | undefined): number {
  if (settings === undefined || !isFloat16(settings as PixelSettings)) return BYTES_PER_PIXEL;
  if (typeof OffscreenCanvas !== 'function') return BYTES_PER_FLOAT16_PIXEL;
  // TypeScript's library declares the method only for contexts of a page.
  const probe = new OffscreenCanvas(1, 1).getContext('2d', settings) as {
    getContextAttributes?(): PixelSettings;
  } | null;
  return isFloat16(probe?.getContextAttributes?.() ?? {}) ? BYTES_PER_FLOAT16_PIXEL : BYTES_PER_PIXEL;
}

/** @throws `QuotaExceededError` if the engine has no memory for it. */
function newCanvas(width: number, height: number): OffscreenCanvas {
  try {
    return new OffscreenCanvas(width, height);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw quotaExceeded(`canvasStorage(): the engine has no memory for ${width} × ${height} pixels`, error);
  }
}

/** `new VideoFrame(canvas)` copies, so the canvas may be drawn on again at once. */
function snapshot(item: CanvasItem, init: VideoFrameInit): VideoFrame {
  // An engine would take an empty picture from it.
  if (isLost(item.context))
    throw invalidState('toVideoFrame(): the canvas has lost its context and its picture');
  let frame: VideoFrame;
  try {
    frame = new VideoFrame(item.canvas, init);
  } catch (error) {
    item.isTainted = error instanceof DOMException && error.name === 'SecurityError';
    throw error;
  }
  if (isClosed(frame)) throw notSupported('toVideoFrame(): the canvas has no picture to take');
  return frame;
}
