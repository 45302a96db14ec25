/** Stands for a pool of another thread: what came from there is lent here by handles, and goes home with the last of them. */
import { decodedStorage } from '../pool/decoded.ts';
import { isClosed } from '../pool/frames.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { HolderEntry } from '../pool/holders.ts';
import { NOBODY } from '../pool/holders.ts';
import type { Home } from '../pool/home.ts';
import { Lifeline, recallFrame } from '../pool/lifeline.ts';
import { Net } from '../pool/net.ts';
import type { PoolNotice } from '../pool/notices.ts';
import { Slot } from '../pool/slot.ts';
import { noteSnapshot } from '../pool/snapshots.ts';
import type { Driver, Storage } from '../pool/storage.ts';
import { driver as driverOf } from '../pool/storage.ts';
import { unpackMemory } from '../storage/memory-parcel.ts';
import { MemoryItem } from '../storage/memory-item.ts';
import type { FarEvents, FarSide } from './far-side.ts';
import { closeIn } from './luggage.ts';
import { Outbox } from './outbox.ts';
import type { SentFrame } from './wire.ts';
import { readPool } from './wire.ts';

/** A frame that came, and what came along. */
export interface Received<S extends Storage = Storage> {
  /** One share, owned by whoever takes this. */
  readonly handle: FrameHandle<S>;
  /** What went along with `link.send()`. */
  readonly data: unknown;
}

/** Sends home what nobody took. */
export function sendBack({ handle, data }: Received): void {
  handle.release();
  closeIn(data);
}

/** Who takes what comes. */
export interface GuestEvents {
  /** The handle is his from here on. */
  arrived(guest: Guest, received: Received): void;
  /** The pool knows of this side. */
  linked(): void;
  /** No more comes from this pool; `hasDied`: for its thread is gone. */
  ended(guest: Guest, hasDied: boolean): void;
}

/** What a slot holds here, and whether its memory is to go back. */
interface Content {
  readonly driver: Driver;
  readonly item: object;
  readonly returns: boolean;
}

/** One link, seen from where the frames are used. Everything in it goes by the same rules as in a pool: shares, lifeline, net. */
export class Guest implements Home, FarEvents {
  /** The name of the pool over there. */
  name = 'of another thread';
  readonly #side: FarSide;
  readonly #events: GuestEvents;
  readonly #holder: string | undefined;
  readonly #outbox: Outbox;
  readonly #net = new Net((id) => this.#recover(id));
  readonly #loans = new Map<number, { slot: Slot; returns: boolean }>();
  /** How many frames more the pool may send: what was granted, and did not come. */
  #room = 0;
  #isLinked = false;
  #ended = false;
  #closed = false;

