/**
 * What is asked of a WebGPU device, by structure: TypeScript before 7 does not know `GPUDevice`. `never` stands where a
 * device takes types of its own, so that every device's type fits.
 */

/** A texture: its own type is the device's. */
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
    /** The largest width and height of a texture, in pixels. */
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

/** The type of the textures that a device makes. */
export type TextureOf<D extends TextureDevice> = ReturnType<D['createTexture']>;
