/** All links of one end where frames are received. Reachable from the end itself, so it must not keep its receiver alive. */
import { answer, refusalOf } from './far-side.ts';
import type { GuestEvents, Received } from './guest.ts';
import { Guest, sendBack } from './guest.ts';
import type { MessageEnd } from './greeting.ts';

/** Who takes what arrives. */
export interface Receiver {
  arrived(guest: Guest, received: Received): void;
  /** No link is left. */
  over(): void;
}

const inUse = new WeakSet<MessageEnd>();

/**
 * An end's listener leads here, and an end lives as long as its thread. The receiver is held by who asks it for frames, and here
 * only while somebody waits: one that was dropped is collected, what it had goes home by the net, and the links end.
 */
export class Arrivals implements GuestEvents {
  readonly #from: MessageEnd;
  readonly #guests = new Set<Guest>();
  readonly #stopAnswering: () => void;
  #receiver: WeakRef<Receiver> | null = null;
  /** The same receiver, while somebody waits for what it receives. */
  #awaited: Receiver | null = null;
  #hasLeft = false;
  /** Whether a link was ever open. One that ended before was none. */
  #wasLinked = false;

  /** Whether frames are received from this end now. */
  static isAt(from: MessageEnd): boolean {
    return inUse.has(from);
  }

  constructor(from: MessageEnd, ahead: number, holder: string | undefined) {
    this.#from = from;
    inUse.add(from);
    const guests = this.#guests;
    this.#stopAnswering = answer(from, 'frames', {
      get refusal() {
        return refusalOf(guests.size);
      },
      enter: (side) => {
        const guest = new Guest(side, ahead, holder, this);
        this.#guests.add(guest);
        return guest;
      },
      strange() {},
    });
  }

  /** Whom to tell; weakly, until `await()`. */
  tell(receiver: Receiver): void {
    this.#receiver = new WeakRef(receiver);
    droppedReceivers().register(receiver, this);
  }

  /** Keeps the receiver alive while somebody waits. */
  await(receiver: Receiver | null): void {
    this.#awaited = receiver;
  }

  /** Receives no more; what is on its way goes home as it arrives. */
  leave(): void {
    // Asked of itself and not of the end, where somebody else may receive by now.
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    inUse.delete(this.#from);
    this.#stopAnswering();
    this.#awaited = null;
    for (const guest of this.#guests) guest.leave();
  }

  arrived(guest: Guest, received: Received): void {
    const receiver = this.#awaited ?? this.#receiver?.deref();
    if (receiver === undefined || this.#hasLeft) sendBack(received);
    else receiver.arrived(guest, received);
  }

  linked(): void {
    this.#wasLinked = true;
  }

  ended(guest: Guest, hasDied: boolean): void {
    this.#guests.delete(guest);
    // An end has one other side. What was about to link from there may not watch it yet, and would wait for ever.
    if (hasDied) for (const other of this.#guests) if (!other.isLinked) void other.checkLife();
    if (this.#wasLinked && this.#guests.size === 0) this.#receiver?.deref()?.over();
  }
}

let registry: FinalizationRegistry<Arrivals> | null = null;

/** Made at first use: importing does nothing. */
function droppedReceivers(): FinalizationRegistry<Arrivals> {
  registry ??= new FinalizationRegistry((arrivals) => arrivals.leave());
  return registry;
}
