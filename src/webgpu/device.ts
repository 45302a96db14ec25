/**
 * The device that backs textures: its loss, and structural types of the parts of WebGPU that are used, because TypeScript
 * before 7 lacks `GPUDevice`. Parameters are `never` if a device takes its own types there, so that every device's type is assignable.
 */
import { invalidState } from '../base/errors.ts';
import type { BackingDevice } from '../pool/storage.ts';

/** A texture. Its actual type is the device's. */
export interface TextureLike {
  /** As `GPUTexture.createView()`. */
  createView(): object;
  /** As `GPUTexture.destroy()`. */
  destroy(): void;
}

/** The part of a `GPUQueue` that is used. */
export interface TextureQueue {
  /** As `GPUQueue.submit()`. */
  submit(commands: Iterable<never>): void;
  /** As `GPUQueue.copyExternalImageToTexture()`. */
  copyExternalImageToTexture(
    source: { source: OffscreenCanvas | VideoFrame },
    destination: { texture: never; premultipliedAlpha?: boolean },
    size: readonly [number, number],
  ): void;
}

/** The part of a `GPUDevice` that is used; a real one is assignable. */
export interface TextureDevice {
  /** As `GPUDevice.limits`. */
  readonly limits: {
    /** Maximum width and height of a texture, in pixels. */
    readonly maxTextureDimension2D: number;
  };
  /** As `GPUDevice.lost`. */
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  /** As `GPUDevice.queue`. */
  readonly queue: TextureQueue;
  /** As `GPUDevice.createTexture()`. */
  createTexture(descriptor: {
    size: [number, number];
    format: never;
    usage: number;
    label?: string;
  }): TextureLike;
  /** As `GPUDevice.createCommandEncoder()`. */
  createCommandEncoder(): {
    beginRenderPass(descriptor: never): { end(): void };
    finish(): object;
  };
  /** As `GPUDevice.pushErrorScope()`. */
  pushErrorScope(filter: 'out-of-memory'): void;
  /** As `GPUDevice.popErrorScope()`. */
  popErrorScope(): Promise<{ readonly message: string } | null>;
}

/** Type of the textures that a device creates. */
export type TextureOf<D extends TextureDevice> = ReturnType<D['createTexture']>;

/** One instance per storage. It records the loss before any pool that depends on it. */
export class TextureBackingDevice implements BackingDevice {
  readonly lost: Promise<void>;
  #lostError: DOMException | null = null;

  constructor(device: TextureDevice) {
    this.lost = device.lost.then(({ reason, message }) => {
      this.#lostError = invalidState(
        `textureStorage(): the GPU device is lost (${reason}${message === '' ? '' : `: ${message}`}) and its textures with it: ` +
          `call pool.configure({ storage: textureStorage({ device: … }) }) with another device`,
      );
    });
  }

  get lostError(): DOMException | null {
    return this.#lostError;
  }
}
