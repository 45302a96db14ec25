/** Sequence of merges of one decoder: merges its pairs one at a time, in order. */
import type { AlphaMerger } from './alpha-merger.ts';
import type { AlphaPairs, Pair } from './alpha-pairs.ts';

/** Receiver of the merged frames. */
export interface MergeClient {
  /** Takes ownership of a frame, merged or unmerged. */
  put(frame: VideoFrame): void;
  /** A merge has ended, and its frame was put out. */
  onMerged(): void;
  onMergeError(error: unknown): void;
}

/**
 * Takes complete pairs out of `AlphaPairs`. This class owns a pair's frames until its merge has ended; then it closes them, and
 * the client owns the merged frame. `drop()` closes the frames at once, and the result of the merge in progress when it arrives.
 */
export class AlphaMerges {
  readonly #pairs: AlphaPairs<VideoFrame>;
  readonly #merger: AlphaMerger;
  readonly #client: MergeClient;
  #current: { readonly pair: Pair<VideoFrame>; readonly done: Promise<void> } | null = null;

  constructor(pairs: AlphaPairs<VideoFrame>, merger: AlphaMerger, client: MergeClient) {
    this.#pairs = pairs;
    this.#merger = merger;
    this.#client = client;
  }

  get isBusy(): boolean {
    return this.#current !== null;
  }

  /** Begins with the next complete pair. Unmerged frames are put out in the same call. */
  start(): void {
    while (this.#current === null) {
      const pair = this.#pairs.take();
      if (pair === null) return;
      if (pair.use === 'plain') this.#client.put(pair.colour);
      else this.#current = { pair, done: this.#merge(pair) };
    }
  }

  /** Resolves when no complete pair is left. */
  async finish(): Promise<void> {
    this.start();
    while (this.#current !== null) await this.#current.done;
  }

  /** Closes the frames of the merge in progress. */
  drop(): void {
    const { pair } = this.#current ?? {};
    this.#current = null;
    pair?.colour.close();
    pair?.alpha?.close();
  }

  async #merge(pair: Pair<VideoFrame>): Promise<void> {
    const { colour, alpha } = pair;
    let merged: VideoFrame | null = null;
    let failure: { error: unknown } | null = null;
    try {
      merged = await this.#merger.merge(colour, alpha);
    } catch (error) {
      failure = { error };
    }
    colour.close();
    alpha?.close();
    // Dropped during the merge.
    if (this.#current?.pair !== pair) {
      merged?.close();
      return;
    }
    this.#current = null;
    if (merged !== null) {
      this.#client.put(merged);
      this.#client.onMerged();
      this.start();
    } else if (failure !== null) {
      this.#client.onMergeError(failure.error);
    }
  }
}
