/** `ReadableStream` over an async iterator of handles, and the release of its chunks. */
import { shown } from '../base/errors.ts';
import { isClosed, isVideoFrame } from '../pool/frames.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { HandleBase } from '../pool/handle.ts';
import { isLent, isOwned } from '../pool/loan.ts';
import type { Storage } from '../pool/storage.ts';
import { OwnedReadable } from './owned-readable.ts';

/** A handle, or an object with a handle. */
export type StreamedFrame = FrameHandle<Storage> | { readonly handle: FrameHandle<Storage> };

/** Releases a handle, or the handle inside an object. Closes a frame that no pool owns. Ignores every other value. */
export function releaseChunk(chunk: unknown): void {
  if (chunk instanceof HandleBase) chunk.release();
  else if (isVideoFrame(chunk)) {
    if (!isClosed(chunk) && !isOwned(chunk) && !isLent(chunk)) chunk.close();
  } else if (typeof chunk === 'object' && chunk !== null && 'handle' in chunk) {
    if (chunk.handle instanceof HandleBase) chunk.handle.release();
  }
}

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
  return new Reading(frames[Symbol.asyncIterator]()).end.readable;
}

class Reading<T extends StreamedFrame> {
  readonly end: OwnedReadable<T>;
  readonly #iterator: AsyncIterator<T>;
  #isIterating = false;

  constructor(iterator: AsyncIterator<T>) {
    this.#iterator = iterator;
    this.end = new OwnedReadable<T>(releaseChunk, {
      read: () => void this.#requestNext(),
      cancelled: () => this.#return(),
    });
  }

  async #requestNext(): Promise<void> {
    if (this.#isIterating || !this.end.isReadPending) return;
    this.#isIterating = true;
    try {
      const { done, value } = await this.#iterator.next();
      this.#isIterating = false;
      if (done === true) this.end.end();
      else this.end.give(value);
    } catch (error) {
      this.#isIterating = false;
      this.end.fail(error);
    }
  }

  /**
   * A generator settles `return()` only after its pending `next()`, which may never settle. In that case the cancel does not wait
   * for it.
   */
  #return(): void | Promise<void> {
    const wasIterating = this.#isIterating;
    const returned = (async (): Promise<void> => void (await this.#iterator.return?.()))();
    if (!wasIterating) return returned;
    returned.catch(() => {});
  }
}
