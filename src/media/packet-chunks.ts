/** Packets of a file as chunks for a decoder. */
import type { EncodedPacket } from 'mediabunny';
import { explained } from './explain.ts';

/** Where the packets come from. */
export interface PacketSource {
  /** Looks up where to begin. */
  open(): Promise<AsyncIterator<EncodedPacket>>;
  /** Makes a chunk of a packet; as mediabunny does by default. */
  chunkOf?(packet: EncodedPacket): EncodedVideoChunk;
  /** The packets have come to their end; what it throws comes to who asks for one more. */
  ended(last: EncodedPacket | null): Promise<void>;
}

type Result = IteratorResult<EncodedVideoChunk, undefined>;

const END: Result = { done: true, value: undefined };

/**
 * Written by hand, with handlers that are made once: an async generator within an async generator, as it would be otherwise, takes
 * ten steps of promises for each chunk. It is asked for one at a time.
 */
export class PacketChunks implements AsyncIterator<EncodedVideoChunk, undefined> {
  readonly #source: PacketSource;
  #packets: AsyncIterator<EncodedPacket> | null = null;
  #last: EncodedPacket | null = null;
  #isOver = false;

  constructor(source: PacketSource) {
    this.#source = source;
  }

  /** @throws `EncodingError` where the file is damaged. */
  next(): Promise<Result> {
    if (this.#isOver) return Promise.resolve(END);
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

  readonly #onPacket = (result: IteratorResult<EncodedPacket>): Result | Promise<Result> => {
    if (this.#isOver) return END;
    if (result.done === true) return this.#end();
    this.#last = result.value;
    try {
      return { done: false, value: this.#chunkOf(result.value) };
    } catch (error) {
      return this.#onError(error);
    }
  };

  #chunkOf(packet: EncodedPacket): EncodedVideoChunk {
    return this.#source.chunkOf?.(packet) ?? packet.toEncodedVideoChunk();
  }

  async #end(): Promise<Result> {
    this.#isOver = true;
    await this.#source.ended(this.#last);
    return END;
  }

  /** What mediabunny stumbles over is the file's fault. */
  readonly #onError = (error: unknown): never => {
    this.#isOver = true;
    throw explained(error, `the file is damaged after ${secondsOf(this.#last)} s`);
  };
}

/** A packet's time in words; the beginning for none. */
export const secondsOf = (packet: EncodedPacket | null): string => (packet?.timestamp ?? 0).toFixed(3);
