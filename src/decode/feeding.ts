/** Feeds one decoder with chunks: reads one, waits for the right to put it in, puts it in. */
import { FramePermit } from '../pool/permit.ts';
import type { ChunkKind } from './chunk-classifier.ts';
import type { Applicant, DecodeFlow, Ticket } from './flow.ts';

const NOTHING = Promise.resolve();

/** Whom it works for. */
export interface FeedingEvents {
  /** Whether anybody waits for a frame now. */
  isAwaited(): boolean;
  /** A chunk was read. Returns the configuration that begins with it; null if that of the chunk before goes on. */
  read(chunk: EncodedVideoChunk): VideoDecoderConfig | null;
  /** All chunks are in, and all their frames out. */
  finished(): void;
  /** It came to nothing: the source failed, or the flow. */
  failed(error: unknown): void;
}

/**
 * Goes on as long as there is something to feed, and until nobody waits and no permit is free. Ended by `stop()`, and then hears
 * nothing any more of what it still waits for.
 *
 * Written by hand, with handlers that are made once: an async function leaves some 800 bytes for the collector with each chunk.
 */
export class Feeding implements Applicant {
  readonly #flow: DecodeFlow;
  readonly #source: AsyncIterator<EncodedVideoChunk>;
  readonly #events: FeedingEvents;
  /** A chunk that was read and has no ticket yet. */
  #chunk: EncodedVideoChunk | null = null;
  #kind: ChunkKind = 'wanted';
  /** What it was granted, and has not used yet. */
  #ticket: Ticket | null = null;
  /** It waits for a chunk, a ticket or the last frames, or is at work further up the stack. */
  #isBusy = false;
  #isOver = false;

  constructor(flow: DecodeFlow, source: AsyncIterator<EncodedVideoChunk>, events: FeedingEvents) {
    this.#flow = flow;
    this.#source = source;
    this.#events = events;
  }

  /** Looks again whether there is something to do. */
  go(): void {
    if (this.#isBusy || this.#isOver) return;
    this.#isBusy = true;
    this.#attempt();
  }

  /** Idempotent. A chunk that waits for its turn is dropped, and what was granted for it given back. */
  stop(): void {
    this.#isOver = true;
    this.#chunk = null;
    if (this.#ticket instanceof FramePermit) this.#ticket.release();
    this.#ticket = null;
  }

  #attempt(): void {
    if (this.#isOver) return;
    try {
      this.#isBusy = this.#advance();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @returns Whether there is something to wait for. */
  #advance(): boolean {
    while (!this.#isOver) {
      const chunk = this.#chunk;
      if (chunk === null) {
        this.#read();
        return true;
      }
      const isAhead = !this.#events.isAwaited();
      const ticket = this.#flow.tryAdmit(this.#kind, isAhead);
      if (ticket !== null) this.#put(chunk, ticket);
      else if (isAhead) return false;
      else {
        this.#flow.apply(this.#kind, this);
        return true;
      }
    }
    return false;
  }

  #read(): void {
    let next: Promise<IteratorResult<EncodedVideoChunk>>;
    try {
      // A source may give what is no promise, as `for await` takes it.
      next = Promise.resolve(this.#source.next());
    } catch (error) {
      next = Promise.reject(error as Error);
    }
    next.then(this.#onRead, this.#onSourceError);
  }

  #put(chunk: EncodedVideoChunk, ticket: Ticket): void {
    this.#chunk = null;
    this.#flow.feed(chunk, this.#kind, ticket);
  }

  readonly #onRead = (result: IteratorResult<EncodedVideoChunk>): void => {
    if (this.#isOver) return;
    try {
      if (result.done === true) {
        this.#finish();
        return;
      }
      const config = this.#events.read(result.value);
      if (config !== null) {
        void this.#reconfigure(config, result.value);
        return;
      }
      this.#take(result.value);
    } catch (error) {
      this.#fail(error);
    }
  };

  #take(chunk: EncodedVideoChunk): void {
    this.#kind = this.#flow.classify(chunk);
    if (this.#flow.isComplete) {
      this.#finish();
      return;
    }
    this.#chunk = chunk;
    this.#attempt();
  }

  /** Frames of the configuration before come first. */
  async #reconfigure(config: VideoDecoderConfig, chunk: EncodedVideoChunk): Promise<void> {
    try {
      await this.#flow.flush();
      if (this.#isOver) return;
      this.#flow.configure(config);
      this.#take(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Nothing more goes in: the last frames come out. */
  #finish(): void {
    this.#flow.flush().then(this.#onFlushed, this.#onError);
  }

  /** The good frames before that come first, also those inside. */
  readonly #onSourceError = (error: unknown): void => {
    if (this.#isOver) return;
    const fail = (): void => this.#fail(error);
    this.#flow.flush().then(fail, fail);
  };

  granted(ticket: Ticket | null): void {
    if (this.#isOver) {
      if (ticket instanceof FramePermit) ticket.release();
      return;
    }
    this.#ticket = ticket;
    // Not within the call of whoever made room: a chunk that is put in may have its frame out at once.
    void NOTHING.then(this.#onTicket);
  }

  refused(error: unknown): void {
    void NOTHING.then(() => this.#fail(error));
  }

  readonly #onTicket = (): void => {
    const ticket = this.#ticket;
    const chunk = this.#chunk;
    this.#ticket = null;
    try {
      if (chunk !== null && ticket !== null) this.#put(chunk, ticket);
    } catch (error) {
      this.#fail(error);
    }
    this.#attempt();
  };

  readonly #onFlushed = (): void => {
    if (this.#isOver) return;
    this.stop();
    this.#events.finished();
  };

  readonly #onError = (error: unknown): void => this.#fail(error);

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.stop();
    this.#events.failed(error);
  }
}
