/** From a picture to a buffer that holds a copy of it: waits, lends, copies. */
import type { PoolCore } from './core.ts';
import { requireGround } from './ground.ts';
import type { FrameHandle } from './handle.ts';
import type { CaptureRequest } from './options.ts';
import { suit } from './sizing.ts';
import type { OwnedSource } from './source.ts';
import type { Storage } from './storage.ts';
import { inTurn } from './turns.ts';

/** Copies a picture, which is let go whatever happens, into a buffer of a pool of buffers. One share, the caller's. */
export async function captured(
  core: PoolCore,
  picture: OwnedSource,
  options: CaptureRequest,
): Promise<FrameHandle<Storage>> {
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
}

/** A buffer for a picture, of its size where `sizeChange` asks for that, if one can be had now. */
function tryLendFor(
  core: PoolCore,
  picture: OwnedSource,
  options: CaptureRequest,
): FrameHandle<Storage> | null {
  core.requireActive('capture()');
  options.signal?.throwIfAborted();
  if (!core.admission.isUnclaimed) {
    // Others come first, and the buffers are theirs; but who is refused need not wait for it.
    if (options.sizeChange === 'refuse') suit(core, picture.size, options);
    return null;
  }
  suit(core, picture.size, options);
  return core.admission.hasRoom ? lendNow(core, picture, options) : null;
}

/** Waits for a buffer; as above. Those before may leave the pool with buffers of another size. */
const lendFor = (
  core: PoolCore,
  picture: OwnedSource,
  options: CaptureRequest,
): Promise<FrameHandle<Storage>> =>
  inTurn(
    core,
    'capture()',
    () => (suit(core, picture.size, options) ? lendNow(core, picture, options) : null),
    options.signal,
  );

const lendNow = (
  core: PoolCore,
  { timestamp, duration }: OwnedSource,
  { holder }: CaptureRequest,
): FrameHandle<Storage> => core.lend({ holder, timestamp, duration });
