/** The side of a channel that is reached: it answers who knocks, and tells what cannot be had here. */
import type { ChannelEvents } from './channel.ts';
import { Channel } from './channel.ts';
import type { Heard, MessageEnd, Purpose } from './greeting.ts';
import { greet, listen, PROTOCOL } from './greeting.ts';
import { lockOf } from './near-side.ts';
import { holdLock, isHeld, watchLock } from './vigil.ts';

/** What happens to a channel that was answered. */
export interface FarEvents extends ChannelEvents {
  /** The other side knows the terms, so things may be said now. */
  opened(): void;
  /** The other side is gone, without a word. */
  died(): void;
}

/** One channel that was answered. */
export class FarSide {
  readonly #channel: Channel;
  readonly #link: string;
  readonly #events: FarEvents;
  #letGo: (() => void) | null = null;
  #stopWatch: (() => void) | null = null;
  #closed = false;

  constructor(port: MessagePort, link: string, locks: boolean, eventsOf: (side: FarSide) => FarEvents) {
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
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWatch?.();
    this.#channel.close();
    this.#letGo?.();
  }

  /** Finds out whether the other side is gone, for when there is reason to believe it: while it lives it holds its lock. */
  async checkLife(): Promise<void> {
    const lives = await isHeld(lockOf(this.#link, 'near'));
    if (!lives && !this.#closed) this.#events.died();
  }

  async #open(locks: boolean): Promise<void> {
    const unwatchedBecause = locks ? await this.#hold() : 'locks are refused on the other side';
    if (this.#closed) return;
    this.#channel.post({ protocol: PROTOCOL, unwatchedBecause });
    this.#events.opened();
  }

  /** @returns Why the other side cannot watch this one; null where it can. */
  async #hold(): Promise<string | null> {
    const letGo = await holdLock(lockOf(this.#link, 'far'));
    if (this.#closed) letGo?.();
    if (this.#closed || letGo === null) return 'locks are refused there';
    this.#letGo = letGo;
    const near = lockOf(this.#link, 'near');
    // The same origin may have several sets of locks, as in frames of other sites: each side would see the other as dead.
    if (!(await isHeld(near))) return 'locks are not shared with the other side';
    if (!this.#closed) this.#stopWatch = watchLock(near, () => !this.#closed && this.#events.died());
    return null;
  }
}

/** Links that one end may have, which no honest use comes near, and knocks that may wait there to be followed up. */
const MAX_LINKS = 1024;

/** What is answered to the next one. */
export const refusalOf = (links: number): string | null =>
  links < MAX_LINKS ? null : `there are ${MAX_LINKS} links already`;

/** Whom an answering end lets in. */
export interface Reception {
  /** Null: whoever comes next. A text: not that one, and why. */
  readonly refusal: string | null;
  /** Somebody is let in. */
  enter(side: FarSide): FarEvents;
  /** Something was refused that was said at the end itself. */
  strange(): void;
}

/**
 * Answers who knocks at an end.
 *
 * @returns What stops it; channels that are open stay.
 */
export function answer(from: MessageEnd, purpose: Purpose, reception: Reception): () => void {
  const expected = new Set<string>();
  const hear = (said: Exclude<Heard, { kind: 'other' }>, [port]: readonly MessagePort[]): void => {
    if (said.kind === 'strange') {
      reception.strange();
      const why = `the other side is of another version of video-frame-pool; this one speaks protocol ${PROTOCOL}`;
      // An answer is not answered: two ends of different versions would never stop.
      if (said.link !== null && !said.isAnswer)
        greet(from, { kind: 'refuse', purpose, link: said.link, why });
      return;
    }
    if (said.kind === 'knock' && reception.refusal !== null) {
      greet(from, { kind: 'refuse', purpose, link: said.link, why: reception.refusal });
    } else if (said.kind === 'knock') {
      expected.add(said.link);
      // Who knocks and never comes is forgotten, the oldest first.
      for (const oldest of expected) if (expected.size > MAX_LINKS) expected.delete(oldest);
      greet(from, { kind: 'here', purpose, link: said.link });
    } else if (said.kind === 'connect') {
      // Once each: a repeated one, or one that nobody knocked for, is not let in.
      if (port === undefined || reception.refusal !== null || !expected.delete(said.link))
        reception.strange();
      else new FarSide(port, said.link, said.locks, (side) => reception.enter(side));
    }
  };
  const stop = listen(from, purpose, hear);
  greet(from, { kind: 'here', purpose, link: null });
  return stop;
}
