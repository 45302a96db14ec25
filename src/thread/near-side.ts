/** The side of a channel that reaches out: it knocks, hands over a port, and watches whether the other side lives. */
import { notSupported } from '../errors.ts';
import type { ChannelEvents } from './channel.ts';
import { Channel } from './channel.ts';
import type { Heard, MessageEnd, Purpose } from './greeting.ts';
import { greet, listen, PROTOCOL } from './greeting.ts';
import { isMadeOf, isText } from './shapes.ts';
import { holdLock, watchLock } from './vigil.ts';

/** What was settled with the other side when it answered. */
export interface LinkTerms {
  /** Whether it will be found out when the other side dies. */
  readonly watched: boolean;
  /** Why it will not; null where it will. */
  readonly unwatchedBecause: string | null;
}

/** What happens to a channel that reaches out. `refused` and `died` are the end of it, and come at most once. */
export interface NearEvents extends ChannelEvents {
  /** The other side has answered. */
  opened(terms: LinkTerms): void;
  /** It cannot be reached. */
  refused(error: DOMException): void;
  /** It is gone, without a word. */
  died(): void;
  /** Said last on every port that was handed over, whether or not somebody ever answers there. */
  readonly lastWord?: object;
}

/** The lock that each side of a link holds while it lives. */
export const lockOf = (link: string, side: 'near' | 'far'): string => `video-frame-pool ${link} ${side}`;

/**
 * Each port that was handed over and led to nobody stays until the other side closes it. Who comes anew so often without
 * answering once does not mean to.
 */
const MAX_ATTEMPTS = 256;

/** Every wait in here ends by `close()`, but the one for the other side to have heard the last word, which is that side's to end. */
export class NearSide {
  readonly #to: MessageEnd;
  readonly #purpose: Purpose;
  readonly #events: NearEvents;
  #link = crypto.randomUUID();
  readonly #stopListening: () => void;
  #channel: Channel | null = null;
  #letGo: (() => void) | null = null;
  #stopWatch: (() => void) | null = null;
  #hasLock = false;
  #knocked = false;
  #opened = false;
  #closed = false;
  /** Whether the other side's lock was free: it is gone, or has closed. */
  #isAlone = false;
  #strange = 0;
  #attempts = 0;

  constructor(to: MessageEnd, purpose: Purpose, events: NearEvents) {
    this.#to = to;
    this.#purpose = purpose;
    this.#events = events;
    this.#stopListening = listen(to, purpose, (said) => this.#hear(said));
    this.#reachOut();
  }

  /** Messages that were refused. */
  get refused(): number {
    return this.#strange + (this.#channel?.refused ?? 0);
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
   * they came first (WebKitGTK) the other side would take this one for dead, and never hear what was said before.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopListening();
    this.#hangUp();
    const isAwaited = this.#events.lastWord !== undefined && this.#stopWatch !== null && !this.#isAlone;
    if (isAwaited) return;
    this.#stopWatch?.();
    this.#freeLock();
  }

  #reachOut(): void {
    const link = this.#link;
    // Before the other side hears of it, for that is how it finds out whether it can see the locks of this one.
    void holdLock(lockOf(link, 'near')).then((letGo) => this.#begin(link, letGo));
  }

  #begin(link: string, letGo: (() => void) | null): void {
    if (this.#closed || link !== this.#link) {
      letGo?.();
      return;
    }
    this.#letGo = letGo;
    this.#hasLock = letGo !== null;
    this.#knock();
  }

  /** Says the last word, also where the other side is about to answer. */
  #hangUp(): void {
    const { lastWord } = this.#events;
    if (lastWord === undefined) this.#channel?.close();
    else this.#channel?.leave(lastWord);
  }

  #freeLock(): void {
    this.#letGo?.();
    this.#letGo = null;
  }

  #knock(): void {
    this.#knocked = true;
    greet(this.#to, { kind: 'knock', purpose: this.#purpose, link: this.#link });
  }

  #hear(said: Exclude<Heard, { kind: 'other' }>): void {
    if (said.kind === 'strange') {
      this.#strange++;
      if (said.link === this.#link) {
        this.#events.refused(
          notSupported(
            `the other side is of another version of video-frame-pool; this one speaks protocol ${PROTOCOL}`,
          ),
        );
      }
      return;
    }
    if (said.kind === 'here' && said.link === null) this.#meet();
    if (said.link !== this.#link || this.#channel !== null) return;
    if (said.kind === 'here') this.#connect();
    if (said.kind === 'refuse') this.#events.refused(notSupported(said.why));
  }

  /** Somebody came later than the knock, or than the port that was for one who left: that was lost on him then. */
  #meet(): void {
    if (this.#channel === null) {
      if (this.#knocked) this.#knock();
      return;
    }
    if (++this.#attempts === MAX_ATTEMPTS) {
      this.#strange++;
      this.#events.refused(notSupported('the other side began anew again and again, and never answered'));
      return;
    }
    // By another name: what he has heard of the old one leads nowhere.
    this.#hangUp();
    this.#freeLock();
    this.#strange += this.#channel.refused;
    this.#channel = null;
    this.#knocked = false;
    this.#link = crypto.randomUUID();
    this.#reachOut();
  }

  #connect(): void {
    const { port1, port2 } = new MessageChannel();
    this.#channel = new Channel(port1, {
      message: (body, serial) => (this.#opened ? this.#events.message(body, serial) : this.#open(body)),
      unreadable: (serial) => this.#events.unreadable(serial),
    });
    const greeting = { purpose: this.#purpose, link: this.#link, locks: this.#hasLock } as const;
    greet(this.#to, { kind: 'connect', ...greeting }, [port2]);
  }

  /** The first message: on which terms. */
  #open(body: unknown): boolean {
    if (!isMadeOf(body, 'protocol', 'unwatchedBecause') || body.protocol !== PROTOCOL) return false;
    const { unwatchedBecause } = body;
    if (unwatchedBecause !== null && !isText(unwatchedBecause)) return false;
    const watched = this.#hasLock && unwatchedBecause === null;
    const ownReason = this.#hasLock ? null : 'locks are refused here';
    this.#opened = true;
    this.#stopListening();
    if (watched) this.#stopWatch = watchLock(lockOf(this.#link, 'far'), () => this.#die());
    this.#events.opened({
      watched,
      unwatchedBecause: watched ? null : (ownReason ?? unwatchedBecause),
    });
    return true;
  }

  #die(): void {
    this.#isAlone = true;
    if (this.#closed) this.#freeLock();
    else this.#events.died();
  }
}
