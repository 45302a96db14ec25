/** What the ways of reading a track have in common: who is told, and what is promised. */

/** Is told of a track's frames. */
export interface TrackListener {
  /** A frame has come. Whoever is told owns it. */
  onFrame(frame: VideoFrame): void;
  /** The engine dropped so many frames before they could be read. */
  onDiscarded(count: number): void;
  /** The track has ended. */
  onEnd(): void;
  /** The track cannot be read, or not any more. */
  onError(error: unknown): void;
}

/**
 * Reads a track, all the time: a camera does not wait. What the platform keeps alive for that refers to the source and its
 * listener, so a listener that the app may forget is told through a `Tether`.
 */
export interface TrackSource {
  /** Begins to read. Once, and nothing is told before it has returned. */
  start(listener: TrackListener): void;
  /** Somebody waits, and nothing comes: tells of an end that no event has told of. */
  look?(): void;
  /**
   * Ends the reading, not the track; idempotent. Nothing is told afterwards, and a frame that comes still is closed.
   *
   * @returns Resolves when nothing of the track can come any more; never rejects.
   */
  stop(): Promise<void>;
}
