/** Common interface of the ways to read a track: the source and its listener. */

/** Receives the events of a track. */
export interface TrackListener {
  /** Called for each frame. The listener owns the frame. */
  onFrame(frame: VideoFrame): void;
  /** Called when the engine has dropped this number of frames before they could be read. */
  onDiscarded(count: number): void;
  /** Called when the track has ended. */
  onEnd(): void;
  /** Called when the track cannot be read, or can no longer be read. */
  onError(error: unknown): void;
}

/**
 * Reads a track continuously, because a camera does not wait. The platform keeps the source and its listener alive, so a listener
 * that the app may abandon is called through a `Tether`.
 */
export interface TrackSource {
  /** Starts reading. Called once. The listener is not called before this has returned. */
  start(listener: TrackListener): void;
  /** Called while a caller waits and no frame comes. Reports an end for which no event was dispatched. */
  look?(): void;
  /**
   * Ends the reading, not the track; idempotent. The listener is not called afterwards, and late frames are closed.
   *
   * @returns Resolves when no more frames of the track can come; never rejects.
   */
  stop(): Promise<void>;
}
