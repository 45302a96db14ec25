/** `textureStorage()`: slots that hold reusable GPU textures. */
import { notSupported, requireWhole, shown } from '../base/errors.ts';
import { copyFrom } from '../pool/copy-from.ts';
import { HandleBase, loanOf } from '../pool/handle.ts';
import type { BufferAllocator, BufferStorage } from '../pool/storage.ts';
import { storageAdapter } from '../pool/storage.ts';
import { drawnBuffers, drawnSize } from '../storage/draw.ts';
import type { TextureDevice, TextureLike, TextureOf } from './device.ts';
import { TextureBackingDevice } from './device.ts';
import { PictureCopier, showsAs } from './picture-copier.ts';
import type { TextureFormat, TextureSpec } from './texture-item.ts';
import { bytesPerPixel, isTextureFormat, TEXTURE_FORMATS, TextureItem } from './texture-item.ts';

/** A storage of textures of one format and size. */
export interface TextureStorage<Texture extends object = TextureLike> extends BufferStorage {
  /** Type of the storage. */
  readonly kind: 'texture';
  /** Format of each texture. */
  readonly format: TextureFormat;
  /** Width of each texture in pixels. */
  readonly width: number;
  /** Height of each texture in pixels. */
  readonly height: number;
  /** Whether textures are cleared before they are lent again. */
  readonly clear: boolean;
  /** View of a handle: the texture. For the type checker only. */
  readonly view: {
    /**
     * The texture, lent until the share is released. Holders may sample it, draw on it and copy from it, and must not
     * destroy it. If submitted work still reads it, release by `releaseAfter(device.queue.onSubmittedWorkDone())`.
     *
     * @throws `InvalidStateError` if this share was released.
     */
    readonly texture: Texture;
  };
}

/** Options of `textureStorage()`. */
export interface TextureStorageOptions<Device extends TextureDevice = TextureDevice> {
  /** The `GPUDevice` that creates the textures. It stays the app's. */
  readonly device: Device;
  /** Width of each texture in pixels, from 1 to the device's `maxTextureDimension2D`. */
  readonly width: number;
  /** Height of each texture in pixels, likewise. */
  readonly height: number;
  /** A format that `copyExternalImageToTexture()` supports; `'rgba8unorm'` by default. */
  readonly format?: TextureFormat;
  /**
   * `GPUTextureUsage` flags in addition to copying from and to, sampling and drawing. Flags that the device does not
   * allow for the format create invalid textures, which the device reports as any other, by `uncapturederror`.
   */
  readonly usage?: number;
  /**
   * Whether a texture is cleared to transparent black before it is lent again. False by default: a new holder that does
   * not overwrite all of it sees the last picture.
   */
  readonly clear?: boolean;
}

/** COPY_SRC, COPY_DST, TEXTURE_BINDING and RENDER_ATTACHMENT, by the numbers of the WebGPU specification. */
const USAGE = 0x01 | 0x02 | 0x04 | 0x10;

/** `GPUTextureUsageFlags` are 32 bits. */
const MAX_USAGE = 2 ** 32 - 1;

/** Settings of a storage. */
interface Settings extends TextureSpec {
  readonly clear: boolean;
}

/** A share of a texture. */
class TextureHandle extends HandleBase<TextureStorage> {
  get texture(): TextureLike {
    return itemOf(loanOf(this, 'texture').slot.item).texture;
  }
}

/** Narrows the content of a slot. A slot of this storage holds nothing else. */
function itemOf(item: object | null): TextureItem {
  if (item instanceof TextureItem) return item;
  throw new TypeError('not a texture of textureStorage()');
}

/**
 * A storage of GPU textures of one format and size. A pool lends them by `acquire()` and `copyFrom()` and reuses them.
 *
 * `copyFrom()` copies a picture as it is shown: turned, mirrored, with square pixels, scaled to fit. Alpha is not
 * premultiplied. The copy is queued on the device, after earlier submitted work and before later work. A copy that
 * cannot be made directly goes through a canvas of the textures' size, one per storage, which is not counted by any
 * pool. `handle.toVideoFrame()` is not supported, because reading pixels back from a GPU takes longer than a call can
 * wait.
 *
 * When the device is lost, its textures are discarded: idle ones at once, lent ones at their last release. Pending
 * acquires reject (`InvalidStateError`). The bytes are an estimate, by the size of the format.
 *
 * @throws `TypeError` or `RangeError` for an invalid option.
 */
export function textureStorage<Device extends TextureDevice>(
  options: TextureStorageOptions<Device>,
): TextureStorage<TextureOf<Device>> {
  const settings = checkedSettings(options);
  const { format, width, height, clear } = settings;
  // `view` is left out: it exists only for the type checker.
  return {
    kind: 'texture',
    format,
    width,
    height,
    clear,
    [storageAdapter]: textureAllocator(settings, new TextureBackingDevice(settings.device)),
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

function textureAllocator(settings: Settings, backing: TextureBackingDevice): BufferAllocator {
  const { device, format, width, height, clear } = settings;
  const copier = new PictureCopier(settings, backing);
  return {
    ...drawnBuffers(width, height),
    bufferBytes: width * height * bytesPerPixel(format),
    isEstimated: true,
    device: backing,
    wrap: (loan, holder) => new TextureHandle(loan, holder),
    allocate: () => new TextureItem(settings, backing),
    allocated: (item) => itemOf(item).allocated,
    reset(item) {
      if (clear) itemOf(item).clear(settings);
    },
    isReusable: (item) => backing.lostError === null && itemOf(item).isReusable,
    free: (item) => itemOf(item).destroy(),
    resized(picture, options) {
      const drawn = drawnSize(picture, options);
      const most = device.limits.maxTextureDimension2D;
      requireWhole('the width of the picture', drawn.width, 1, most);
      requireWhole('the height of the picture', drawn.height, 1, most);
      return textureAllocator({ ...settings, ...drawn }, backing);
    },
    copyFrom,
    copyCanvas: (item, canvas, options) => copier.copyCanvas(itemOf(item), canvas, options),
    copyInto(item, frame, options) {
      const { rotation = 0, flip = false } = options;
      const upright = rotation === 0 && !flip;
      return copier.copy(itemOf(item), frame, options, upright && showsAs(frame, width, height));
    },
    toVideoFrame() {
      throw notSupported(
        'toVideoFrame(): not supported for textures, because reading their pixels back from the GPU is asynchronous: draw the texture on a canvas',
      );
    },
  };
}
