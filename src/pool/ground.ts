/** Hears of the loss of what a pool's buffers stand on, such as a GPU device. */
import type { PoolCore } from './core.ts';
import type { StorageAdapter, Ground } from './storage.ts';
import { isBufferAllocator } from './storage.ts';

/** What the buffers of a storage stand on, where that can be lost. */
export const groundOf = (driver: StorageAdapter): Ground | null =>
  isBufferAllocator(driver) ? (driver.ground ?? null) : null;

/** Tells the pool once the ground of its buffers is lost. Weakly: a device may outlive the pool by far. */
export function watchGround(core: PoolCore): void {
  const ground = groundOf(core.driver);
  if (ground === null) return;
  const weak = new WeakRef(core);
  const onLost = (): void => weak.deref()?.loseGround(ground);
  ground.lost.then(onLost, onLost);
}

/** @throws The loss, where what the pool's buffers stand on is lost: no buffer can be had then. */
export function requireGround({ driver }: PoolCore): void {
  const loss = groundOf(driver)?.loss ?? null;
  if (loss !== null) throw loss;
}
