/** Handling of pictures whose size differs from the pool's buffers (`sizeChange`). */
import type { PoolCore } from './core.ts';
import type { BufferAllocator, CopyOptions, Picture } from './storage.ts';
import { isBufferAllocator } from './storage.ts';

/**
 * Returns the storage that a picture needs according to `sizeChange`; null if the pool's current storage is suitable.
 *
 * @throws `RangeError` if `sizeChange` rejects the picture's size, or if no buffer of that size can be lent;
 *   `NotSupportedError` if buffers of no size can take the picture.
 */
export function storageFor(
  core: PoolCore,
  pictureOf: () => Picture,
  options: CopyOptions,
): BufferAllocator | null {
  const { driver, ledger } = core;
  const { sizeChange = 'scale' } = options;
  if (sizeChange === 'scale' || !isBufferAllocator(driver)) return null;
  const picture = pictureOf();
  if (driver.matches(picture, options)) return null;
  if (sizeChange === 'reject') {
    throw new RangeError(
      `copyFrom(): the picture of ${picture.visibleWidth} × ${picture.visibleHeight} (shown as ` +
        `${picture.displayWidth} × ${picture.displayHeight}) is not of the size of the buffers of pool "${core.name}"`,
    );
  }
  const resized = driver.resized(picture, options);
  core.limits.requireLendable(resized, ledger.maxBytes);
  return resized;
}

/** Makes `storage` the pool's storage and starts a new generation. Serves no waiters, because the caller is served first. */
export function adoptStorage(core: PoolCore, storage: BufferAllocator): void {
  const { initial, ledger } = core;
  core.apply({ capacity: ledger.target, initial, maxBytes: ledger.maxBytes, driver: storage }, true);
}
