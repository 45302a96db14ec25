/** `ReadableStream` over an async iterator of handles. */
import { shown } from '../base/errors.ts';
import type { StreamedFrame } from './release-chunk.ts';
import { releaseChunk } from './release-chunk.ts';
import { OwnedReadable } from './owned-readable.ts';

/**
 * Makes a stream from an iteration: from `decodeFrames()`, `reader.frames()`, or any other iteration whose items are handles or
 * have a handle as their `handle`.
 *
 * The stream requests the next item only while a read is pending, and keeps no item. The reader owns each handle, and must
 * release it once. A cancel calls the iterator's `return()`, and does not wait for a pending `next()`. A late result of that
 * `next()` is released.
 *
 * @param frames - Taken over: no other consumer may iterate over it.
 * @throws `TypeError` for a value that is not an async iterable; synchronously. From the stream: the iterator's own errors.
 */
export function readableFrames<T extends StreamedFrame>(frames: AsyncIterable<T>): ReadableStream<T> {
  if (typeof (frames as Partial<AsyncIterable<T>> | null)?.[Symbol.asyncIterator] !== 'function') {
    throw new TypeError(`frames must be an async iterable, got ${shown(frames)}`);
  }
  return new Reading(frames[Symbol.asyncIterator]()).outlet.readable;
}

class Reading<T extends StreamedFrame> {
  readonly outlet: OwnedReadable<T>;
  readonly #iterator: AsyncIterator<T>;
  #isAsking = false;

  constructor(iterator: AsyncIterator<T>) {
    this.#iterator = iterator;
    this.outlet = new OwnedReadable<T>(releaseChunk, {
      read: () => void this.#ask(),
      cancelled: () => this.#return(),
    });
  }

  async #ask(): Promise<void> {
    if (this.#isAsking || !this.outlet.isAsked) return;
    this.#isAsking = true;
    try {
      const { done, value } = await this.#iterator.next();
      this.#isAsking = false;
      if (done === true) this.outlet.end();
      else this.outlet.give(value);
    } catch (error) {
      this.#isAsking = false;
      this.outlet.fail(error);
    }
  }

  /**
   * A generator settles `return()` only after its pending `next()`, which may never settle. In that case the cancel does not wait
   * for it.
   */
  #return(): void | Promise<void> {
    const wasAsking = this.#isAsking;
    const returned = (async (): Promise<void> => void (await this.#iterator.return?.()))();
    if (!wasAsking) return returned;
    returned.catch(() => {});
  }
}
