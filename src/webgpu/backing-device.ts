/** The device that textures live on, and what is said once it is lost. */
import { invalidState } from '../errors.ts';
import type { Ground } from '../pool/storage.ts';
import type { TextureDevice } from './device.ts';

/** One for each storage: hears of the loss before any pool that asks it. */
export class TextureBackingDevice implements Ground {
  readonly lost: Promise<void>;
  #loss: DOMException | null = null;

  constructor(device: TextureDevice) {
    this.lost = device.lost.then(({ reason, message }) => {
      this.#loss = invalidState(
        `the GPU device is lost (${reason}${message === '' ? '' : `: ${message}`}), and its textures with it: ` +
          `pool.configure({ storage: textureStorage({ device: … }) }) goes on with another`,
      );
    });
  }

  get loss(): DOMException | null {
    return this.#loss;
  }
}
