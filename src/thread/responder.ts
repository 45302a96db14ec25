/** The side of a channel that responds to a handshake, and reports if a purpose is not supported in this thread. */
import type { ChannelEvents } from './channel.ts';
import { Channel } from './channel.ts';
import type { Incoming, MessageEndpoint, Purpose } from './handshake.ts';
import { listenForHandshakes, PROTOCOL, sendHandshake } from './handshake.ts';
import { holdLock, isHeld, lockName, watchLock } from './liveness-lock.ts';

/** Events of the responding side. */
export interface ResponderEvents extends ChannelEvents {
  /** The properties of the link were sent, so messages may follow. */
  opened(): void;
  /** The other side ended without a final message. */
  died(): void;
}

/** One accepted channel. */
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
    hasPeerLock: boolean,
    eventsOf: (side: Responder) => ResponderEvents,
  ) {
    this.#link = link;
    this.#events = eventsOf(this);
    this.#channel = new Channel(port, this.#events);
    void this.#open(hasPeerLock);
  }

  /** Number of rejected messages. */
  get refused(): number {
    return this.#channel.refused;
  }

  /** As `Channel.post()`. */
  post(body: object, transfer: Transferable[] = []): number {
    return this.#channel.post(body, transfer);
  }

  /**
   * Closes the channel. To the other side this looks like the death of this one, unless it has closed before.
   * Idempotent.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopWatch?.();
    this.#channel.close();
    this.#releaseLock?.();
  }

  /** Checks whether the other side is gone, if there is reason to believe so. It holds its lock while it is alive. */
  async checkAlive(): Promise<void> {
    const lives = await isHeld(lockName(this.#link, 'initiator'));
    if (!lives && !this.#isClosed) this.#events.died();
  }

  async #open(hasPeerLock: boolean): Promise<void> {
    const undetectableBecause = hasPeerLock ? await this.#lock() : 'locks are refused on the initiating side';
    if (this.#isClosed) return;
    this.#channel.post({ protocol: PROTOCOL, undetectableBecause });
    this.#events.opened();
  }

  /** @returns Why the other side cannot watch this one; null if it can. */
  async #lock(): Promise<string | null> {
    const releaseLock = await holdLock(lockName(this.#link, 'responder'));
    if (this.#isClosed) releaseLock?.();
    if (this.#isClosed || releaseLock === null) return 'locks are refused on the other side';
    this.#releaseLock = releaseLock;
    const initiatorLock = lockName(this.#link, 'initiator');
    // One origin may have several sets of locks, as in frames of other sites: each side would take the other for dead.
    if (!(await isHeld(initiatorLock))) return 'locks are not shared with the other side';
    if (!this.#isClosed)
      this.#stopWatch = watchLock(initiatorLock, () => !this.#isClosed && this.#events.died());
    return null;
  }
}

/**
 * Maximum number of links of one endpoint, and of hellos that wait there for their port. No honest use comes near it.
 */
const MAX_LINKS = 1024;

/** Reason to refuse the next link, or null. */
export const refusalOf = (links: number): string | null =>
  links < MAX_LINKS ? null : `the other side already has ${MAX_LINKS} links`;

/** Decides which links an endpoint accepts. */
export interface Acceptor {
  /** Null accepts the next link. A string refuses it, and is the reason. */
  readonly refusal: string | null;
  /** Called for each accepted link. */
  accept(side: Responder): ResponderEvents;
  /** Called for each rejected message at the endpoint itself. */
  onInvalid(): void;
}

/**
 * Responds to handshakes at an endpoint.
 *
 * @returns A function that stops responding; open channels stay.
 */
export function respond(from: MessageEndpoint, purpose: Purpose, acceptor: Acceptor): () => void {
  const expected = new Set<string>();
  const receive = (
    incoming: Exclude<Incoming, { kind: 'unrelated' }>,
    [port]: readonly MessagePort[],
  ): void => {
    if (incoming.kind === 'invalid') {
      acceptor.onInvalid();
      const why = `the other side has another version of video-frame-pool; this side uses protocol ${PROTOCOL}`;
      // A reply gets no reply, or two endpoints of different versions would never stop.
      if (incoming.link !== null && !incoming.isReply)
        sendHandshake(from, { kind: 'refuse', purpose, link: incoming.link, why });
      return;
    }
    if (incoming.kind === 'hello' && acceptor.refusal !== null) {
      sendHandshake(from, { kind: 'refuse', purpose, link: incoming.link, why: acceptor.refusal });
    } else if (incoming.kind === 'hello') {
      expected.add(incoming.link);
      // Hellos without a port are forgotten, the oldest first.
      for (const oldest of expected) if (expected.size > MAX_LINKS) expected.delete(oldest);
      sendHandshake(from, { kind: 'ready', purpose, link: incoming.link });
    } else if (incoming.kind === 'connect') {
      // Each link is accepted once: a repeated connect, or one without a hello, is rejected.
      if (port === undefined || acceptor.refusal !== null || !expected.delete(incoming.link))
        acceptor.onInvalid();
      else new Responder(port, incoming.link, incoming.hasLock, (side) => acceptor.accept(side));
    }
  };
  const stop = listenForHandshakes(from, purpose, receive);
  sendHandshake(from, { kind: 'ready', purpose, link: null });
  return stop;
}
