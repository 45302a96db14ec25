/** Source of the chunks of a part of a file, in decode order. */
import type { PullSink, PullSource } from '../base/pull-queue.ts';

/** Codecs reorder frames by at most 16 (H.264, A.3.1), so no needed chunk follows after more unneeded ones than this. */
const MAX_REORDERED = 16;

/**
 * Passes on chunks up to the last one whose frame begins before `to`, in µs. Chunks in between whose frames begin later are
 * included, because frames before `to` may refer to them.
 */
export class PacketRange implements PullSource<EncodedVideoChunk> {
  readonly #chunks: AsyncIterator<EncodedVideoChunk>;
  readonly #to: number;
  readonly #sink: PullSink<EncodedVideoChunk>;
  /** Chunks at or after `to`, until one before it follows. */
  #beyond: EncodedVideoChunk[] = [];
  readonly #ready: EncodedVideoChunk[] = [];
  #isReading = false;
  #isOver = false;

  constructor(chunks: AsyncIterable<EncodedVideoChunk>, to: number, sink: PullSink<EncodedVideoChunk>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#to = to;
    this.#sink = sink;
  }

  pull(): void {
    while (this.#sink.awaited > 0) {
      const chunk = this.#ready.shift();
      if (chunk === undefined) break;
      this.#sink.push(chunk);
    }
    if (this.#isReading || this.#isOver || this.#sink.awaited === 0) return;
    this.#isReading = true;
    this.#chunks.next().then(this.#onRead, this.#onError);
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#chunks.return?.().catch(() => {});
  }

  readonly #onRead = ({ done, value }: IteratorResult<EncodedVideoChunk>): void => {
    this.#isReading = false;
    if (this.#isOver) return;
    if (done === true) {
      this.#finish();
      return;
    }
    this.#beyond.push(value);
    if (value.timestamp < this.#to) this.#ready.push(...this.#beyond.splice(0));
    if (this.#beyond.length > MAX_REORDERED) this.#finish();
    else this.pull();
  };

  readonly #onError = (error: unknown): void => {
    if (!this.#isOver) this.#sink.fail(error);
  };

  /** All ready chunks have been taken, because a chunk is read only while one is awaited. */
  #finish(): void {
    this.stop();
    this.#sink.end();
  }
}
