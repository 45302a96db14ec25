/** From a picture to a buffer that holds a copy of it: waits, lends, copies. */
import { inCall } from '../call-site.ts';
import { quotaExceeded } from '../errors.ts';
import { PoolCore } from './core.ts';
import { requireGround } from './ground.ts';
import type { FrameHandle } from './handle.ts';
import type { CaptureRequest } from './options.ts';
import { adoptStorage, storageFor } from './sizing.ts';
import type { OwnedSource } from './source.ts';
import { ownedSource } from './source.ts';
import type { BufferAllocator, Capturing, Storage } from './storage.ts';

/** For every storage of buffers: waits for one, lends it, has the picture copied. */
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

/** A buffer for a picture, of its size where `sizeChange` asks for that, if one can be had now. */
function tryLendFor(
  core: PoolCore,
  picture: OwnedSource,
  options: CaptureRequest,
): FrameHandle<Storage> | null {
  core.requireActive('capture()');
  options.signal?.throwIfAborted();
  // Others come first, and may change the buffers; but who is refused need not wait for that.
  if (!core.admission.isUnclaimed && options.sizeChange !== 'refuse') return null;
  const wanted = storageFor(core, picture.picture, options);
  const hasRoom = wanted === null ? core.admission.hasRoom : core.admission.hasRoomForOneOf(wanted);
  return hasRoom ? lendNow(core, picture, options, wanted) : null;
}

/** Waits for a buffer; as above. Those before may leave the pool with buffers of another size. */
function lendFor(
  core: PoolCore,
  picture: OwnedSource,
  options: CaptureRequest,
): Promise<FrameHandle<Storage>> {
  const ownStorage = (): BufferAllocator | null => storageFor(core, picture.picture, options);
  const wanted = (): BufferAllocator | null => {
    try {
      return ownStorage();
    } catch {
      // It is refused in its turn, with this error.
      return null;
    }
  };
  requireRoomBeside(core, picture, wanted() ?? (core.driver as BufferAllocator));
  const call = core.noteCall();
  return new Promise((resolve, reject) => {
    const grant = (): void => resolve(inCall(call, () => lendNow(core, picture, options, ownStorage())));
    core.admission.waiters.join({ grant, fail: reject, wanted }, options.signal);
  });
}

/** @throws `QuotaExceededError` where the copy would wait for the very slot that it is to be copied from. */
function requireRoomBeside(core: PoolCore, { loan }: OwnedSource, { bufferBytes }: BufferAllocator): void {
  if (loan === null || !(loan.home instanceof PoolCore)) return;
  const { admission, name } = loan.home;
  if (core.admission.fitsBeside(admission, loan.slot.bytes, bufferBytes)) return;
  throw quotaExceeded(
    `capture(): the picture in pool "${name}" and its copy in pool "${core.name}" (${loan.slot.bytes} and ` +
      `${bufferBytes} bytes) are more than the limits allow that both count against: they must leave room for two`,
  );
}

function lendNow(
  core: PoolCore,
  { timestamp, duration }: OwnedSource,
  { holder }: CaptureRequest,
  wanted: BufferAllocator | null,
): FrameHandle<Storage> {
  if (wanted !== null) adoptStorage(core, wanted);
  return core.lend({ holder, timestamp, duration });
}
