/** Slots that hold GPU textures, filled again and again. */
import { notSupported, requireWhole, shown } from '../errors.ts';
import { captured } from '../pool/capture.ts';
import { HandleBase, loanOf } from '../pool/handle.ts';
import type { BufferDriver, BufferStorage } from '../pool/storage.ts';
import { driver } from '../pool/storage.ts';
import { checkDrawing, drawnSize } from '../storage/draw.ts';
import type { TextureDevice, TextureLike, TextureOf } from './device.ts';
import type { TextureFormat } from './formats.ts';
import { bytesPerPixel, isTextureFormat, TEXTURE_FORMATS } from './formats.ts';
import { TextureBackingDevice } from './backing-device.ts';
import { PictureCopier, showsAs } from './picture-copier.ts';
import type { TextureSpec } from './texture-item.ts';
import { TextureItem } from './texture-item.ts';

/** Slots that hold textures of one format and size. */
export interface TextureStorage<Texture extends object = TextureLike> extends BufferStorage {
  /** Which storage it is. */
  readonly kind: 'texture';
  /** The format of each texture. */
  readonly format: TextureFormat;
  /** Width of each texture in pixels. */
  readonly width: number;
  /** Height of each texture in pixels. */
  readonly height: number;
  /** Whether textures are wiped before they are lent again. */
  readonly clear: boolean;
  /** What a handle shows: the texture. For the type checker only. */
  readonly view: {
    /**
     * The texture, lent: to sample, to draw on and to copy from, until the share is released, and not to be destroyed.
     * Work that was submitted and still reads it wants `releaseAfter(device.queue.onSubmittedWorkDone())`.
     *
     * @throws `InvalidStateError` when this share was released.
     */
    readonly texture: Texture;
  };
}

/** What `textureStorage()` takes. */
export interface TextureStorageOptions<Device extends TextureDevice = TextureDevice> {
  /** The `GPUDevice` that the textures are made on. It stays the app's. */
  readonly device: Device;
  /** Width of each texture in pixels, from 1 to the device's `maxTextureDimension2D`. */
  readonly width: number;
  /** Height of each texture in pixels, likewise. */
  readonly height: number;
  /** One that `copyExternalImageToTexture()` takes; `'rgba8unorm'` by default. */
  readonly format?: TextureFormat;
  /**
   * `GPUTextureUsage` flags beyond copying from and to, sampling and drawing on. Flags that the device does not allow for
   * the format make textures that are not valid, of which the device tells as of any: by its `uncapturederror`.
   */
  readonly usage?: number;
  /**
   * Whether a texture that was lent before is made transparent black. False by default: a new holder who does not overwrite
   * all of it sees the last picture.
   */
  readonly clear?: boolean;
}

/** COPY_SRC, COPY_DST, TEXTURE_BINDING and RENDER_ATTACHMENT, by the numbers of the WebGPU specification. */
const USAGE = 0x01 | 0x02 | 0x04 | 0x10;

/** `GPUTextureUsageFlags` are 32 bits. */
const MAX_USAGE = 2 ** 32 - 1;

/** How the textures of a storage are made, and wiped. */
interface Settings extends TextureSpec {
  readonly format: TextureFormat;
  readonly clear: boolean;
}

/** A share of a texture. */
class TextureHandle extends HandleBase<TextureStorage> {
  get texture(): TextureLike {
    return itemOf(loanOf(this, 'texture').slot.item).texture;
  }
}

/** A slot of this storage holds nothing else. */
function itemOf(item: object | null): TextureItem {
  if (item instanceof TextureItem) return item;
  throw new TypeError('not a texture of textureStorage()');
}

/**
 * Textures of one format and size, which a pool lends by `acquire()` and `capture()` and reuses.
 *
 * `capture()` copies a picture as it is shown: turned, mirrored, with square pixels, scaled to fit; alpha is not premultiplied. The
 * copy is queued on the device, behind what was submitted before and ahead of what comes later. Where it cannot be made
 * directly it goes by way of a canvas of the textures' size, one for a storage, which is in no pool's account.
 * `handle.toVideoFrame()` is not to be had: pixels come back from a GPU later than a call can wait for.
 *
 * A lost device takes all textures along: idle ones go at once, those that are out when they come back, and who waits is
 * told (`InvalidStateError`). The bytes are an estimate: what the format says.
 *
 * @throws `TypeError` or `RangeError` for an option that is none.
 */
export function textureStorage<Device extends TextureDevice>(
  options: TextureStorageOptions<Device>,
): TextureStorage<TextureOf<Device>> {
  const settings = checkedSettings(options);
  const { format, width, height, clear } = settings;
  // `view` is left out: it exists for the type checker alone.
  return {
    kind: 'texture',
    format,
    width,
    height,
    clear,
    [driver]: textureDriver(settings, new TextureBackingDevice(settings.device)),
  } as TextureStorage<TextureOf<Device>>;
}

function checkedSettings(options: TextureStorageOptions): Settings {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`options must be an object with device, width and height, got ${shown(options)}`);
  }
  const { device, format = 'rgba8unorm', usage = 0 } = options;
  if (typeof (device as Partial<TextureDevice> | undefined)?.createTexture !== 'function') {
    throw new TypeError(`device must be a GPUDevice, got ${shown(device)}`);
  }
  if (!isTextureFormat(format)) {
    throw new TypeError(`format must be one of ${TEXTURE_FORMATS.join(', ')}, got ${shown(format)}`);
  }
  const most = device.limits.maxTextureDimension2D;
  const width = requireWhole('width', options.width, 1, most);
  const height = requireWhole('height', options.height, 1, most);
  requireWhole('usage', usage, 0, MAX_USAGE);
  return { device, format, width, height, usage: (usage | USAGE) >>> 0, clear: options.clear === true };
}

function textureDriver(settings: Settings, backing: TextureBackingDevice): BufferDriver {
  const { device, format, width, height, clear } = settings;
  const copier = new PictureCopier(settings, backing);
  return {
    bufferBytes: width * height * bytesPerPixel(format),
    estimated: true,
    ground: backing,
    wrap: (line, holder) => new TextureHandle(line, holder),
    allocate: () => new TextureItem(settings, backing),
    allocated: (item) => itemOf(item).allocated,
    prepare(item) {
      if (clear) itemOf(item).clear(settings);
    },
    isIntact: (item) => backing.loss === null && itemOf(item).isReusable,
    free: (item) => itemOf(item).destroy(),
    measure: () => ({
      format: null,
      visibleWidth: width,
      visibleHeight: height,
      displayWidth: width,
      displayHeight: height,
    }),
    suits(picture, options) {
      const drawn = drawnSize(picture, options);
      return drawn.width === width && drawn.height === height;
    },
    resized(picture, options) {
      const drawn = drawnSize(picture, options);
      const most = device.limits.maxTextureDimension2D;
      requireWhole('the width of the picture', drawn.width, 1, most);
      requireWhole('the height of the picture', drawn.height, 1, most);
      return textureDriver({ ...settings, ...drawn }, backing);
    },
    captured,
    checkCapture: checkDrawing,
    captureCanvas: (item, canvas, options) => copier.copyCanvas(itemOf(item), canvas, options),
    capture(item, frame, options) {
      const { rotation = 0, flip = false } = options;
      const upright = rotation === 0 && !flip;
      return copier.copy(itemOf(item), frame, options, upright && showsAs(frame, width, height));
    },
    toVideoFrame() {
      throw notSupported(
        'toVideoFrame(): the pixels of a texture come back from the GPU later than a call can wait for: draw it on a canvas',
      );
    },
  };
}
