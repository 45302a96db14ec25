/** Slots that hold pictures in plain memory: `ArrayBuffer`s, used again and again. */
import { invalidState, notSupported, requireWhole, shown } from '../errors.ts';
import { captured } from '../pool/capture.ts';
import type { BufferDriver, BufferStorage, CaptureOptions, Parcel, Picture } from '../pool/storage.ts';
import { driver } from '../pool/storage.ts';
import { requirePath } from './copy-case.ts';
import { checkDrawing } from './draw.ts';
import type { MemoryFormat } from './layout.ts';
import { checkedLayout, isRgb, packedLayout, planesOf, requireMemoryFormat } from './layout.ts';
import { capture, drawingRefused, sizeFor, needsTurning } from './memory-capture.ts';
import { frameOf } from './memory-frame.ts';
import type { MemoryView } from './memory-handle.ts';
import { itemOf, MemoryHandle } from './memory-handle.ts';
import type { MemorySpec } from './memory-item.ts';
import { MemoryItem, defaultFacts } from './memory-item.ts';

/** Slots that hold memory for pictures of one format and size. */
export interface MemoryStorage extends BufferStorage {
  /** Which storage it is. */
  readonly kind: 'memory';
  /** What the samples are. */
  readonly format: MemoryFormat;
  /** Pixels from left to right, as stored. */
  readonly codedWidth: number;
  /** Pixels from top to bottom, as stored. */
  readonly codedHeight: number;
  /** Where each plane stands, in bytes. */
  readonly layout: readonly PlaneLayout[];
  /** Bytes of each buffer: up to the end of the last plane, padding included. */
  readonly byteLength: number;
  /** What rows are rounded up to, in bytes; null where they are by a layout of the application's own. */
  readonly rowAlignment: number | null;
  /** Whether other threads can have the memory too. */
  readonly shared: boolean;
  /** Whether buffers are wiped as they come back, so that nobody sees what another holder left in them. */
  readonly clear: boolean;
  /** What a handle shows: the bytes, and what they mean. For the type checker only. */
  readonly view: MemoryView;
}

/** What `memoryStorage()` takes. */
export interface MemoryStorageOptions {
  /** What the samples are. Planes take frames of this very format, RGBA, RGBX, BGRA and BGRX take every frame. */
  readonly format: MemoryFormat;
  /** Pixels from left to right, as stored, 1 to 16,384. */
  readonly codedWidth: number;
  /** Pixels from top to bottom, as stored, 1 to 16,384. */
  readonly codedHeight: number;
  /** Where each plane stands, in bytes, in any order and with gaps. By default one after the other. */
  readonly layout?: readonly PlaneLayout[];
  /** Rows are rounded up to a multiple of so many bytes, from 1; WebGPU wants 256. 1 by default. Not with `layout`. */
  readonly rowAlignment?: number;
  /** Whether other threads can have the memory too (`SharedArrayBuffer`). False by default. */
  readonly shared?: boolean;
  /**
   * Whether all bytes of a buffer, padding included, are filled with zeros when its last holder lets go, and before it is
   * given up: transparent black, or a dark green in planes. Shared memory, which others may still write to, is filled once
   * more before it is lent again. False by default: a new holder that does not overwrite all of it reads the last picture.
   */
  readonly clear?: boolean;
}

/** As for canvases, on which pictures are drawn that must be scaled, turned or mirrored. */
export const MAX_SIDE = 16_384;

/** What a storage shows of itself, and what buffers for a picture of another size are made from. */
type Settings = MemorySpec & Pick<MemoryStorage, 'rowAlignment' | 'clear'>;

