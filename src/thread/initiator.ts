/**
 * The side of a channel that starts the handshake: it sends a hello, hands over a port, and watches whether the other
 * side is alive.
 */
import { notSupported } from '../base/errors.ts';
import type { ChannelEvents } from './channel.ts';
import { Channel } from './channel.ts';
import type { Incoming, MessageEndpoint, Purpose } from './handshake.ts';
import { listenForHandshakes, PROTOCOL, sendHandshake } from './handshake.ts';
import { isMadeOf, isText } from './validation.ts';
import { holdLock, lockName, watchLock } from './liveness-lock.ts';

/** Properties of a link, settled when the other side responded. */
export interface LinkInfo {
  /** Whether the end of the other side is detected. */
  readonly detectsTermination: boolean;
  /** Why it is not detected; null if it is. */
  readonly undetectableBecause: string | null;
}

/** Events of the initiating side. `refused` and `died` end the channel, and are dispatched at most once. */
export interface InitiatorEvents extends ChannelEvents {
  /** The other side has responded. */
  opened(terms: LinkInfo): void;
  /** The other side cannot be reached. */
  refused(error: DOMException): void;
  /** The other side ended without a final message. */
  died(): void;
  /** Sent last on every port that was handed over, even if no responder ever uses it. */
  readonly finalMessage?: object;
}

/**
 * Maximum number of connection attempts. A port without a responder stays open until the other side closes it, so a
 * peer that announces itself this often and never responds is refused.
 */
const MAX_ATTEMPTS = 256;

/**
 * Every wait in this class ends by `close()`, except the wait until the other side has received the final message,
 * which that side ends.
 */
export class Initiator {
  readonly #to: MessageEndpoint;
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
  /** Whether the other side's lock was free: the other side has ended, or has closed. */
  #isPeerGone = false;
  #invalidCount = 0;
  #attempts = 0;

  constructor(to: MessageEndpoint, purpose: Purpose, events: InitiatorEvents) {
    this.#to = to;
    this.#purpose = purpose;
    this.#events = events;
    this.#stopListening = listenForHandshakes(to, purpose, (incoming) => this.#receive(incoming));
    this.#begin();
  }

  /** Number of rejected messages. */
  get refused(): number {
    return this.#invalidCount + (this.#channel?.refused ?? 0);
  }

  /** As `Channel.post()`. Valid only between `opened` and `close()`. */
  post(body: object, transfer: Transferable[] = []): number {
    if (this.#channel === null) throw new TypeError('not connected yet');
    return this.#channel.post(body, transfer);
  }

  /**
   * Ends the channel from this side; further messages are ignored. Idempotent.
   *
   * After a final message the lock is held until the other side has released its own. Locks and messages travel
   * separately: if the news of the lock arrived first (WebKitGTK), the other side would take this one for dead and
   * ignore earlier messages.
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
    // The lock is held before the hello is sent, because the other side uses it to check whether it can see this side's
    // locks.
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

  /** Sends the final message, even if the other side is about to respond. */
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
            `the other side has another version of video-frame-pool; this side uses protocol ${PROTOCOL}`,
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

  /**
   * A responder that appeared after the hello, or after the port went to a responder that has ended, did not receive
   * either.
   */
  #onResponderReady(): void {
    if (this.#channel === null) {
      if (this.#hasSentHello) this.#sendHello();
      return;
    }
    if (++this.#attempts === MAX_ATTEMPTS) {
      this.#invalidCount++;
      this.#events.refused(
        notSupported(`the other side announced itself ${MAX_ATTEMPTS} times and never responded`),
      );
      return;
    }
    // With a new name: messages about the old link lead nowhere.
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
    const handshake = { purpose: this.#purpose, link: this.#link, hasLock: this.#hasLock } as const;
    sendHandshake(this.#to, { kind: 'connect', ...handshake }, [port2]);
  }

  /** The first message: the properties of the link. */
  #open(body: unknown): boolean {
    if (!isMadeOf(body, 'protocol', 'undetectableBecause') || body.protocol !== PROTOCOL) return false;
    const { undetectableBecause } = body;
    if (undetectableBecause !== null && !isText(undetectableBecause)) return false;
    const detectsTermination = this.#hasLock && undetectableBecause === null;
    const ownReason = this.#hasLock ? null : 'locks are refused on this side';
    this.#isOpen = true;
    this.#stopListening();
    if (detectsTermination)
      this.#stopWatch = watchLock(lockName(this.#link, 'responder'), () => this.#onPeerLost());
    this.#events.opened({
      detectsTermination,
      undetectableBecause: detectsTermination ? null : (ownReason ?? undetectableBecause),
    });
    return true;
  }

  #onPeerLost(): void {
    this.#isPeerGone = true;
    if (this.#isClosed) this.#freeLock();
    else this.#events.died();
  }
}
