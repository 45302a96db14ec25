/**
 * `RemotePool`: stands for a pool of another thread. It lends received frames by handles and returns each with its last
 * release.
 */
import { decodedStorage } from '../pool/decoded.ts';
import { isClosed, noteSnapshot } from '../pool/frames.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { newShare } from '../pool/handle.ts';
import type { HolderEntry } from '../pool/holders.ts';
import { NO_HOLDERS } from '../pool/holders.ts';
import type { LoanOwner } from '../pool/loan.ts';
import { LeakDetector, Loan } from '../pool/loan.ts';
import type { PoolNotice } from '../pool/notices.ts';
import { Slot } from '../pool/slot.ts';
import type { StorageAdapter, Storage } from '../pool/storage.ts';
import { storageAdapter } from '../pool/storage.ts';
import { deserializeMemory } from '../storage/received-memory.ts';
import { MemoryItem } from '../storage/memory-item.ts';
import type { ResponderEvents, Responder } from './responder.ts';
import { closeContents } from './payload.ts';
import { ReturnBatcher } from './return-batcher.ts';
import type { SentFrame } from './wire.ts';
import { readPoolMessage } from './wire.ts';

/** A received frame and the data that was sent with it. */
export interface Received<S extends Storage = Storage> {
  /** One share, owned by the caller. */
  readonly handle: FrameHandle<S>;
  /** The data that was passed to `link.send()`. */
  readonly data: unknown;
}

/** Returns a frame that was not taken. */
export function returnUnused({ handle, data }: Received): void {
  handle.release();
  closeContents(data);
}

/** Events of a remote pool. */
export interface RemotePoolEvents {
  /** How many frames of each pool may be in transit or wait to be taken now. */
  readonly room: number;
  /** A frame arrived. The receiver of this event owns the handle. */
  arrived(pool: RemotePool, received: Received): void;
  /** The link is open. */
  linked(): void;
  /** No more frames come from this pool; `hasDied`: because its thread is gone. */
  ended(pool: RemotePool, hasDied: boolean): void;
}

/** Content of a slot, and whether its memory must be returned. */
interface Content {
  readonly adapter: StorageAdapter;
  readonly item: object;
  readonly returns: boolean;
}

/**
 * One link, seen from the thread that uses the frames. The rules of a pool apply: shares, loans, leak detection.
 */
export class RemotePool implements LoanOwner, ResponderEvents {
  /** Name of the pool in the other thread. */
  name = 'of another thread';
  readonly #side: Responder;
  readonly #events: RemotePoolEvents;
  readonly #holder: string | undefined;
  readonly #returns: ReturnBatcher;
  readonly #leaks = new LeakDetector((id) => this.#recover(id));
  readonly #loans = new Map<number, { slot: Slot; returns: boolean }>();
  /** Number of frames that the pool may still send: credit that was granted and not used yet. */
  #credit = 0;
  /** Number of frames that arrived and were not taken. */
  #untaken = 0;
  #isLinked = false;
  #hasEnded = false;
  #isClosed = false;

