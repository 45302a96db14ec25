/** Hears of the loss of what a pool's buffers stand on, such as a GPU device. */
import type { PoolCore } from './core.ts';
import { isBufferDriver } from './storage.ts';

/** Tells the pool once the ground of its buffers is lost. Weakly: a device may outlive the pool by far. */
export function watchGround(core: PoolCore): void {
  const { driver } = core;
  if (!isBufferDriver(driver) || driver.ground === undefined) return;
  const { ground } = driver;
  const weak = new WeakRef(core);
  const onLost = (): void => weak.deref()?.loseGround(ground);
  ground.lost.then(onLost, onLost);
}