  constructor(side: FarSide, ahead: number, holder: string | undefined, events: GuestEvents) {
    this.#side = side;
    this.#events = events;
    this.#holder = holder;
    this.#outbox = new Outbox((body, transfer) => {
      if (!this.#closed) this.#side.post(body, transfer);
    });
    this.#grant(ahead);
  }

  /** Whether the pool has said who it is. */
  get isLinked(): boolean {
    return this.#isLinked;
  }

  // ---- what the channel tells ----

  opened(): void {
    this.#outbox.open();
  }

  message(body: unknown, serial: number): boolean {
    const said = readPool(body);
    if (said === null) return false;
    if (said.kind === 'pool') return this.#meet(said.name);
    if (said.kind === 'frame') return this.#receive(serial, said);
    this.#end(said.kind === 'over');
    return true;
  }

  unreadable(serial: number): void {
    // Only a frame can be, and one that there was no room for makes none.
    if (this.#room === 0) return;
    this.#room--;
    this.#sendBackUnread(serial);
  }

  died(): void {
    this.#end(true, true);
  }

  /** Another link from the same side is gone without a word, or with one that comes later than the news. */
  checkLife(): Promise<void> {
    return this.#side.checkLife();
  }

  // ---- what the receiver says ----

  /** One that came was taken, so another may come. */
  taken(): void {
    this.#grant(1);
  }

  /** No more is wanted; what is on its way goes home as it arrives. */
  leave(): void {
    this.#outbox.leave();
  }

  // ---- what handles ask ----

  entryFor(holder: string | undefined): HolderEntry | undefined {
    return holder === undefined ? undefined : { holder };
  }

  share(line: Lifeline, holder: string | undefined): FrameHandle<Storage> {
    return (line.slot.driver as Driver).wrap(line, holder);
  }

  toVideoFrame({ slot }: Lifeline, init: VideoFrameInit | undefined): VideoFrame {
    const { timestamp, duration } = slot;
    const time: VideoFrameInit = duration === null ? { timestamp } : { timestamp, duration };
    return (slot.driver as Driver).toVideoFrame(slot.item as object, { ...time, ...init });
  }

  comeHome(line: Lifeline, reason: PoolNotice['reason'], holders: readonly string[]): void {
    recallFrame(line);
    this.#giveBack(line.slot, reason, holders);
  }

  /** False where it was said before. */
  #meet(name: string): boolean {
    if (this.#isLinked) return false;
    this.name = name;
    this.#isLinked = true;
    this.#events.linked();
    return true;
  }

  #grant(count: number): void {
    this.#room += count;
    this.#outbox.grant(count);
  }

  #sendBackUnread(id: number): void {
    this.#outbox.bringHome(id, 'unreadable', NOBODY, null);
    this.#grant(1);
  }

  /** Of what went home its number is not known any more. */
  #recover(id: number): void {
    const loan = this.#loans.get(id);
    if (loan !== undefined) this.#giveBack(loan.slot, 'recovered', loan.slot.dropAllShares());
  }

  /** False for one that nobody made room for, or that comes before the pool has said who it is or after its last. */
  #receive(id: number, sent: SentFrame): boolean {
    if (this.#room === 0 || !this.#isLinked || this.#ended) return false;
    this.#room--;
    let content: Content;
    try {
      content = contentOf(sent);
    } catch {
      // Not what a pool sends, or closed on the way: as if it had not arrived.
      closeIn([sent.memory, sent.data]);
      this.#sendBackUnread(id);
      return true;
    }
    const slot = new Slot(id);
    slot.state = 'lent';
    slot.fill(content.item, content.driver, 0, false);
    slot.setTime(sent.timestamp, sent.duration);
    this.#loans.set(id, { slot, returns: content.returns });
    const line = new Lifeline(this, slot);
    this.#net.watch(line);
    const handle = content.driver.wrap(line, this.#holder ?? sent.holder);
    this.#events.arrived(this, { handle, data: sent.data });
    return true;
  }

  #giveBack(slot: Slot, reason: PoolNotice['reason'], holders: readonly string[]): void {
    const loan = this.#loans.get(slot.id);
    if (loan === undefined) return;
    this.#loans.delete(slot.id);
    const { driver, item } = slot;
    const recovered = reason === 'recovered';
    const memory = loan.returns && !recovered ? memoryOf(item) : null;
    // Of memory that was forgotten somebody may still see a view, as in a pool; a frame's readers went with the lifeline.
    if (memory === null && !(recovered && item instanceof MemoryItem)) driver?.free(item as object);
    slot.empty();
    this.#outbox.bringHome(slot.id, recovered ? 'recovered' : 'released', holders, memory);
  }

  /** Nothing more comes. What is lent here stays readable; where the pool is gone, it goes home to nobody. */
  #end(isOver: boolean, hasDied = false): void {
    if (isOver) {
      this.#closed = true;
      this.#side.close();
    }
    if (this.#ended) return;
    this.#ended = true;
    this.#events.ended(this, hasDied);
  }
}

function contentOf({ frame, isSnapshot, memory }: SentFrame): Content {
  if (frame === undefined) {
    const content = unpackMemory(memory);
    // What else was in there nobody asked for.
    closeIn(memory);
    return content;
  }
  if (isClosed(frame)) throw new TypeError('the frame was closed on its way');
  if (isSnapshot === true) noteSnapshot(frame);
  return { driver: decodedStorage[driverOf], item: frame, returns: false };
}

/** What is to go back of a buffer; null where somebody took it away. */
function memoryOf(item: object | null): ArrayBuffer | null {
  if (!(item instanceof MemoryItem) || !item.isIntact) return null;
  // Now, and not when it is posted: who kept a view sees it empty, and cannot take away what is on its way.
  item.move();
  // Memory that returns is never shared (unpackMemory).
  return item.buffer as ArrayBuffer;
}