  constructor(side: Responder, holder: string | undefined, events: RemotePoolEvents) {
    this.#side = side;
    this.#events = events;
    this.#holder = holder;
    this.#returns = new ReturnBatcher((body, transfer) => {
      if (!this.#isClosed) this.#side.post(body, transfer);
    });
    this.grantCredit();
  }

  /** Whether the pool has sent its name. */
  get isLinked(): boolean {
    return this.#isLinked;
  }

  // ---- events of the channel ----

  opened(): void {
    this.#returns.open();
  }

  message(body: unknown, serial: number): boolean {
    const message = readPoolMessage(body);
    if (message === null) return false;
    if (message.kind === 'pool') return this.#setLinked(message.name);
    if (message.kind === 'frame') return this.#receive(serial, message);
    this.#end(message.kind === 'over');
    return true;
  }

  unreadable(serial: number): void {
    // Only frames can be undeserializable, and one without credit must not add any.
    if (this.#credit === 0) return;
    this.#credit--;
    this.#returnUnread(serial);
  }

  died(): void {
    this.#end(true, true);
  }

  /**
   * Checks the other side, because another link from there ended without a final message, or with one that arrives
   * after its lock is free.
   */
  checkAlive(): Promise<void> {
    return this.#side.checkAlive();
  }

  // ---- commands of the receiver ----

  /** A received frame was taken, so another may be sent if there is room. */
  taken(): void {
    this.#untaken--;
    this.grantCredit();
  }

  /** Grants credit for the room that is left. Credit that was granted cannot be withdrawn. */
  grantCredit(): void {
    const missing = this.#events.room - this.#credit - this.#untaken;
    if (missing <= 0) return;
    this.#credit += missing;
    this.#returns.grant(missing);
  }

  /** Stops receiving; frames in transit are returned as they arrive. */
  stop(): void {
    this.#returns.stop();
  }

  // ---- requests of handles ----

  entryFor(holder: string | undefined): HolderEntry | undefined {
    return holder === undefined ? undefined : { holder };
  }

  onLastShareReleased(loan: Loan, reason: PoolNotice['reason'], holders: readonly string[]): void {
    loan.end();
    this.#returnSlot(loan.slot, reason, holders);
  }

  /** Sets the name of the link and reports it as linked. Returns false, without effect, if the link already has a name. */
  #setLinked(name: string): boolean {
    if (this.#isLinked) return false;
    this.name = name;
    this.#isLinked = true;
    this.#events.linked();
    return true;
  }

  #returnUnread(id: number): void {
    this.#returns.add(id, 'unreadable', NO_HOLDERS, null);
    this.grantCredit();
  }

  /** A returned loan is no longer in the map. */
  #recover(id: number): void {
    const loan = this.#loans.get(id);
    if (loan !== undefined) this.#returnSlot(loan.slot, 'recovered', loan.slot.dropAllShares());
  }

  /** False for a frame without credit, before the pool has sent its name, or after its final message. */
  #receive(id: number, sent: SentFrame): boolean {
    if (this.#credit === 0 || !this.#isLinked || this.#hasEnded) return false;
    this.#credit--;
    let content: Content;
    try {
      content = contentOf(sent);
    } catch {
      // Content that no pool sends, or a frame that was closed in transit: handled as if it had not arrived.
      closeContents([sent.memory, sent.data]);
      this.#returnUnread(id);
      return true;
    }
    const slot = new Slot(id);
    slot.state = 'lent';
    slot.fill(content.item, content.adapter, 0, false);
    slot.setTime(sent.timestamp, sent.duration);
    this.#loans.set(id, { slot, returns: content.returns });
    const loan = new Loan(this, slot);
    this.#leaks.watch(loan);
    const handle = newShare(loan, this.#holder ?? sent.holder);
    this.#untaken++;
    this.#events.arrived(this, { handle, data: sent.data });
    return true;
  }

  #returnSlot(slot: Slot, reason: PoolNotice['reason'], holders: readonly string[]): void {
    const loan = this.#loans.get(slot.id);
    if (loan === undefined) return;
    this.#loans.delete(slot.id);
    const { adapter, item } = slot;
    const recovered = reason === 'recovered';
    const memory = loan.returns && !recovered ? takeMemory(item) : null;
    // A view of leaked memory may still be in use, as in a pool. The readers of a frame were collected with the
    // loan.
    if (memory === null && !(recovered && item instanceof MemoryItem)) adapter?.free(item as object);
    slot.empty();
    this.#returns.add(slot.id, recovered ? 'recovered' : 'released', holders, memory);
  }

  /**
   * No more frames arrive. Frames that are lent here stay readable; if the pool is gone, they are returned to no one.
   */
  #end(isOver: boolean, hasDied = false): void {
    if (isOver) {
      this.#isClosed = true;
      this.#side.close();
    }
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#events.ended(this, hasDied);
  }
}

function contentOf({ frame, isSnapshot, memory }: SentFrame): Content {
  if (frame === undefined) {
    const content = deserializeMemory(memory);
    // Closes any other objects in the message.
    closeContents(memory);
    return content;
  }
  if (isClosed(frame)) throw new TypeError('the frame was closed in transit');
  if (isSnapshot === true) noteSnapshot(frame);
  return { adapter: decodedStorage[storageAdapter], item: frame, returns: false };
}

/** Takes the memory of a buffer, to return it; null if it was transferred elsewhere. */
function takeMemory(item: object | null): ArrayBuffer | null {
  if (!(item instanceof MemoryItem) || !item.isReusable) return null;
  // Detached now rather than when it is posted, so a holder's stale view is empty and cannot detach memory in transit.
  item.detachViews();
  // Memory that is returned is never shared (deserializeMemory).
  return item.buffer as ArrayBuffer;
}
