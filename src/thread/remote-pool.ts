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
import { deserializeMemory } from '../storage/received-memory.ts';
import { MemoryItem } from '../storage/memory-item.ts';
import type { ResponderEvents, Responder } from './responder.ts';
import { closeContents } from './payload.ts';
import { ReturnBatcher } from './return-batcher.ts';
import type { SentFrame } from './wire.ts';
import { readPoolMessage } from './wire.ts';

/** A frame that came, and what came along. */
export interface Received<S extends Storage = Storage> {
  /** One share, owned by whoever takes this. */
  readonly handle: FrameHandle<S>;
  /** What went along with `link.send()`. */
  readonly data: unknown;
}

/** Sends home what nobody took. */
export function returnUnused({ handle, data }: Received): void {
  handle.release();
  closeContents(data);
}

/** Who takes what comes. */
export interface RemotePoolEvents {
  /** The handle is his from here on. */
  arrived(guest: RemotePool, received: Received): void;
  /** The pool knows of this side. */
  linked(): void;
  /** No more comes from this pool; `hasDied`: for its thread is gone. */
  ended(guest: RemotePool, hasDied: boolean): void;
}

/** What a slot holds here, and whether its memory is to go back. */
interface Content {
  readonly driver: Driver;
  readonly item: object;
  readonly returns: boolean;
}

/** One link, seen from where the frames are used. Everything in it goes by the same rules as in a pool: shares, lifeline, net. */
export class RemotePool implements Home, ResponderEvents {
  /** The name of the pool over there. */
  name = 'of another thread';
  readonly #side: Responder;
  readonly #events: RemotePoolEvents;
  readonly #holder: string | undefined;
  readonly #returns: ReturnBatcher;
  readonly #net = new Net((id) => this.#recover(id));
  readonly #loans = new Map<number, { slot: Slot; returns: boolean }>();
  /** How many frames more the pool may send: what was granted, and did not come. */
  #credit = 0;
  #isLinked = false;
  #hasEnded = false;
  #isClosed = false;

  constructor(side: Responder, ahead: number, holder: string | undefined, events: RemotePoolEvents) {
    this.#side = side;
    this.#events = events;
    this.#holder = holder;
    this.#returns = new ReturnBatcher((body, transfer) => {
      if (!this.#isClosed) this.#side.post(body, transfer);
    });
    this.#grant(ahead);
  }

  /** Whether the pool has message who it is. */
  get isLinked(): boolean {
    return this.#isLinked;
  }

  // ---- what the channel tells ----

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
    // Only a frame can be, and one that there was no room for makes none.
    if (this.#credit === 0) return;
    this.#credit--;
    this.#returnUnread(serial);
  }

  died(): void {
    this.#end(true, true);
  }

  /** Another link from the same side is gone without a word, or with one that comes later than the news. */
  checkAlive(): Promise<void> {
    return this.#side.checkAlive();
  }

  // ---- what the receiver says ----

  /** One that came was taken, so another may come. */
  taken(): void {
    this.#grant(1);
  }

  /** No more is wanted; what is on its way goes home as it arrives. */
  stop(): void {
    this.#returns.stop();
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
    this.#returnSlot(line.slot, reason, holders);
  }

  /** False where it was message before. */
  #setLinked(name: string): boolean {
    if (this.#isLinked) return false;
    this.name = name;
    this.#isLinked = true;
    this.#events.linked();
    return true;
  }

  #grant(count: number): void {
    this.#credit += count;
    this.#returns.grant(count);
  }

  #returnUnread(id: number): void {
    this.#returns.add(id, 'unreadable', NOBODY, null);
    this.#grant(1);
  }

  /** Of what went home its number is not known any more. */
  #recover(id: number): void {
    const loan = this.#loans.get(id);
    if (loan !== undefined) this.#returnSlot(loan.slot, 'recovered', loan.slot.dropAllShares());
  }

  /** False for one that nobody made room for, or that comes before the pool has message who it is or after its last. */
  #receive(id: number, sent: SentFrame): boolean {
    if (this.#credit === 0 || !this.#isLinked || this.#hasEnded) return false;
    this.#credit--;
    let content: Content;
    try {
      content = contentOf(sent);
    } catch {
      // Not what a pool sends, or closed on the way: as if it had not arrived.
      closeContents([sent.memory, sent.data]);
      this.#returnUnread(id);
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

  #returnSlot(slot: Slot, reason: PoolNotice['reason'], holders: readonly string[]): void {
    const loan = this.#loans.get(slot.id);
    if (loan === undefined) return;
    this.#loans.delete(slot.id);
    const { driver, item } = slot;
    const recovered = reason === 'recovered';
    const memory = loan.returns && !recovered ? takeMemory(item) : null;
    // Of memory that was forgotten somebody may still see a view, as in a pool; a frame's readers went with the lifeline.
    if (memory === null && !(recovered && item instanceof MemoryItem)) driver?.free(item as object);
    slot.empty();
    this.#returns.add(slot.id, recovered ? 'recovered' : 'released', holders, memory);
  }

  /** Nothing more comes. What is lent here stays readable; where the pool is gone, it goes home to nobody. */
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
    // What else was in there nobody asked for.
    closeContents(memory);
    return content;
  }
  if (isClosed(frame)) throw new TypeError('the frame was closed on its way');
  if (isSnapshot === true) noteSnapshot(frame);
  return { driver: decodedStorage[driverOf], item: frame, returns: false };
}

/** What is to go back of a buffer; null where somebody took it away. */
function takeMemory(item: object | null): ArrayBuffer | null {
  if (!(item instanceof MemoryItem) || !item.isReusable) return null;
  // Now, and not when it is posted: who kept a view sees it empty, and cannot take away what is on its way.
  item.detachViews();
  // Memory that returns is never shared (deserializeMemory).
  return item.buffer as ArrayBuffer;
}
