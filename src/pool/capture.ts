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
  const before = core.driver;
  suit(core, picture.size, options);
  // Other buffers may be smaller, and serve who could not be served before.
  if (core.driver !== before) core.admission.serve();
  return core.admission.hasRoom ? lendNow(core, picture, options) : null;
}

/** Waits for a buffer; as above. */
async function lendFor(
  core: PoolCore,
  picture: OwnedSource,
  options: CaptureRequest,
): Promise<FrameHandle<Storage>> {
  // Another capture may change the size during the wait.
  const take = (): FrameHandle<Storage> | null =>
    suit(core, picture.size, options) ? lendNow(core, picture, options) : null;
  for (;;) {
    const handle = await inTurn(core, 'capture()', take, options.signal);
    if (handle !== null) return handle;
  }
}

const lendNow = (
  core: PoolCore,
  { timestamp, duration }: OwnedSource,
  { holder }: CaptureRequest,
): FrameHandle<Storage> => core.lend({ holder, timestamp, duration });
