/** An iterator of handles as a stream. */
import { shown } from '../errors.ts';
import type { StreamedFrame } from './let-go.ts';
import { letGo } from './let-go.ts';
import { Outlet } from './outlet.ts';

/**
 * Makes a stream of an iteration: of `decodeFrames()`, `reader.frames()`, or any other whose items are handles or have one as
 * their `handle`.
 *
 * It asks for the next item only while somebody reads, and keeps none. Each handle is its reader's, to be released once. A
 * cancel returns the iterator, and does not wait for a `next()` that is pending: what comes of that is released.
 *
 * @param frames - Taken over: nobody else iterates over it.
 * @throws `TypeError` for what is no async iterable; at once. From the stream: what the iterator throws.
 */
export function readableFrames<T extends StreamedFrame>(frames: AsyncIterable<T>): ReadableStream<T> {
  if (typeof (frames as Partial<AsyncIterable<T>> | null)?.[Symbol.asyncIterator] !== 'function') {
    throw new TypeError(`frames must be an async iterable, got ${shown(frames)}`);
  }
  return new Reading(frames[Symbol.asyncIterator]()).outlet.readable;
}

class Reading<T extends StreamedFrame> {
  readonly outlet: Outlet<T>;
  readonly #iterator: AsyncIterator<T>;
  #isAsking = false;

  constructor(iterator: AsyncIterator<T>) {
    this.#iterator = iterator;
    this.outlet = new Outlet<T>(letGo, {
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

  /** A generator answers only when its pending `next()` is through, which may never be: then nobody waits for it. */
  #return(): void | Promise<void> {
    const wasAsking = this.#isAsking;
    const returned = (async (): Promise<void> => void (await this.#iterator.return?.()))();
    if (!wasAsking) return returned;
    returned.catch(() => {});
  }
}
