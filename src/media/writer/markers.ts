/** Markers over all streams of a writer, resolved in the order in which they were placed. */
import type { Deferred } from '../../base/deferred.ts';
import type { Callbacks } from './callbacks.ts';
import { handledDeferred } from './callbacks.ts';

/** A stream, as a marker uses it. */
export interface Marked {
  readonly index: number;
  /** Whether all samples up to this number are in the file. */
  isDone(written: number): boolean;
}

interface Marker {
  readonly stream: Marked;
  /** Sequence number of the last write before the marker. */
  readonly written: number;
  readonly context: unknown;
  readonly placed: Deferred<unknown>;
}

/** FIFO queue: a marker waits for all markers placed before it, in any stream. */
export class Markers {
  readonly #callbacks: Callbacks;
  #pending: Marker[] = [];

  constructor(callbacks: Callbacks) {
    this.#callbacks = callbacks;
  }

  place(stream: Marked, written: number, context: unknown): Promise<unknown> {
    const placed = handledDeferred<unknown>();
    this.#pending.push({ stream, written, context, placed });
    this.check();
    return placed.promise;
  }

  /** Resolves the markers that are done. Called after each accepted packet. */
  check(): void {
    for (let [first] = this.#pending; first?.stream.isDone(first.written) === true; [first] = this.#pending) {
      this.#pending.shift();
      this.#callbacks.dispatch('onMarker', first.stream.index, first.context);
      first.placed.resolve(first.context);
    }
  }

  /** Rejects the markers of one stream, or all, because their samples were dropped. */
  reject(reason: unknown, stream?: Marked): void {
    const pending = this.#pending;
    this.#pending = stream === undefined ? [] : pending.filter((marker) => marker.stream !== stream);
    for (const marker of pending) {
      if (stream === undefined || marker.stream === stream) marker.placed.reject(reason);
    }
    this.check();
  }
}
