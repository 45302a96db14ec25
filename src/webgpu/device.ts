/**
 * Structural types of the parts of WebGPU that are used, because TypeScript before 7 lacks `GPUDevice`. Parameters are
 * `never` if a device takes its own types there, so that every device's type is assignable.
 */

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
