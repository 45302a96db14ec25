/** What becomes of a picture that is not of the size of the pool's buffers. */
import type { PoolCore } from './core.ts';
import type { CaptureOptions, PictureSize } from './storage.ts';
import { isBufferDriver } from './storage.ts';

/**
 * Makes the buffers suit a picture that is to be captured, where `sizeChange` says so. Serves nobody: who asks comes first.
 *
 * @returns Whether there is still room to lend one: larger buffers may have to wait for bytes.
 * @throws `RangeError` where a picture of another size is refused, or no buffer of its size can be lent.
 */
export function suit(core: PoolCore, sizeOf: () => PictureSize, options: CaptureOptions): boolean {
  const { driver, ledger, initial } = core;
  const { sizeChange = 'fit' } = options;
  if (sizeChange === 'fit' || !isBufferDriver(driver)) return true;
  const picture = sizeOf();
  if (driver.suits(picture, options)) return true;
  if (sizeChange === 'refuse') {
    throw new RangeError(
      `capture(): the picture of ${picture.visibleWidth} × ${picture.visibleHeight} (shown as ` +
        `${picture.displayWidth} × ${picture.displayHeight}) is not of the size of the buffers of pool "${core.name}"`,
    );
  }
  const resized = driver.resized(picture, options);
  core.apply({ capacity: ledger.target, initial, maxBytes: ledger.maxBytes, driver: resized }, true);
  return core.admission.admitsOne;
}
