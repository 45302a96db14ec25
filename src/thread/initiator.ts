/** The side of a channel that reaches out: it knocks, hands over a port, and watches whether the other side lives. */
import { notSupported } from '../errors.ts';
import type { ChannelEvents } from './channel.ts';
import { Channel } from './channel.ts';
import type { Incoming, MessageEnd, Purpose } from './handshake.ts';
import { sendHandshake, listenForHandshakes, PROTOCOL } from './handshake.ts';
import { isMadeOf, isText } from './validation.ts';
import { holdLock, watchLock } from './liveness-lock.ts';

/** What was settled with the other side when it answered. */
export interface LinkTerms {
  /** Whether it will be found out when the other side dies. */
  readonly watched: boolean;
  /** Why it will not; null where it will. */
  readonly unwatchedBecause: string | null;
}

/** What happens to a channel that reaches out. `refused` and `died` are the end of it, and come at most once. */
export interface InitiatorEvents extends ChannelEvents {
  /** The other side has answered. */
  opened(terms: LinkTerms): void;
  /** It cannot be reached. */
  refused(error: DOMException): void;
  /** It is gone, without a word. */
  died(): void;
  /** Said last on every port that was handed over, whether or not somebody ever answers there. */
  readonly finalMessage?: object;
}

/** The lock that each side of a link holds while it lives. */
export const lockName = (link: string, side: 'initiator' | 'responder'): string =>
  `video-frame-pool ${link} ${side}`;

/**
 * Each port that was handed over and led to nobody stays until the other side closes it. Who comes anew so often without
 * answering once does not mean to.
 */
const MAX_ATTEMPTS = 256;

/** Every wait in here ends by `close()`, but the one for the other side to have heard the last word, which is that side's to end. */
export class Initiator {
  readonly #to: MessageEnd;
  readonly #purpose: Purpose;
  readonly #events: InitiatorEvents;
  #link = crypto.randomUUID();
  readonly #stopListening: () => void;
  #channel: Channel | null = null;
  #releaseLock: (() => void) | null = null;
  #stopWatch: (() => void) | null = null;
  #hasLock = false;
  #hasSentHello = false;
  #isOpen = false;
  #isClosed = false;
  /** Whether the other side's lock was free: it is gone, or has closed. */
  #isPeerGone = false;
  #invalidCount = 0;
  #attempts = 0;

  constructor(to: MessageEnd, purpose: Purpose, events: InitiatorEvents) {
    this.#to = to;
    this.#purpose = purpose;
    this.#events = events;
    this.#stopListening = listenForHandshakes(to, purpose, (incoming) => this.#receive(incoming));
    this.#begin();
  }

  /** Messages that were refused. */
  get refused(): number {
    return this.#invalidCount + (this.#channel?.refused ?? 0);
  }

  /** As `Channel.post()`; only once it was opened, and before it is closed. */
  post(body: object, transfer: Transferable[] = []): number {
    if (this.#channel === null) throw new TypeError('not connected yet');
    return this.#channel.post(body, transfer);
  }

  /**
   * Ends it from here; nothing is heard any more. Idempotent.
   *
   * After a last word the lock stays until the other side has freed its own: news of locks go another way than words, and where
   * they came first (WebKitGTK) the other side would take this one for dead, and never hear what was incoming before.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopListening();
    this.#closeChannel();
    const isAwaited =
      this.#events.finalMessage !== undefined && this.#stopWatch !== null && !this.#isPeerGone;
    if (isAwaited) return;
    this.#stopWatch?.();
    this.#freeLock();
  }

  #begin(): void {
    const link = this.#link;
    // Before the other side hears of it, for that is how it finds out whether it can see the locks of this one.
    void holdLock(lockName(link, 'initiator')).then((releaseLock) => this.#onLocked(link, releaseLock));
  }

  #onLocked(link: string, releaseLock: (() => void) | null): void {
    if (this.#isClosed || link !== this.#link) {
      releaseLock?.();
      return;
    }
    this.#releaseLock = releaseLock;
    this.#hasLock = releaseLock !== null;
    this.#sendHello();
  }

  /** Says the last word, also where the other side is about to answer. */
  #closeChannel(): void {
    const { finalMessage } = this.#events;
    if (finalMessage === undefined) this.#channel?.close();
    else this.#channel?.closeWith(finalMessage);
  }

  #freeLock(): void {
    this.#releaseLock?.();
    this.#releaseLock = null;
  }

  #sendHello(): void {
    this.#hasSentHello = true;
    sendHandshake(this.#to, { kind: 'hello', purpose: this.#purpose, link: this.#link });
  }

  #receive(incoming: Exclude<Incoming, { kind: 'unrelated' }>): void {
    if (incoming.kind === 'invalid') {
      this.#invalidCount++;
      if (incoming.link === this.#link) {
        this.#events.refused(
          notSupported(
            `the other side is of another version of video-frame-pool; this one speaks protocol ${PROTOCOL}`,
          ),
        );
      }
      return;
    }
    if (incoming.kind === 'ready' && incoming.link === null) this.#onResponderReady();
    if (incoming.link !== this.#link || this.#channel !== null) return;
    if (incoming.kind === 'ready') this.#connect();
    if (incoming.kind === 'refuse') this.#events.refused(notSupported(incoming.why));
  }

  /** Somebody came later than the knock, or than the port that was for one who left: that was lost on him then. */
  #onResponderReady(): void {
    if (this.#channel === null) {
      if (this.#hasSentHello) this.#sendHello();
      return;
    }
    if (++this.#attempts === MAX_ATTEMPTS) {
      this.#invalidCount++;
      this.#events.refused(notSupported('the other side began anew again and again, and never answered'));
      return;
    }
    // By another name: what he has heard of the old one leads nowhere.
    this.#closeChannel();
    this.#freeLock();
    this.#invalidCount += this.#channel.refused;
    this.#channel = null;
    this.#hasSentHello = false;
    this.#link = crypto.randomUUID();
    this.#begin();
  }

  #connect(): void {
    const { port1, port2 } = new MessageChannel();
    this.#channel = new Channel(port1, {
      message: (body, serial) => (this.#isOpen ? this.#events.message(body, serial) : this.#open(body)),
      unreadable: (serial) => this.#events.unreadable(serial),
    });
    const greeting = { purpose: this.#purpose, link: this.#link, locks: this.#hasLock } as const;
    sendHandshake(this.#to, { kind: 'connect', ...greeting }, [port2]);
  }

  /** The first message: on which terms. */
  #open(body: unknown): boolean {
    if (!isMadeOf(body, 'protocol', 'unwatchedBecause') || body.protocol !== PROTOCOL) return false;
    const { unwatchedBecause } = body;
    if (unwatchedBecause !== null && !isText(unwatchedBecause)) return false;
    const watched = this.#hasLock && unwatchedBecause === null;
    const ownReason = this.#hasLock ? null : 'locks are refused here';
    this.#isOpen = true;
    this.#stopListening();
    if (watched) this.#stopWatch = watchLock(lockName(this.#link, 'responder'), () => this.#onPeerLost());
    this.#events.opened({
      watched,
      unwatchedBecause: watched ? null : (ownReason ?? unwatchedBecause),
    });
    return true;
  }

  #onPeerLost(): void {
    this.#isPeerGone = true;
    if (this.#isClosed) this.#freeLock();
    else this.#events.died();
  }
}
