/** The side of a channel that is reached: it answers who knocks, and tells what cannot be had here. */
import type { ChannelEvents } from './channel.ts';
import { Channel } from './channel.ts';
import type { Incoming, MessageEnd, Purpose } from './handshake.ts';
import { sendHandshake, listenForHandshakes, PROTOCOL } from './handshake.ts';
import { lockName } from './initiator.ts';
import { holdLock, isHeld, watchLock } from './liveness-lock.ts';

/** What happens to a channel that was answered. */
export interface ResponderEvents extends ChannelEvents {
  /** The other side knows the terms, so things may be incoming now. */
  opened(): void;
  /** The other side is gone, without a word. */
  died(): void;
}

/** One channel that was answered. */
export class Responder {
  readonly #channel: Channel;
  readonly #link: string;
  readonly #events: ResponderEvents;
  #releaseLock: (() => void) | null = null;
  #stopWatch: (() => void) | null = null;
  #isClosed = false;

  constructor(
    port: MessagePort,
    link: string,
    locks: boolean,
    eventsOf: (side: Responder) => ResponderEvents,
  ) {
    this.#link = link;
    this.#events = eventsOf(this);
    this.#channel = new Channel(port, this.#events);
    void this.#open(locks);
  }

  /** Messages that were refused. */
  get refused(): number {
    return this.#channel.refused;
  }

  /** As `Channel.post()`. */
  post(body: object, transfer: Transferable[] = []): number {
    return this.#channel.post(body, transfer);
  }

  /** Ends it: for the other side this looks like the death of this one, unless it has closed before. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopWatch?.();
    this.#channel.close();
    this.#releaseLock?.();
  }

  /** Finds out whether the other side is gone, for when there is reason to believe it: while it lives it holds its lock. */
  async checkAlive(): Promise<void> {
    const lives = await isHeld(lockName(this.#link, 'initiator'));
    if (!lives && !this.#isClosed) this.#events.died();
  }

  async #open(locks: boolean): Promise<void> {
    const unwatchedBecause = locks ? await this.#lock() : 'locks are refused on the other side';
    if (this.#isClosed) return;
    this.#channel.post({ protocol: PROTOCOL, unwatchedBecause });
    this.#events.opened();
  }

  /** @returns Why the other side cannot watch this one; null where it can. */
  async #lock(): Promise<string | null> {
    const releaseLock = await holdLock(lockName(this.#link, 'responder'));
    if (this.#isClosed) releaseLock?.();
    if (this.#isClosed || releaseLock === null) return 'locks are refused there';
    this.#releaseLock = releaseLock;
    const near = lockName(this.#link, 'initiator');
    // The same origin may have several sets of locks, as in frames of other sites: each side would see the other as dead.
    if (!(await isHeld(near))) return 'locks are not shared with the other side';
    if (!this.#isClosed) this.#stopWatch = watchLock(near, () => !this.#isClosed && this.#events.died());
    return null;
  }
}

/** Links that one end may have, which no honest use comes near, and knocks that may wait there to be followed up. */
const MAX_LINKS = 1024;

/** What is answered to the next one. */
export const refusalOf = (links: number): string | null =>
  links < MAX_LINKS ? null : `there are ${MAX_LINKS} links already`;

/** Whom an answering end lets in. */
export interface Acceptor {
  /** Null: whoever comes next. A text: not that one, and why. */
  readonly refusal: string | null;
  /** Somebody is let in. */
  accept(side: Responder): ResponderEvents;
  /** Something was refused that was incoming at the end itself. */
  onInvalid(): void;
}

/**
 * Answers who knocks at an end.
 *
 * @returns What stops it; channels that are open stay.
 */
export function respond(from: MessageEnd, purpose: Purpose, acceptor: Acceptor): () => void {
  const expected = new Set<string>();
  const receive = (
    incoming: Exclude<Incoming, { kind: 'unrelated' }>,
    [port]: readonly MessagePort[],
  ): void => {
    if (incoming.kind === 'invalid') {
      acceptor.onInvalid();
      const why = `the other side is of another version of video-frame-pool; this one speaks protocol ${PROTOCOL}`;
      // An answer is not answered: two ends of different versions would never stop.
      if (incoming.link !== null && !incoming.isAnswer)
        sendHandshake(from, { kind: 'refuse', purpose, link: incoming.link, why });
      return;
    }
    if (incoming.kind === 'hello' && acceptor.refusal !== null) {
      sendHandshake(from, { kind: 'refuse', purpose, link: incoming.link, why: acceptor.refusal });
    } else if (incoming.kind === 'hello') {
      expected.add(incoming.link);
      // Who knocks and never comes is forgotten, the oldest first.
      for (const oldest of expected) if (expected.size > MAX_LINKS) expected.delete(oldest);
      sendHandshake(from, { kind: 'ready', purpose, link: incoming.link });
    } else if (incoming.kind === 'connect') {
      // Once each: a repeated one, or one that nobody knocked for, is not let in.
      if (port === undefined || acceptor.refusal !== null || !expected.delete(incoming.link))
        acceptor.onInvalid();
      else new Responder(port, incoming.link, incoming.locks, (side) => acceptor.accept(side));
    }
  };
  const stop = listenForHandshakes(from, purpose, receive);
  sendHandshake(from, { kind: 'ready', purpose, link: null });
  return stop;
}
