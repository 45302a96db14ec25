/**
 * `PoolLink`: the pool's side of a link. It sends frames as the other side grants credit, and tracks the frames that
 * are lent to it.
 */
import { Deferred } from '../base/deferred.ts';
import { dispose } from '../base/disposal.ts';
import { aborted, invalidState, shown } from '../base/errors.ts';
import { guardOnce } from '../base/guarded-class.ts';
import type { PoolCore } from '../pool/core.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { endShare, HandleBase, loanOf } from '../pool/handle.ts';
import { requireSignal } from '../pool/options.ts';
import type { StorageAdapter, SerializedContent, Storage } from '../pool/storage.ts';
import { promiseTry } from '../pool/acquire-or-wait.ts';
import { WaitQueue } from '../pool/wait-queue.ts';
import type { MessageEndpoint } from './handshake.ts';
import { watchStart } from './handshake.ts';
import type { Payload } from './payload.ts';
import { closePayload, packPayload } from './payload.ts';
import type { LinkInfo } from './initiator.ts';
import { Initiator } from './initiator.ts';
import type { PoolMessage, Return } from './wire.ts';
import { cut } from './validation.ts';
import { frameMessage, readHolderMessage } from './wire.ts';

/**
 * `'connecting'`: the other side has not responded; sends wait. `'open'`: frames can be sent. `'closing'`: no more are
 * sent, some are still on the other side. `'closed'`: no frame is left there; final.
 */
export type LinkState = 'connecting' | 'open' | 'closing' | 'closed';

/**
 * How a link ended. `'closed'`: by `close()` or `abort()`. `'left'`: the other side stopped receiving. `'lost'`: the
 * other side is gone. `'refused'`: it cannot be reached; `opened` rejects with the reason.
 */
export type LinkEnd = 'closed' | 'left' | 'lost' | 'refused';

/** Options of `send()`. */
export interface SendOptions {
  /** Ends the wait until the other side has room. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Parts of `data` to transfer rather than copy, as for `postMessage()`. They are transferred at the call, so they are
   * detached even if it rejects.
   */
  readonly transfer?: readonly Transferable[] | undefined;
}

/** A frame that waits to be sent. */
interface QueuedSend {
  readonly share: FrameHandle<Storage>;
  readonly holder: string | undefined;
  readonly payload: Payload;
}

/**
 * A pool's link to one holder in another thread or window. Created by `connectPool()` and owned by its caller.
 *
 * The link keeps a share of each frame on the other side, under the link's name. That share ends when the last holder
 * there releases the frame, when the leak detector there recovers it, or when that side is gone.
 */
export class PoolLink {
  /** Name of the link's frames in `pool.holders()`. */
  readonly name: string;
  /**
   * Resolves with the properties of the link when the other side has responded. Rejects with `NotSupportedError` if
   * frames cannot be sent there, `OperationError` if the worker threw before it responded, `NetworkError` if its script
   * could not be loaded, or `AbortError` if the link was closed first. A rejection without a handler is not reported.
   */
  readonly opened: Promise<LinkInfo>;
  /** Resolves when the link is closed and no frame is left on the other side. */
  readonly closed: Promise<LinkEnd>;
  readonly #core: PoolCore;
  readonly #side: Initiator;
  readonly #stopWatchingStart: () => void;
  readonly #queue = new WaitQueue();
  readonly #out = new Map<number, { share: FrameHandle<Storage>; isAway: boolean }>();
  #state: LinkState = 'connecting';
  #end: LinkEnd = 'closed';
  /** Why nothing is sent any more; null while sending is possible. */
  #reason: unknown = null;
  #credit = 0;
  readonly #opened = new Deferred<LinkInfo>();
  readonly #closed = new Deferred<LinkEnd>();

