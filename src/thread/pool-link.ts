/** The pool's side of a link: sends frames as the other side has room for them, and knows what is out there. */
import { dispose } from '../disposal.ts';
import { aborted, invalidState, shown } from '../errors.ts';
import { guardOnce } from '../guarded-class.ts';
import type { PoolCore } from '../pool/core.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { endShare, HandleBase, loanOf } from '../pool/handle.ts';
import { checkWait } from '../pool/options.ts';
import type { Driver, Parcel, Storage } from '../pool/storage.ts';
import { promiseTry } from '../pool/acquire-or-wait.ts';
import { Waiters } from '../pool/waiters.ts';
import type { MessageEnd } from './greeting.ts';
import type { Luggage } from './luggage.ts';
import { dropLuggage, packLuggage } from './luggage.ts';
import type { LinkTerms } from './near-side.ts';
import { NearSide } from './near-side.ts';
import type { PoolSays, Return } from './wire.ts';
import { cut } from './shapes.ts';
import { watchStart } from './worker-start.ts';
import { frameMessage, readHolder } from './wire.ts';

/**
 * `'connecting'`: nobody has answered yet; what is sent waits. `'open'`: frames go over. `'closing'`: no more do, and some
 * are still out there. `'closed'`: none is, for good.
 */
export type LinkState = 'connecting' | 'open' | 'closing' | 'closed';

/**
 * How a link ended. `'closed'`: by `close()` or `abandon()`. `'left'`: the other side stopped receiving. `'lost'`: it is
 * gone. `'refused'`: it cannot be reached, and `opened` tells why.
 */
export type LinkEnd = 'closed' | 'left' | 'lost' | 'refused';

/** What goes along with a frame. */
export interface SendOptions {
  /** Ends the wait until the other side has room. */
  readonly signal?: AbortSignal | undefined;
  /** Parts of `data` that are moved rather than copied, as for `postMessage()`; at the call, so they are gone also where it rejects. */
  readonly transfer?: readonly Transferable[] | undefined;
}

/** What is sent, until it is. */
interface Letter {
  readonly share: FrameHandle<Storage>;
  readonly holder: string | undefined;
  readonly luggage: Luggage;
}

/**
 * A pool's link to one holder in another thread or window. Made by `connectPool()`, owned by whoever called that.
 *
 * It keeps a share of each frame that is out there, under the link's name. That share ends when the last holder over there
 * releases, when the net over there finds the frame forgotten, or when that side is gone.
 */
export class PoolLink {
  /** The name under which `pool.holders()` lists what is out there. */
  readonly name: string;
  /**
   * Fulfilled when the other side has answered, with what was settled. Rejected with `NotSupportedError` if frames cannot
   * go there, `OperationError` if the worker threw before it answered, `NetworkError` if its script could not be loaded, or
   * `AbortError` when the link was closed first. A rejection without a handler is not reported.
   */
  readonly opened: Promise<LinkTerms>;
  /** Fulfilled when the link is closed and nothing is out there any more. */
  readonly closed: Promise<LinkEnd>;
  readonly #core: PoolCore;
  readonly #side: NearSide;
  readonly #stopWatchingStart: () => void;
  readonly #queue = new Waiters();
  readonly #out = new Map<number, { share: FrameHandle<Storage>; isAway: boolean }>();
  #state: LinkState = 'connecting';
  #end: LinkEnd = 'closed';
  /** Why nothing is sent any more. */
  #reason: unknown = null;
  #credit = 0;
  // Both are set in the constructor: a promise calls back before it is made.
  #open: (terms: LinkTerms) => void = () => {};
  #refuse: (reason: unknown) => void = () => {};
  #close: (end: LinkEnd) => void = () => {};

