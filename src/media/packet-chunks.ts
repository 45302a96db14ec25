/** Iterator of a file's packets as chunks for a decoder. */
import { mapError } from './file-errors.ts';
import type { TrackPacket } from './container/track-packets.ts';
import { secondsOf } from './container/track-packets.ts';
import type { TimedPacket } from './timed-packets.ts';

/** Source of the packets. */
export interface ChunkSource {
  /** Looks up the first packet. */
  open(): Promise<AsyncIterator<TimedPacket, undefined>>;
  /** Called before a chunk is returned. Returns whether it is the last one that is needed. */
  made(chunk: EncodedVideoChunk, from: TimedPacket): boolean;
  /** Called at the end of the file. An error that it throws ends the chunks. */
  ended(last: TrackPacket | null): Promise<void>;
}

type Result = IteratorResult<EncodedVideoChunk, undefined>;

const END: Result = { done: true, value: undefined };

/**
 * Written by hand, with handlers that are created once: the alternative, an async generator within an async generator, takes ten
 * promise steps for each chunk. Only one `next()` may be pending at a time.
 */
export class PacketChunks implements AsyncIterator<EncodedVideoChunk, undefined> {
  readonly #source: ChunkSource;
  #packets: AsyncIterator<TimedPacket, undefined> | null = null;
  #last: TrackPacket | null = null;
  #isLast = false;
  #isOver = false;

  constructor(source: ChunkSource) {
    this.#source = source;
  }

  /** @throws `EncodingError` if the file is damaged. */
  next(): Promise<Result> {
    if (this.#isOver) return Promise.resolve(END);
    if (this.#isLast) return this.return();
    if (this.#packets === null) return this.#open();
    return this.#packets.next().then(this.#onPacket, this.#onError);
  }

  async return(): Promise<Result> {
    this.#isOver = true;
    await this.#packets?.return?.();
    return END;
  }

  async #open(): Promise<Result> {
    const packets = await this.#source.open();
    if (this.#isOver) {
      await packets.return?.();
      return END;
    }
    this.#packets = packets;
    return this.next();
  }

  readonly #onPacket = (result: IteratorResult<TimedPacket, undefined>): Result | Promise<Result> => {
    if (this.#isOver) return END;
    if (result.done === true) return this.#end();
    const { packet, timestamp, duration, isShown } = result.value;
    const isFirst = this.#last === null;
    this.#last = packet;
    try {
      const chunk = new EncodedVideoChunk({
        // A decoder refuses any other type at its start, and the start was verified.
        type: packet.isKey || isFirst ? 'key' : 'delta',
        data: packet.data,
        timestamp,
        ...(isShown && { duration }),
      });
      this.#isLast = this.#source.made(chunk, result.value);
      return { done: false, value: chunk };
    } catch (error) {
      return this.#onError(error);
    }
  };

  async #end(): Promise<Result> {
    this.#isOver = true;
    await this.#source.ended(this.#last);
    return END;
  }

  /** Maps mediabunny's errors to errors about the file. */
  readonly #onError = (error: unknown): never => {
    this.#isOver = true;
    throw mapError(error, `the file is damaged after ${secondsOf(this.#last)} s`);
  };
}
