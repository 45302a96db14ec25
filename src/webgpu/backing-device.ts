/** The device that backs textures, and the error once it is lost. */
import { invalidState } from '../base/errors.ts';
import type { Ground } from '../pool/storage.ts';
import type { TextureDevice } from './device.ts';

/** One instance per storage. It records the loss before any pool that depends on it. */
export class TextureBackingDevice implements Ground {
  readonly lost: Promise<void>;
  #loss: DOMException | null = null;

  constructor(device: TextureDevice) {
    this.lost = device.lost.then(({ reason, message }) => {
      this.#loss = invalidState(
        `textureStorage(): the GPU device is lost (${reason}${message === '' ? '' : `: ${message}`}) and its textures with it: ` +
          `call pool.configure({ storage: textureStorage({ device: … }) }) with another device`,
      );
    });
  }

  get loss(): DOMException | null {
    return this.#loss;
  }
}
