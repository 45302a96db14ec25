/** `memoryStorage()`: slots that hold pictures in reusable `ArrayBuffer`s. */
import { invalidState, notSupported, requireWhole, shown } from '../base/errors.ts';
import { copyFrom } from '../pool/copy-from.ts';
import type {
  BufferAllocator,
  BufferStorage,
  CopyOptions,
  SerializedContent,
  Picture,
} from '../pool/storage.ts';
import { storageAdapter } from '../pool/storage.ts';
import { requirePath } from './copy-case.ts';
import { checkDrawing } from './draw.ts';
import type { MemoryFormat } from './layout.ts';
import { checkedLayout, isRgb, packedLayout, planesOf, requireMemoryFormat } from './layout.ts';
import { copyInto, drawingRefused, frameOf, needsTurning, sizeFor } from './memory-copy.ts';
import type { MemoryView } from './memory-handle.ts';
import { itemOf, MemoryHandle } from './memory-handle.ts';
import type { MemorySpec } from './memory-item.ts';
import { MemoryItem, defaultFacts } from './memory-item.ts';

/** A storage of memory buffers for pictures of one format and size. */
export interface MemoryStorage extends BufferStorage {
  /** Type of the storage. */
  readonly kind: 'memory';
  /** Format of the samples. */
  readonly format: MemoryFormat;
  /** Stored width in pixels. */
  readonly codedWidth: number;
  /** Stored height in pixels. */
  readonly codedHeight: number;
  /** Offset and stride of each plane, in bytes. */
  readonly layout: readonly PlaneLayout[];
  /** Bytes of each buffer, up to the end of the last plane, padding included. */
  readonly byteLength: number;
  /** Rows are rounded up to a multiple of this many bytes; null if the app gave a `layout`. */
  readonly rowAlignment: number | null;
  /** Whether the memory can be shared with other threads. */
  readonly shared: boolean;
  /** Whether buffers are wiped at the last release, so that the next holder cannot read the last picture. */
  readonly clear: boolean;
  /** View of a handle: the bytes, and their meaning. For the type checker only. */
  readonly view: MemoryView;
}

/** Options of `memoryStorage()`. */
export interface MemoryStorageOptions {
  /**
   * Format of the samples. Planar buffers take only frames of the same format; RGBA, RGBX, BGRA and BGRX take every
   * frame.
   */
  readonly format: MemoryFormat;
  /** Stored width in pixels, 1 to 16,384. */
  readonly codedWidth: number;
  /** Stored height in pixels, 1 to 16,384. */
  readonly codedHeight: number;
  /** Offset and stride of each plane in bytes, in any order and with gaps. By default the planes are adjacent. */
  readonly layout?: readonly PlaneLayout[];
  /**
   * Rows are rounded up to a multiple of this many bytes, from 1; WebGPU requires 256. 1 by default. Not allowed with
   * `layout`.
   */
  readonly rowAlignment?: number;
  /** Whether the memory can be shared with other threads (`SharedArrayBuffer`). False by default. */
  readonly shared?: boolean;
  /**
   * Whether all bytes of a buffer, padding included, are filled with zeros at its last release, and before it is freed:
   * transparent black, or a dark green in planar formats. Shared memory, which other threads may still write to, is
   * filled again before it is lent again. False by default: a new holder that does not overwrite all of it can read the
   * last picture.
   */
  readonly clear?: boolean;
}

/**
 * Maximum width and height in pixels. As for canvases, because pictures that must be scaled, turned or mirrored are
 * drawn on one.
 */
export const MAX_SIDE = 16_384;

/** Settings of a storage, from which buffers for a picture of another size are derived. */
type Settings = MemorySpec & Pick<MemoryStorage, 'rowAlignment' | 'clear'>;

/**
 * A storage of memory buffers for pictures of one format and size. A pool lends them by `acquire()` and `copyFrom()` and
 * reuses them.
 *
 * `copyFrom()` copies the samples as they are stored, neither turned nor scaled, along with `colorSpace`, display size,
 * `rotation` and `flip`. RGBA, RGBX, BGRA and BGRX buffers also take frames of another format, by conversion, and
 * pictures that must be scaled, cropped, turned or mirrored, by drawing. The result of drawing is sRGB and upright.
 *
 * At the last release the memory moves to another buffer. A view that the holder kept is empty then, rather than
 * showing the next picture. Shared memory cannot be detached: a holder that kept a view of it can read and overwrite
 * later pictures. Buffers whose memory was transferred (`postMessage` with a transfer list) are discarded at their last
 * release.
 *
 * In a frame that Chromium creates from a translucent canvas the colours stay premultiplied by alpha, and are copied
 * so. This is corrected for pictures from a handle of `canvasStorage()` and from its `toVideoFrame()`. It cannot be
 * detected for frames that the app creates from its own canvases, or for clones. For opaque canvases,
 * `context: { alpha: false }` saves the check of every pixel.
 *
 * @throws `TypeError` or `RangeError` for an invalid format, size or layout.
 */
