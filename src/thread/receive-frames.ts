/** The frames that pools of other threads lend to this one. */
import { invalidState, requireWhole } from '../errors.ts';
import { requirePlatform } from '../pool/frames.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import { checkWait } from '../pool/options.ts';
import type { Storage } from '../pool/storage.ts';
import { Receiver } from './receiver.ts';
import { respond } from './responder.ts';
import type { MessageEnd } from './handshake.ts';
import { requireEnd } from './handshake.ts';
import type { Received } from './remote-pool.ts';
import { ReceivedFrames } from './received-frames.ts';
import { MAX_CREDIT } from './wire.ts';

/** How frames are received. */
export interface ReceiveFramesOptions {
  /** Ends the iteration with its reason; what came and was not taken goes home. */
  readonly signal?: AbortSignal | undefined;
  /** Frames of each pool that may be on their way, or wait here to be taken, 1 to 2^20. 1 by default; the others wait in the pool. */
  readonly ahead?: number | undefined;
  /** The name of every handle, for `holder` and for the pool's notice of one that was forgotten. By default the sender's. */
  readonly holder?: string | undefined;
}

/**
 * Receives what `connectPool()` and `link.send()` lend to this thread or window.
 *
 * Each handle is the caller's, and works as in the pool's own thread: shares, `using`, `copyTo()`, the net. Its last release tells the
 * pool. Pools that are linked with this end later come into the same iteration, which is over when the last of its links has ended.
 * `break`, `return()` also while a `next()` is pending, and an abort send home what was not taken and end the links; handles that were
 * taken stay, and go home as they are released.
 *
 * @param from - `self` in a dedicated worker; or a `MessagePort` whose other end the pool's thread gave to `connectPool()`.
 * @returns One iteration an end at a time. The type says what the pools' storage shows: `receiveFrames<MemoryStorage>(self)`;
 *   decoded frames and canvases both show `frame`.
 * @throws `TypeError` or `RangeError` for a wrong argument; `InvalidStateError` where frames are received from this end already.
 * @throws `NotSupportedError` where frames do not exist: in shared and service workers. The pool's side is told.
 */
export function receiveFrames<S extends Storage = DecodedStorage>(
  from: MessagePort | MessageEnd,
  options: ReceiveFramesOptions = {},
): AsyncIterableIterator<Received<S>> {
  requireEnd('from', from);
  checkWait(options);
  const { signal, holder } = options;
  const ahead = requireWhole('ahead', options.ahead ?? 1, 1, MAX_CREDIT);
  try {
    requirePlatform('receiveFrames()', 'VideoFrame', 'FinalizationRegistry');
  } catch (error) {
    const refusal = (error as DOMException).message;
    respond(from, 'frames', { refusal, accept: refused, onInvalid() {} });
    throw error;
  }
  if (Receiver.isActiveAt(from)) {
    throw invalidState('receiveFrames(): frames are received from this end already');
  }
  const receiver = new Receiver(from, ahead, holder);
  // What a storage shows is for the caller to know: it goes by what the pool over there holds.
  return new ReceivedFrames(receiver, signal) as unknown as AsyncIterableIterator<Received<S>>;
}

function refused(): never {
  throw new TypeError('nobody is let in here');
}
