/** What becomes of a picture that is not of the size of the pool's buffers. */
import type { PoolCore } from './core.ts';
import type { BufferAllocator, CaptureOptions, Picture } from './storage.ts';
import { isBufferAllocator } from './storage.ts';

/**
 * The storage that a picture asks for where `sizeChange` says so; null where the pool's own will do.
 *
 * @throws `RangeError` where a picture of another size is refused, or no buffer of its size can be lent;
 *   `NotSupportedError` where no size of buffers would help.
 */
export function storageFor(
  core: PoolCore,
  pictureOf: () => Picture,
  options: CaptureOptions,
): BufferAllocator | null {
  const { driver, ledger } = core;
  const { sizeChange = 'fit' } = options;
  if (sizeChange === 'fit' || !isBufferAllocator(driver)) return null;
  const picture = pictureOf();
  if (driver.matches(picture, options)) return null;
  if (sizeChange === 'refuse') {
    throw new RangeError(
      `capture(): the picture of ${picture.visibleWidth} × ${picture.visibleHeight} (shown as ` +
        `${picture.displayWidth} × ${picture.displayHeight}) is not of the size of the buffers of pool "${core.name}"`,
    );
  }
  const resized = driver.resized(picture, options);
  core.admission.requireLendable(resized, ledger.maxBytes);
  return resized;
}

/** Makes it the pool's own: a new generation. Serves nobody: who asks comes first. */
export function adoptStorage(core: PoolCore, storage: BufferAllocator): void {
  const { initial, ledger } = core;
  core.apply({ capacity: ledger.target, initial, maxBytes: ledger.maxBytes, driver: storage }, true);
}
