/** Loop that feeds one decoder: it reads a chunk, waits for admission and passes the chunk to the decoder. */
import { FramePermit } from '../pool/permit.ts';
import type { ChunkKind } from './chunk-classifier.ts';
import type { Applicant, DecodeFlow, Ticket } from './flow.ts';

const NOTHING = Promise.resolve();

/** Callbacks of a `Feeding`. */
export interface FeedingEvents {
  /** Whether a consumer waits for a frame now. */
  isAwaited(): boolean;
  /** Called when a chunk was read. Returns the configuration that begins with it, or null if the previous one continues. */
  read(chunk: EncodedVideoChunk): VideoDecoderConfig | null;
  /** Called when all chunks were decoded and all their frames came out. */
  finished(): void;
  /** Called when the source or the flow failed. */
  failed(error: unknown): void;
}

/**
 * Runs while there are chunks, and pauses when no consumer waits and no permit is free. `stop()` ends it: the results of pending
 * waits are then ignored.
 *
 * The handlers are created once. An async function would leave about 800 bytes of garbage for each chunk.
 */
export class Feeding implements Applicant {
  readonly #flow: DecodeFlow;
  readonly #source: AsyncIterator<EncodedVideoChunk>;
  readonly #events: FeedingEvents;
  /** A chunk that was read and has no ticket yet. */
  #chunk: EncodedVideoChunk | null = null;
  #kind: ChunkKind = 'wanted';
  /** Ticket that was granted and not used yet. */
  #ticket: Ticket | null = null;
  /** True during a wait for a chunk, a ticket or the last frames, and while this object runs further up the stack. */
  #isBusy = false;
  #isOver = false;

  constructor(flow: DecodeFlow, source: AsyncIterator<EncodedVideoChunk>, events: FeedingEvents) {
    this.#flow = flow;
    this.#source = source;
    this.#events = events;
  }

  /** Resumes after a pause, if there is work. */
  go(): void {
    if (this.#isBusy || this.#isOver) return;
    this.#isBusy = true;
    this.#attempt();
  }

  /** Ends the loop. A chunk that waits for admission is dropped, and its granted ticket is released. Idempotent. */
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

  /** @returns Whether it now waits for a chunk or a ticket. */
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
      // A source may return a plain value instead of a promise, as `for await` permits.
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

  /** Flushes the frames of the previous configuration first. */
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

  /** Flushes the last frames after the last chunk. */
  #finish(): void {
    this.#flow.flush().then(this.#onFlushed, this.#onError);
  }

  /** Delivers the good frames before the error first, including frames that are still inside the decoder. */
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
    // Deferred, to stay out of the call that made room: the decoder may put out the frame of a chunk at once.
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