/**
 * Memory for pictures of one format and size, which a pool lends by `acquire()` and `capture()` and reuses.
 *
 * `capture()` copies the samples as they are stored, neither turned nor stretched, and `colorSpace`, display size,
 * `rotation` and `flip` go along. A frame of another format is converted, where the buffers are RGBA, RGBX, BGRA or BGRX.
 * There, too, a picture of another size is drawn, and one that is to be cropped, turned or mirrored; it is sRGB and
 * upright then.
 *
 * The memory moves on when the last share is released: a view that the holder kept is empty, rather than showing the next
 * picture. Shared memory cannot be taken away so: who kept a view of it sees, and can spoil, what comes next. Buffers
 * whose memory was taken away (`postMessage` with a transfer list) are thrown away when they come back.
 *
 * Chromium keeps the colours of a translucent canvas multiplied by alpha in the frame that is made of it, and copies them
 * so. Pictures that come from a handle of `canvasStorage()`, or from its `toVideoFrame()`, are corrected; frames that the
 * application makes of its own canvases, and clones, cannot be told from others. Canvases that are opaque anyway save the
 * look at every pixel with `context: { alpha: false }`.
 *
 * @throws `TypeError` or `RangeError` for a format, a size or a layout that is none.
 */
export function memoryStorage(options: MemoryStorageOptions): MemoryStorage {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `options must be an object with format, codedWidth and codedHeight, got ${shown(options)}`,
    );
  }
  const settings = settingsOf(options);
  // `view` is left out: it exists for the type checker alone.
  return { kind: 'memory', ...settings, [driver]: memoryDriver(settings) } as MemoryStorage;
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

/** How memory with these settings is used. */
export function memoryDriver(settings: Settings): BufferDriver {
  const { format, codedWidth, codedHeight, clear, shared } = settings;
  return {
    bufferBytes: settings.byteLength,
    estimated: false,
    wrap: (line, holder) => new MemoryHandle(line, holder),
    allocate: () => new MemoryItem(settings),
    prepare(item) {
      const memory = itemOf(item);
      memory.facts = defaultFacts(settings);
      if (clear && shared) memory.wipe();
    },
    rest(item) {
      itemOf(item).detachViews();
      if (clear) itemOf(item).wipe();
    },
    free(item) {
      if (clear) itemOf(item).wipe();
      itemOf(item).free();
    },
    isIntact: (item) => itemOf(item).isReusable,
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
    suits(picture, options) {
      const { width, height } = sizeFor(picture, options);
      return width === codedWidth && height === codedHeight && (isRgb(format) || !needsTurning(options));
    },
    resized: (picture, options) => memoryDriver(resizedSettings(settings, picture, options)),
    captured,
    checkCapture: checkDrawing,
    capture: (item, source, options) => capture(itemOf(item), source, options),
    toVideoFrame: (item, init) => frameOf(itemOf(item), init),
    pack: (item, _, isSole) => serialized(itemOf(item), isSole),
    unpack: (item, memory) => itemOf(item).replaceBuffer(memory),
  };
}

function resizedSettings(settings: Settings, picture: Picture, options: CaptureOptions): Settings {
  const { format, rowAlignment, shared, clear } = settings;
  requirePath(picture.format, format);
  if (rowAlignment === null) {
    throw notSupported(
      `sizeChange: 'reconfigure' cannot keep a layout of your own for another size: use rowAlignment, or configure() the pool`,
    );
  }
  if (needsTurning(options) && !isRgb(format)) throw drawingRefused(settings, picture);
  const { width, height } = sizeFor(picture, options);
  requireWhole('the width of the picture', width, 1, MAX_SIDE);
  requireWhole('the height of the picture', height, 1, MAX_SIDE);
  return settingsOf({ format, codedWidth: width, codedHeight: height, rowAlignment, shared, clear });
}

/** What goes to another thread: the memory itself where nobody here has a share, a copy else; what is shared goes nowhere. */
function serialized({ spec, facts, buffer, isReusable }: MemoryItem, isSole: boolean): Parcel {
  if (!isReusable) throw invalidState('the memory of this buffer was transferred to somebody else');
  const returns = isSole && !spec.shared;
  return { memory: { spec, facts, buffer, returns }, transfer: returns ? [buffer as ArrayBuffer] : [] };
}
