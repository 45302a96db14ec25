/** Implementation of `copyFrom()` for pools of buffers: waits for a buffer, lends it and copies the picture into it. */
import { inCall } from '../base/call-site.ts';
import { quotaExceeded } from '../base/errors.ts';
import type { CopySource } from './copy-source.ts';
import { copySource } from './copy-source.ts';
import { PoolCore } from './core.ts';
import type { FrameHandle } from './handle.ts';
import { loanOf } from './handle.ts';
import type { CheckedCopy } from './options.ts';
import type { BufferAllocator, CopyOptions, Storage } from './storage.ts';
import { isBufferAllocator, requireDevice } from './storage.ts';

/** Copies a picture into a buffer of the pool. The source stays its caller's, who also owns the returned share. */
export type CopyFrom = (
  core: PoolCore,
  source: VideoFrame | FrameHandle<Storage>,
  options: CheckedCopy,
) => Promise<FrameHandle<Storage>>;

/** The `copyFrom` of every storage of buffers. */
export const copyFrom: CopyFrom = async (core, from, options) => {
  const source = copySource(from);
  try {
    requireDevice(core.adapter);
    const handle = tryLendFor(core, source, options) ?? (await lendFor(core, source, options));
    try {
      const allocated = core.whenAllocated(handle);
      if (allocated !== null) {
        source.keep();
        await allocated;
      }
      await copyInto(handle, source, options);
    } catch (error) {
      handle.release();
      throw error;
    }
    return handle;
  } finally {
    source.close();
  }
};

/** Copies the picture into the buffer of a handle. A copy that goes on after this call reads a frame that the caller cannot close. */
function copyInto(
  handle: FrameHandle<Storage>,
  source: CopySource,
  options: CopyOptions,
): void | Promise<void> {
  const { adapter, item } = loanOf(handle, 'copyFrom()').slot;
  const buffers = adapter as BufferAllocator;
  // Open a frame even if the canvas is drawn: for a tainted canvas the browser throws here, instead of tainting the copy.
  if (!buffers.isSynchronous(source.open())) source.keep();
  const canvas = buffers.copyCanvas === undefined ? null : source.canvas();
  return canvas === null
    ? buffers.copyInto(item as object, source.open(), options)
    : buffers.copyCanvas?.(item as object, canvas, options);
}

/** Lends a buffer for a picture if one is free now, otherwise returns null. With `'reconfigure'` it has the picture's size. */
function tryLendFor(core: PoolCore, source: CopySource, options: CheckedCopy): FrameHandle<Storage> | null {
  core.requireActive('copyFrom()');
  options.signal?.throwIfAborted();
  core.admission.pruneAborted();
  // Waiters come first and may change the buffers. With `'reject'` the size is checked at once, so a rejection needs no wait.
  if (core.admission.hasPriorWaiter && options.sizeChange !== 'reject') return null;
  const wanted = storageFor(core, source, options);
  return core.admission.canGrantNow(wanted) ? lendNow(core, source, options, wanted) : null;
}

/** As `tryLendFor()`, after a wait. The size is checked again then, because earlier waiters may change the buffers' size. */
function lendFor(core: PoolCore, source: CopySource, options: CheckedCopy): Promise<FrameHandle<Storage>> {
  const wanted = (): BufferAllocator | null => {
    try {
      return storageFor(core, source, options);
    } catch {
      // The wait rejects with this error when its turn comes.
      return null;
    }
  };
  requireRoomBeside(core, source, wanted() ?? (core.adapter as BufferAllocator));
  source.keep();
  const call = core.noteCall();
  return new Promise((resolve, reject) => {
    const lend = () => lendNow(core, source, options, storageFor(core, source, options));
    const grant = (): void => resolve(inCall(call, lend));
    const { signal, holder = 'copyFrom()', starvationMs, sizeChange } = options;
    const own = sizeChange === 'reconfigure' ? { targetStorage: wanted } : {};
    core.admission.waiters.enqueue({ grant, fail: reject, ...own, holder, starvationMs }, signal);
  });
}

/** @throws `QuotaExceededError` if the copy would wait for the slot that it copies from. */
function requireRoomBeside(core: PoolCore, { loan }: CopySource, { bufferBytes }: BufferAllocator): void {
  if (loan === null || !(loan.owner instanceof PoolCore)) return;
  const { limits, name } = loan.owner;
  if (core.limits.fitsBeside(limits, loan.slot.bytes, bufferBytes)) return;
  throw quotaExceeded(
    `copyFrom(): the picture in pool "${name}" and its copy in pool "${core.name}" (${loan.slot.bytes} and ` +
      `${bufferBytes} bytes) exceed the limits that both count against, which must leave room for two`,
  );
}

function lendNow(
  core: PoolCore,
  { timestamp, duration }: CopySource,
  { holder }: CheckedCopy,
  wanted: BufferAllocator | null,
): FrameHandle<Storage> {
  if (wanted === null) return core.lend({ holder, timestamp, duration });
  const { initial, ledger } = core;
  // A new generation of buffers. Waiters are served afterwards, because this caller comes first.
  core.apply({ capacity: ledger.target, initial, maxBytes: ledger.maxBytes, adapter: wanted }, true);
  try {
    return core.lend({ holder, timestamp, duration });
  } finally {
    // Waiters of this pool that were passed over may fit now, with buffers of the new size.
    core.admission.serve();
  }
}

/**
 * Returns the storage that a picture needs according to `sizeChange`; null if the pool's current storage is suitable.
 *
 * @throws `RangeError` if `sizeChange` rejects the picture's size, or if no buffer of that size can be lent;
 *   `NotSupportedError` if buffers of no size can take the picture.
 */
function storageFor(
  { name, adapter, ledger, limits }: PoolCore,
  { picture }: CopySource,
  options: CopyOptions,
): BufferAllocator | null {
  const { sizeChange = 'scale' } = options;
  if (sizeChange === 'scale' || !isBufferAllocator(adapter) || adapter.matches(picture, options)) return null;
  if (sizeChange === 'reject') {
    throw new RangeError(
      `copyFrom(): the picture of ${picture.visibleWidth} × ${picture.visibleHeight} (shown as ` +
        `${picture.displayWidth} × ${picture.displayHeight}) is not of the size of the buffers of pool "${name}"`,
    );
  }
  const resized = adapter.resized(picture, options);
  limits.requireLendable(resized, ledger.maxBytes);
  return resized;
}
