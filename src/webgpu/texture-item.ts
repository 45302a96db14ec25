/** `TextureItem`: one texture of a pool, its allocation and its state; and the formats of textures. */
import { quotaExceeded } from '../base/errors.ts';
import type { TextureBackingDevice, TextureDevice, TextureLike } from './device.ts';

/** Bytes of a pixel in each format that `copyExternalImageToTexture()` supports. */
const BYTES_PER_PIXEL = {
  rgba8unorm: 4,
  'rgba8unorm-srgb': 4,
  bgra8unorm: 4,
  'bgra8unorm-srgb': 4,
  rgb10a2unorm: 4,
  rgba16float: 8,
  rgba32float: 16,
  r8unorm: 1,
  r16float: 2,
  r32float: 4,
  rg8unorm: 2,
  rg16float: 4,
  rg32float: 8,
} as const;

/** Name of a texture format, as in WebGPU. */
export type TextureFormat = keyof typeof BYTES_PER_PIXEL;

/** Every format, in the order that error messages use. */
export const TEXTURE_FORMATS: readonly string[] = Object.keys(BYTES_PER_PIXEL);

/** Whether pictures can be copied into textures of this format. */
export const isTextureFormat = (format: unknown): format is TextureFormat =>
  typeof format === 'string' && TEXTURE_FORMATS.includes(format);

/** Bytes of one pixel. */
export const bytesPerPixel = (format: TextureFormat): number => BYTES_PER_PIXEL[format];

/** Properties of all textures of one storage. */
export interface TextureSpec {
  readonly device: TextureDevice;
  readonly format: TextureFormat;
  readonly width: number;
  readonly height: number;
  readonly usage: number;
}

/** Content of a slot. */
export class TextureItem {
  readonly texture: TextureLike;
  /** Resolves when the GPU has allocated the memory; rejects if it has not, or if the device is lost. */
  readonly allocated: Promise<void>;
  #failed = false;

  /** @param backing - Reports a lost device, on which no texture can be created. */
  constructor(spec: TextureSpec, backing: TextureBackingDevice) {
    const { device, format, width, height, usage } = spec;
    if (backing.lostError !== null) throw backing.lostError;
    device.pushErrorScope('out-of-memory');
    // The formats are checked, and a device takes all of them. Their structural type is `never`, so that any device's
    // type is assignable.
    try {
      this.texture = device.createTexture({ size: [width, height], format: format as never, usage });
    } catch (error) {
      // The error scopes belong to the app, so none of the library's may stay on the stack.
      device.popErrorScope().catch(() => {});
      throw error;
    }
    this.allocated = device.popErrorScope().then(
      (error) => {
        // On a lost device nothing fails: by the specification its scopes end without an error.
        if (backing.lostError !== null) throw backing.lostError;
        if (error === null) return;
        this.#failed = true;
        throw quotaExceeded(
          `textureStorage(): the GPU has no memory for ${width} × ${height} pixels of ${format}: ${error.message}`,
        );
      },
      async () => {
        this.#failed = true;
        // The error scope was pushed in the same call, so popping it rejects only if the device is lost. `lost` may resolve
        // later, but has the more precise error.
        await backing.lost;
        throw backing.lostError;
      },
    );
    // Callers that read `allocated` handle the rejection. Without one it is not reported.
    this.allocated.catch(() => {});
  }

  /** Whether the texture can be lent again. */
  get isReusable(): boolean {
    return !this.#failed;
  }

  /** Fills the texture with transparent black. */
  clear({ device }: TextureSpec): void {
    const encoder = device.createCommandEncoder();
    const attachment = {
      view: this.texture.createView(),
      loadOp: 'clear',
      storeOp: 'store',
      clearValue: [0, 0, 0, 0],
    };
    encoder.beginRenderPass({ colorAttachments: [attachment] } as never).end();
    device.queue.submit([encoder.finish()] as never[]);
  }

  /** Frees the memory once the submitted work is done. */
  destroy(): void {
    this.texture.destroy();
  }
}