export function memoryStorage(options: MemoryStorageOptions): MemoryStorage {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `options must be an object with format, codedWidth and codedHeight, got ${shown(options)}`,
    );
  }
  const settings = settingsOf(options);
  // `view` is left out: it exists only for the type checker.
  return { kind: 'memory', ...settings, [storageAdapter]: memoryAllocator(settings) } as MemoryStorage;
}

function settingsOf(options: MemoryStorageOptions): Settings {
  const format = requireMemoryFormat(options.format);
  const codedWidth = requireWhole('codedWidth', options.codedWidth, 1, MAX_SIDE);
  const codedHeight = requireWhole('codedHeight', options.codedHeight, 1, MAX_SIDE);
  const { layout: wanted, rowAlignment = 1, shared = false, clear = false } = options;
  if (wanted !== undefined && options.rowAlignment !== undefined) {
    throw new TypeError('layout and rowAlignment cannot both be given: a layout has its own strides');
  }
  requireWhole('rowAlignment', rowAlignment, 1);
  const planes = planesOf(format, codedWidth, codedHeight);
  const { layout, byteLength } =
    wanted === undefined ? packedLayout(planes, rowAlignment) : checkedLayout(planes, wanted);
  return {
    format,
    codedWidth,
    codedHeight,
    layout: Object.freeze(layout.map((plane) => Object.freeze(plane))),
    byteLength,
    shared: shared === true,
    clear: clear === true,
    rowAlignment: wanted === undefined ? rowAlignment : null,
  };
}

/** The adapter of memory buffers with these settings. */
export function memoryAllocator(settings: Settings): BufferAllocator {
  const { format, codedWidth, codedHeight, clear, shared } = settings;
  return {
    bufferBytes: settings.byteLength,
    isEstimated: false,
    wrap: (loan, holder) => new MemoryHandle(loan, holder),
    allocate: () => new MemoryItem(settings),
    reset(item) {
      const memory = itemOf(item);
      memory.facts = defaultFacts(settings);
      if (clear && shared) memory.wipe();
    },
    recycle(item) {
      itemOf(item).detachViews();
      if (clear) itemOf(item).wipe();
    },
    free(item) {
      if (clear) itemOf(item).wipe();
      itemOf(item).free();
    },
    isReusable: (item) => itemOf(item).isReusable,
    measure(item) {
      const { displayWidth, displayHeight } = itemOf(item).facts;
      return {
        format: format as VideoPixelFormat,
        visibleWidth: codedWidth,
        visibleHeight: codedHeight,
        displayWidth,
        displayHeight,
      };
    },
    matches(picture, options) {
      const { width, height } = sizeFor(picture, options);
      return width === codedWidth && height === codedHeight && (isRgb(format) || !needsTurning(options));
    },
    resized: (picture, options) => memoryAllocator(resizedSettings(settings, picture, options)),
    copyFrom,
    checkCopy: checkDrawing,
    isSynchronous: () => false,
    copyInto: (item, source, options) => copyInto(itemOf(item), source, options),
    toVideoFrame: (item, init) => frameOf(itemOf(item), init),
    serialize: (item, _, isSole) => serialized(itemOf(item), isSole),
    deserialize: (item, memory) => itemOf(item).replaceBuffer(memory),
  };
}

function resizedSettings(settings: Settings, picture: Picture, options: CopyOptions): Settings {
  const { format, rowAlignment, shared, clear } = settings;
  requirePath(picture.format, format);
  if (rowAlignment === null) {
    throw notSupported(
      `sizeChange: 'reconfigure' cannot derive your layout for another size: use rowAlignment, or call configure()`,
    );
  }
  if (needsTurning(options) && !isRgb(format)) throw drawingRefused(settings, picture);
  const { width, height } = sizeFor(picture, options);
  requireWhole('the width of the picture', width, 1, MAX_SIDE);
  requireWhole('the height of the picture', height, 1, MAX_SIDE);
  return settingsOf({ format, codedWidth: width, codedHeight: height, rowAlignment, shared, clear });
}

/**
 * The message for another thread: the memory itself if no other share is held in this thread, else a copy. Shared
 * memory is not transferred.
 */
function serialized({ spec, facts, buffer, isReusable }: MemoryItem, isSole: boolean): SerializedContent {
  if (!isReusable) throw invalidState('send(): the memory of this buffer was transferred');
  const returns = isSole && !spec.shared;
  return { memory: { spec, facts, buffer, returns }, transfer: returns ? [buffer as ArrayBuffer] : [] };
}