  /** @internal */
  constructor(core: PoolCore, to: MessageEnd, name: string) {
    guardOnce(PoolLink.prototype, 'PoolLink', (made) => #core in made);
    this.name = name;
    this.#core = core;
    this.closed = new Promise((resolve) => (this.#close = resolve));
    this.opened = new Promise((resolve, reject) => {
      this.#open = resolve;
      this.#refuse = reject;
    });
    this.opened.catch(() => {});
    this.#stopWatchingStart = watchStart(to, name, (error) => this.#finish('refused', error));
    this.#side = new NearSide(to, 'frames', {
      opened: (terms) => this.#onOpened(terms),
      refused: (error) => this.#finish('refused', error),
      died: () => this.#finish('lost', aborted(`link "${name}": the other side is gone`)),
      message: (body) => this.#hear(body),
      // It may have told of slots that are home, and nobody will know of which.
      unreadable: () =>
        this.#finish('lost', aborted(`link "${name}": the other side said what cannot be read here`)),
      lastWord: { kind: 'over' } satisfies PoolSays,
    });
  }

  /** Whether frames can go over. */
  get state(): LinkState {
    return this.#state;
  }
  /** Frames and buffers that are out there. */
  get lentCount(): number {
    return this.#out.size;
  }
  /** Frames that wait here until the other side has room. */
  get waitingCount(): number {
    return this.#queue.length;
  }
  /** Messages that were refused because they were forged, repeated, out of order or of another version. */
  get refusedCount(): number {
    return this.#side.refused;
  }

  /**
   * Sends a frame or buffer over. The handle is spent, also when this rejects; other shares of the frame stay as they are.
   *
   * It waits here, in the order of the calls, until the other side has room. A decoded frame goes itself, or, where
   * somebody here holds another share, as a second reference to its memory. A canvas goes as a frame of its picture. Memory
   * is moved there, and back at the last release; where somebody here holds another share it is copied. Shared memory is
   * neither moved nor copied.
   *
   * @param data - Goes along, as by `postMessage()`, and as it is at the call.
   * @returns Settles when the frame is on its way.
   * @throws `TypeError` for what is no handle of this pool; it stays as it is. `InvalidStateError` for one that was released,
   *   or when the link is closed.
   * @throws `DataCloneError` for data that cannot be sent, and whatever the frame's storage throws when it came to harm.
   * @throws `AbortError` when the link ends during the wait, or the signal's reason; `NotSupportedError` where frames cannot go there.
   */
  send(handle: FrameHandle<Storage>, data?: unknown, options: SendOptions = {}): Promise<void> {
    return promiseTry(() => {
      checkWait(options);
      if (!(handle instanceof HandleBase))
        throw new TypeError(`handle must be a FrameHandle, got ${shown(handle)}`);
      const { home } = loanOf(handle, 'send()');
      if (home !== this.#core) {
        throw new TypeError(`handle is of "${home.name}", and this link of pool "${this.#core.name}"`);
      }
      const { signal, transfer = [] } = options;
      // This view of a handle is every handle's.
      const share = handle.retain(this.name) as FrameHandle<Storage>;
      const { holder } = handle;
      handle.release();
      let letter: Letter;
      try {
        this.#requireOpen(signal);
        letter = { share, holder, luggage: packLuggage(data, transfer) };
      } catch (error) {
        share.release();
        throw error;
      }
      try {
        // Once more: getters in the data are the app's code.
        this.#requireOpen(signal);
        if (this.#credit === 0 || this.#queue.first !== null) return this.#wait(letter, signal);
        this.#post(letter);
        return Promise.resolve();
      } catch (error) {
        drop(letter);
        throw error;
      }
    });
  }

  /**
   * Ends the link, without waiting: what waits here is released, the other side is told that no more comes, and what is out
   * there comes home as it is released, or lost. Idempotent.
   *
   * Terminate a worker after `await link.closed`: the frames that it holds are then released by its own code. A worker that is
   * terminated earlier takes its frames along, and they come home as `'lost'`.
   */
  close(): void {
    if (this.#state === 'connecting') this.#finish('closed', this.#wasClosed());
    else this.#stop('closed', this.#wasClosed());
  }

  /** Does what `close()` does, for `using`. */
  [dispose](): void {
    this.close();
  }

  /**
   * Ends the link and takes what is out there for lost, at once: for where the end of the other side is not found out
   * (`watched` is false). Who still reads a frame there can go on; memory that is there does not come back. Idempotent.
   */
  abandon(): void {
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

  #wait(letter: Letter, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const grant = (): void => resolve(this.#post(letter));
      const fail = (reason: unknown): void => {
        drop(letter);
        reject(reason as Error);
      };
      this.#queue.join({ grant, fail }, signal);
    });
  }

  /** Puts a frame into the port. Its share is this link's until it comes home. */
  #post({ share, holder, luggage: { data, transfer } }: Letter): void {
    const { slot } = loanOf(share, 'send()');
    const { timestamp, duration } = slot;
    const init = duration === null ? { timestamp } : { timestamp, duration };
    const parcel = packed(slot.driver as Driver, slot.item as object, init, slot.shares === 1);
    const moved = parcel.transfer;
    let id: number;
    try {
      id = this.#side.post(
        frameMessage(timestamp, duration, parcel, holder, data),
        transfer.length === 0 ? moved : [...moved, ...transfer],
      );
    } catch (error) {
      parcel.frame?.close();
      throw error;
    }
    this.#credit--;
    this.#out.set(id, { share, isAway: parcel.memory !== undefined && moved.length > 0 });
  }

  #onOpened(terms: LinkTerms): void {
    this.#stopWatchingStart();
    this.#state = 'open';
    this.#side.post({ kind: 'pool', name: cut(this.#core.name) } satisfies PoolSays);
    this.#open(terms);
  }

  #hear(body: unknown): boolean {
    const said = readHolder(body, { out: this.#out, credit: this.#credit });
    if (said === null) return false;
    for (const each of said.home) this.#bringHome(each);
    this.#credit += said.credit;
    if (said.bye) this.#stop('left', aborted(`link "${this.name}": the other side stopped receiving`));
    while (this.#credit > 0 && this.#queue.first !== null) this.#queue.grantFirst();
    this.#finishWhenHome();
    return true;
  }

  #bringHome({ id, how, holders, memory }: Return): void {
    const sent = this.#out.get(id);
    if (sent === undefined) return;
    this.#out.delete(id);
    const { share, isAway } = sent;
    if (how === 'released') {
      const { driver, item } = loanOf(share, 'return').slot;
      if (isAway && memory !== null) driver?.unpack?.(item as object, memory);
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

  /** No more is sent. What is out there is waited for. */
  #stop(end: LinkEnd, reason: DOMException): void {
    if (this.#reason !== null) return;
    this.#end = end;
    this.#reason = reason;
    this.#state = 'closing';
    this.#queue.failAll(() => reason);
    this.#side.post({ kind: 'end' } satisfies PoolSays);
    this.#finishWhenHome();
  }

  #finishWhenHome(): void {
    if (this.#state === 'closing' && this.#out.size === 0) this.#finish(this.#end, this.#reason);
  }

  /** The end: nothing is heard from there any more, so what is out there is lost. */
  #finish(end: LinkEnd, reason: unknown): void {
    if (this.#state === 'closed') return;
    if (this.#reason === null) this.#end = end;
    this.#reason ??= reason;
    this.#state = 'closed';
    this.#stopWatchingStart();
    this.#side.close();
    for (const { share } of this.#out.values()) endShare(share, 'lost', [this.name]);
    this.#out.clear();
    this.#queue.failAll(() => reason);
    this.#refuse(reason);
    this.#close(this.#end);
  }
}

function packed(driver: Driver, item: object, init: VideoFrameInit, isSole: boolean): Parcel {
  const parcel = driver.pack?.(item, init, isSole);
  if (parcel === undefined) throw new TypeError('what this pool holds cannot leave its thread');
  return parcel;
}

/** It does not go after all. */
function drop({ share, luggage }: Letter): void {
  share.release();
  dropLuggage(luggage);
}
