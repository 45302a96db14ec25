/** Detection of the loss of the device that backs a pool's buffers, such as a `GPUDevice`. */
import type { PoolCore } from './core.ts';
import type { StorageAdapter, Ground } from './storage.ts';
import { isBufferAllocator } from './storage.ts';

/** Returns the device that backs a storage's buffers, if they have one that can be lost; otherwise null. */
export const groundOf = (driver: StorageAdapter): Ground | null =>
  isBufferAllocator(driver) ? (driver.ground ?? null) : null;

/** Notifies the pool when the device is lost. It refers to the pool weakly, because a device may outlive the pool by far. */
export function watchGround(core: PoolCore): void {
  const ground = groundOf(core.driver);
  if (ground === null) return;
  const weak = new WeakRef(core);
  const onLost = (): void => weak.deref()?.loseGround(ground);
  ground.lost.then(onLost, onLost);
}

/** @throws The error of the loss if the device is lost, because no buffer can be allocated then. */
export function requireGround({ driver }: PoolCore): void {
  const loss = groundOf(driver)?.loss ?? null;
  if (loss !== null) throw loss;
}
