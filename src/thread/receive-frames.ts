/** `receiveFrames()`: iterates the frames that pools of other threads lend to this one. */
import type { PullSink, PullSource } from '../base/pull-queue.ts';
import { PullQueue } from '../base/pull-queue.ts';
import { invalidState, requireWhole } from '../base/errors.ts';
import { requirePlatform } from '../pool/frames.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import { requireHolder } from '../pool/holders.ts';
import { requireSignal } from '../pool/options.ts';
import type { Storage } from '../pool/storage.ts';
import type { FrameConsumer } from './receiver.ts';
import { Receiver } from './receiver.ts';
import { respond } from './responder.ts';
import type { MessageEndpoint } from './handshake.ts';
import { requireEnd } from './handshake.ts';
import type { Received, RemotePool } from './remote-pool.ts';
import { returnUnused } from './remote-pool.ts';
import { MAX_CREDIT } from './wire.ts';

/** Options of `receiveFrames()`. */
export interface ReceiveFramesOptions {
  /** Ends the iteration with its reason; frames that arrived and were not taken are returned to their pool. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How many frames of each pool may be in transit or wait here to be taken, 0 to 2^20. 1 by default; further frames
   * wait in their pool. With 0 each pool sends a frame only for a `next()` that waits.
   */
  readonly highWaterMark?: number | undefined;
  /** Holder name of every handle, in `holder` and in the pool's notice of a leaked frame. By default the sender's. */
  readonly holder?: string | undefined;
}

/**
 * Receives the frames that `connectPool()` and `link.send()` lend to this thread or window.
 *
 * The caller owns each handle. It works as in the pool's own thread: shares, `using`, `copyTo()`, leak detection. Its
 * last release notifies the pool. Pools that are linked to this endpoint later join the same iteration, which ends when
 * its last link has ended. `break`, an abort, and `return()` (also during a pending `next()`) return the frames that
 * were not taken and end the links. Handles that were taken stay valid, and their frames return when they are released.
 *
 * @param from - `self` in a dedicated worker; or a `MessagePort` whose other end the pool's thread passed to
 *   `connectPool()`.
 * @returns An iterator; each endpoint can have one at a time. The type argument names the view of the pool's storage:
 *   `receiveFrames<MemoryStorage>(self)`. Decoded frames and canvases both have `frame`.
 * @throws `TypeError` or `RangeError` for a wrong argument; `InvalidStateError` if frames are already received from
 *   this endpoint.
 * @throws `NotSupportedError` if frames do not exist in this context: in shared and service workers. The pool's side is
 *   notified.
 */
export function receiveFrames<S extends Storage = DecodedStorage>(
  from: MessagePort | MessageEndpoint,
  options: ReceiveFramesOptions = {},
): AsyncIterableIterator<Received<S>> {
  requireEnd('from', from);
  const { signal, holder, highWaterMark: asked } = options;
  requireSignal(signal);
  requireHolder(holder);
  const highWaterMark = requireWhole('highWaterMark', asked ?? 1, 0, MAX_CREDIT);
  try {
    requirePlatform('receiveFrames()', 'VideoFrame', 'FinalizationRegistry');
  } catch (error) {
    const refusal = (error as DOMException).message;
    respond(from, 'frames', { refusal, accept: refused, onInvalid() {} });
    throw error;
  }
  if (Receiver.isActiveAt(from)) {
    throw invalidState('receiveFrames(): frames are already received from this endpoint');
  }
  const receiver = new Receiver(from, highWaterMark, holder);
  return new PullQueue<Received<S>>((sink) => new ReceivedFrames(receiver, sink), signal);
}

/** Source of the iteration. The iterator keeps it alive, and the receiver only during a pending `next()`. */
class ReceivedFrames<S extends Storage> implements PullSource<Received<S>>, FrameConsumer {
  readonly #receiver: Receiver;
  readonly #sink: PullSink<Received<S>>;
  readonly #pools = new WeakMap<Received, RemotePool>();

  constructor(receiver: Receiver, sink: PullSink<Received<S>>) {
    this.#receiver = receiver;
    this.#sink = sink;
    receiver.setConsumer(this);
  }

  get awaited(): number {
    return this.#sink.awaited;
  }

  pull(): void {
    if (this.awaited > 0) this.#receiver.request(this);
  }

  rest(): void {
    this.#receiver.rest();
  }

  stop(): void {
    this.#receiver.stop();
  }

  onTaken(received: Received<S>): void {
    this.#pools.get(received)?.taken();
  }

  discard(received: Received<S>): void {
    returnUnused(received);
  }

  arrived(pool: RemotePool, received: Received): void {
    this.#pools.set(received, pool);
    // The caller names the view, because it depends on the storage of the pool in the other thread.
    this.#sink.push(received as Received<S>);
  }

  /** Frames that are ready can still be taken, or are returned by the signal. */
  ended(): void {
    this.#sink.end();
  }
}

function refused(): never {
  throw new TypeError('this endpoint accepts no links');
}
