/** Implementation of `copyFrom()` for pools of buffers: waits for a buffer, lends it and copies the picture into it. */
import { inCall } from '../base/call-site.ts';
import { quotaExceeded } from '../base/errors.ts';
import { PoolCore } from './core.ts';
import { requireGround } from './ground.ts';
import type { FrameHandle } from './handle.ts';
import type { CheckedCopy } from './options.ts';
import { adoptStorage, storageFor } from './sizing.ts';
import type { OwnedSource } from './source.ts';
import { ownedSource } from './source.ts';
import type { BufferAllocator, Capturing, Storage } from './storage.ts';

/** The `Capturing` function of every storage of buffers. It releases its source on success and on failure. */
export const captured: Capturing = async (core, source, options) => {
  const picture = ownedSource(source);
  try {
    requireGround(core);
    const handle = tryLendFor(core, picture, options) ?? (await lendFor(core, picture, options));
    const settled = core.settled(handle);
    if (settled !== null) await settled;
    try {
      await core.capture(handle, picture, options);
    } catch (error) {
      handle.release();
      throw error;
    }
    return handle;
  } finally {
    picture.close();
  }
};

/** Lends a buffer for a picture if one is free now, otherwise returns null. With `'reconfigure'` it has the picture's size. */
function tryLendFor(core: PoolCore, picture: OwnedSource, options: CheckedCopy): FrameHandle<Storage> | null {
  core.requireActive('copyFrom()');
  options.signal?.throwIfAborted();
  core.admission.pruneAborted();
  // Waiters come first and may change the buffers. With `'reject'` the size is checked at once, so a rejection needs no wait.
  if (core.admission.hasPriorWaiter && options.sizeChange !== 'reject') return null;
  const wanted = storageFor(core, picture.picture, options);
  return core.admission.canGrantNow(wanted) ? lendNow(core, picture, options, wanted) : null;
}

/** As `tryLendFor()`, after a wait. The size is checked again then, because earlier waiters may change the buffers' size. */
function lendFor(core: PoolCore, picture: OwnedSource, options: CheckedCopy): Promise<FrameHandle<Storage>> {
  const ownStorage = (): BufferAllocator | null => storageFor(core, picture.picture, options);
  const wanted = (): BufferAllocator | null => {
    try {
      return ownStorage();
    } catch {
      // The wait rejects with this error when its turn comes.
      return null;
    }
  };
  requireRoomBeside(core, picture, wanted() ?? (core.driver as BufferAllocator));
  const call = core.noteCall();
  return new Promise((resolve, reject) => {
    const grant = (): void => resolve(inCall(call, () => lendNow(core, picture, options, ownStorage())));
    const { signal, holder = 'copyFrom()', starvationMs, sizeChange } = options;
    const own = sizeChange === 'reconfigure' ? { targetStorage: wanted } : {};
    core.admission.waiters.enqueue({ grant, fail: reject, ...own, holder, starvationMs }, signal);
  });
}

/** @throws `QuotaExceededError` if the copy would wait for the slot that it copies from. */
function requireRoomBeside(core: PoolCore, { loan }: OwnedSource, { bufferBytes }: BufferAllocator): void {
  if (loan === null || !(loan.home instanceof PoolCore)) return;
  const { limits, name } = loan.home;
  if (core.limits.fitsBeside(limits, loan.slot.bytes, bufferBytes)) return;
  throw quotaExceeded(
    `copyFrom(): the picture in pool "${name}" and its copy in pool "${core.name}" (${loan.slot.bytes} and ` +
      `${bufferBytes} bytes) exceed the limits that both count against, which must leave room for two`,
  );
}

function lendNow(
  core: PoolCore,
  { timestamp, duration }: OwnedSource,
  { holder }: CheckedCopy,
  wanted: BufferAllocator | null,
): FrameHandle<Storage> {
  if (wanted === null) return core.lend({ holder, timestamp, duration });
  adoptStorage(core, wanted);
  try {
    return core.lend({ holder, timestamp, duration });
  } finally {
    // Waiters of this pool that were passed over may fit now, with buffers of the new size.
    core.admission.serve();
  }
}