  /** @internal */
  constructor(core: PoolCore, to: MessageEndpoint, name: string) {
    guardOnce(PoolLink.prototype, 'PoolLink', (made) => #core in made);
    this.name = name;
    this.#core = core;
    this.closed = this.#closed.promise;
    this.opened = this.#opened.promise;
    this.opened.catch(() => {});
    this.#stopWatchingStart = watchStart(to, name, (error) => this.#finish('refused', error));
    this.#side = new Initiator(to, 'frames', {
      opened: (terms) => this.#onOpened(terms),
      refused: (error) => this.#finish('refused', error),
      died: () => this.#finish('lost', aborted(`link "${name}": the other side is gone`)),
      message: (body) => this.#receive(body),
      // The message may have reported returned slots, and it is unknown which.
      unreadable: () =>
        this.#finish('lost', aborted(`link "${name}": received a message that could not be deserialized`)),
      finalMessage: { kind: 'over' } satisfies PoolMessage,
    });
  }

  /** State of the link. */
  get state(): LinkState {
    return this.#state;
  }
  /** Number of frames and buffers on the other side. */
  get lentCount(): number {
    return this.#out.size;
  }
  /** Number of frames that wait in this thread until the other side has room. */
  get waitingCount(): number {
    return this.#queue.length;
  }
  /** Number of messages that were rejected because they were forged, repeated, out of order or of another version. */
  get refusedCount(): number {
    return this.#side.refused;
  }

  /**
   * Sends a frame or buffer. The handle is spent, even if this rejects; other shares of the frame stay valid.
   *
   * The call waits, in the order of calls, until the other side has room. A decoded frame is transferred; if another
   * share of it is held in this thread, a second reference to its memory is sent. A canvas is sent as a frame of its
   * picture. Memory is transferred, and transferred back at the last release; if another share is held in this thread,
   * it is copied. Shared memory is neither transferred nor copied.
   *
   * @param data - Sent along as by `postMessage()`, as it is at the call.
   * @returns Resolves when the frame has been posted.
   * @throws `TypeError` if `handle` is not a handle of this pool; it stays valid. `InvalidStateError` if it was
   *   released, or if the link is closed.
   * @throws `DataCloneError` if the data cannot be serialized. An error of the frame's storage, if its buffer is
   *   damaged, is passed on.
   * @throws `AbortError` if the link ends during the wait, or the signal's reason; `NotSupportedError` if frames cannot
   *   be sent there.
   */
  send(handle: FrameHandle<Storage>, data?: unknown, options: SendOptions = {}): Promise<void> {
    return promiseTry(() => {
      const { signal, transfer = [] } = options;
      requireSignal(signal);
      if (!(handle instanceof HandleBase))
        throw new TypeError(`handle must be a FrameHandle, got ${shown(handle)}`);
      const { owner } = loanOf(handle, 'send()');
      if (owner !== this.#core) {
        throw new TypeError(
          `handle must be of pool "${this.#core.name}", which the link belongs to, got one of pool "${owner.name}"`,
        );
      }
      // All views extend this view of a handle.
      const share = handle.retain(this.name) as FrameHandle<Storage>;
      const { holder } = handle;
      handle.release();
      let queued: QueuedSend;
      try {
        this.#requireOpen(signal);
        queued = { share, holder, payload: packPayload(data, transfer) };
      } catch (error) {
        share.release();
        throw error;
      }
      try {
        // Checked again, because getters in the data are the app's code.
        this.#requireOpen(signal);
        if (this.#credit === 0 || this.#queue.length > 0) return this.#enqueue(queued, signal);
        this.#post(queued);
        return Promise.resolve();
      } catch (error) {
        discard(queued);
        throw error;
      }
    });
  }

  /**
   * Closes the link without waiting. Frames that wait here are released, and the other side is notified that no more
   * are sent. Frames on the other side return when they are released, or as lost. Idempotent.
   *
   * Terminate a worker after `await link.closed`: its own code then releases the frames it holds. Frames of a worker
   * that is terminated earlier return as `'lost'`.
   */
  close(): void {
    if (this.#state === 'connecting') this.#finish('closed', this.#wasClosed());
    else this.#stop('closed', this.#wasClosed());
  }

  /** As `close()`, for `using`. */
  [dispose](): void {
    this.close();
  }

  /**
   * Closes the link at once and counts the frames on the other side as lost. For links that do not detect the end of
   * the other side (`detectsTermination` is false). Holders there can still read their frames; memory that is there does not
   * return. Idempotent.
   */
  abort(): void {
    this.#finish('closed', this.#wasClosed());
  }

  #wasClosed(): DOMException {
    return aborted(`link "${this.name}" was closed`);
  }

  #requireOpen(signal: AbortSignal | undefined): void {
    if (this.#reason !== null && this.#end === 'refused') throw this.#reason;
    if (this.#reason !== null) {
      throw invalidState(`send(): link "${this.name}" has ended; the frame was released`, this.#reason);
    }
    signal?.throwIfAborted();
  }

  #enqueue(queued: QueuedSend, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const grant = (): void => resolve(this.#post(queued));
      const fail = (reason: unknown): void => {
        discard(queued);
        reject(reason as Error);
      };
      this.#queue.enqueue({ grant, fail }, signal);
    });
  }

  /** Posts a frame. The link keeps its share until the frame returns. */
  #post({ share, holder, payload: { data, transfer } }: QueuedSend): void {
    const { slot } = loanOf(share, 'send()');
    const { timestamp, duration } = slot;
    const init = duration === null ? { timestamp } : { timestamp, duration };
    const content = serialized(slot.adapter as StorageAdapter, slot.item as object, init, slot.shares === 1);
    const moved = content.transfer;
    let id: number;
    try {
      id = this.#side.post(
        frameMessage(timestamp, duration, content, holder, data),
        transfer.length === 0 ? moved : [...moved, ...transfer],
      );
    } catch (error) {
      content.frame?.close();
      throw error;
    }
    this.#credit--;
    this.#out.set(id, { share, isAway: content.memory !== undefined && moved.length > 0 });
  }

  #onOpened(terms: LinkInfo): void {
    this.#stopWatchingStart();
    this.#state = 'open';
    this.#side.post({ kind: 'pool', name: cut(this.#core.name) } satisfies PoolMessage);
    this.#opened.resolve(terms);
  }

  #receive(body: unknown): boolean {
    const message = readHolderMessage(body, { out: this.#out, credit: this.#credit });
    if (message === null) return false;
    for (const each of message.returns) this.#takeBack(each);
    this.#credit += message.credit;
    if (message.hasStopped)
      this.#stop('left', aborted(`link "${this.name}": the other side stopped receiving`));
    while (this.#credit > 0 && this.#queue.length > 0) this.#queue.wakeFirst();
    this.#finishWhenReturned();
    return true;
  }

  #takeBack({ id, how, holders, memory }: Return): void {
    const sent = this.#out.get(id);
    if (sent === undefined) return;
    this.#out.delete(id);
    const { share, isAway } = sent;
    if (how === 'released') {
      const { adapter, item } = loanOf(share, 'return').slot;
      if (isAway && memory !== null) adapter?.deserialize?.(item as object, memory);
      share.release();
    } else if (how === 'recovered') {
      endShare(
        share,
        'recovered',
        holders.map((name) => `${name} (${this.name})`),
      );
    } else {
      endShare(share, 'lost', [this.name]);
    }
  }

  /** Stops sending, and waits for the frames on the other side. */
  #stop(end: LinkEnd, reason: DOMException): void {
    if (this.#reason !== null) return;
    this.#end = end;
    this.#reason = reason;
    this.#state = 'closing';
    this.#queue.rejectAll(() => reason);
    this.#side.post({ kind: 'end' } satisfies PoolMessage);
    this.#finishWhenReturned();
  }

  #finishWhenReturned(): void {
    if (this.#state === 'closing' && this.#out.size === 0) this.#finish(this.#end, this.#reason);
  }

  /** Ends the link. No further message is read, so the frames on the other side are lost. */
  #finish(end: LinkEnd, reason: unknown): void {
    if (this.#state === 'closed') return;
    if (this.#reason === null) this.#end = end;
    this.#reason ??= reason;
    this.#state = 'closed';
    this.#stopWatchingStart();
    this.#side.close();
    for (const { share } of this.#out.values()) endShare(share, 'lost', [this.name]);
    this.#out.clear();
    this.#queue.rejectAll(() => reason);
    this.#opened.reject(reason);
    this.#closed.resolve(this.#end);
  }
}

function serialized(
  adapter: StorageAdapter,
  item: object,
  init: VideoFrameInit,
  isSole: boolean,
): SerializedContent {
  const content = adapter.serialize?.(item, init, isSole);
  if (content === undefined)
    throw new TypeError('send(): the storage of this pool cannot be sent to another thread');
  return content;
}

/** Releases a frame that is not going to be sent, and closes its data. */
function discard({ share, payload }: QueuedSend): void {
  share.release();
  closePayload(payload);
}
