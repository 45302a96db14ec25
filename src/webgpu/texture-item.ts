/** One texture of a pool: how it is made, filled, wiped and found good. */
import { quotaExceeded } from '../errors.ts';
import type { TextureDevice, TextureLike } from './device.ts';
import type { TextureBackingDevice } from './backing-device.ts';

/** How all textures of one storage are made. */
export interface TextureSpec {
  readonly device: TextureDevice;
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly usage: number;
}

/** What a slot holds. */
export class TextureItem {
  readonly texture: TextureLike;
  /** Fulfilled when the GPU has the memory; rejected when it has not, or the device is lost. */
  readonly allocated: Promise<void>;
  #failed = false;

  /** @param backing - Tells of a lost device, on which nothing is made any more. */
  constructor(spec: TextureSpec, backing: TextureBackingDevice) {
    const { device, format, width, height, usage } = spec;
    if (backing.loss !== null) throw backing.loss;
    device.pushErrorScope('out-of-memory');
    // The formats are checked, and a device takes them all; by structure they are `never`, so that any device's type fits.
    try {
      this.texture = device.createTexture({ size: [width, height], format: format as never, usage });
    } catch (error) {
      // The device is the app's, and so is the stack of its scopes: none of ours stays there.
      device.popErrorScope().catch(() => {});
      throw error;
    }
    this.allocated = device.popErrorScope().then(
      (error) => {
        // On a lost device nothing fails: by the specification its scopes end without an error.
        if (backing.loss !== null) throw backing.loss;
        if (error === null) return;
        this.#failed = true;
        throw quotaExceeded(
          `textureStorage(): the GPU has no room for ${width} × ${height} of ${format}: ${error.message}`,
        );
      },
      async () => {
        this.#failed = true;
        // The scope was pushed in the same call, so there is one to pop: an engine that refuses has lost the device, and
        // its `lost` says so better, if later.
        await backing.lost;
        throw backing.loss;
      },
    );
    // Whoever asks for it hears of it; nobody has to.
    this.allocated.catch(() => {});
  }

  /** Whether it can be lent. */
  get isReusable(): boolean {
    return !this.#failed;
  }

  /** Makes all of it transparent black. */
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

  /** Gives the memory up once the work that was submitted is done. */
  destroy(): void {
    this.texture.destroy();
  }
}
