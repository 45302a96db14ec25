/** The device that backs textures, and the error once it is lost. */
import { invalidState } from '../base/errors.ts';
import type { BackingDevice } from '../pool/storage.ts';
import type { TextureDevice } from './device.ts';

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
