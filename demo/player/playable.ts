/** Common interface of videos and cameras, as the page's controls see them. */
import type { FrameHandle } from '../../src/index.ts';

/** Playback state. `starved`: waits for a holder to release a frame. */
export type PlayState = 'empty' | 'paused' | 'playing' | 'starved' | 'ended';

/** A range of a video, in µs. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A source with a start and an end that can be sought in. Times are in µs. */
export interface Seekable {
  readonly start: number;
  readonly end: number;
  /**
   * Shows exactly the frame at a time. Of several pending seeks only the newest is performed. Playback continues from
   * there.
   */
  seek(time: number): Promise<void>;
  /** Steps one frame forward or back, and pauses. */
  step(direction: 1 | -1): Promise<void>;
  /** Playback rate, from 0.25 to 4; 1 is normal speed. Persists across videos. */
  rate: number;
  /** Whether playback restarts at the end of the video or range. Persists across videos. */
  loops: boolean;
  /**
   * The range that is played, or null for the whole video. Seeking and stepping are not limited to it. Reset to null
   * for each video.
   */
  range: Range | null;
  /**
   * Number of frames since the video was opened that were due and not shown, because the page or the screen was too
   * slow.
   */
  readonly droppedCount: number;
}

/** Sound of the current source. Volume and mute persist across videos. */
export interface Sound {
  /** `none`: no sound. `on`: played in sync. `unplayable`: cannot be decoded, for the reason in `why`. */
  readonly state: 'none' | 'on' | 'unplayable';
  readonly why: string | null;
  /** From 0 to 1. */
  volume: number;
  muted: boolean;
}

/** A source that can be shown and controlled. */
export interface Playable {
  readonly state: PlayState;
  /** Timestamp of the frame on the screen, in µs. */
  readonly position: number;
  /** Null for live sources, and if nothing is open. */
  readonly seekable: Seekable | null;
  play(): void;
  pause(): void;
  /** Shows a frame while not playing: the current one again, or the next one of a live source. */
  showAgain(): void;
}

/** Events of a source. */
export interface PlayableEvents {
  /** A frame is due. The handle is lent for the call. */
  show(handle: FrameHandle): void;
  /** A property changed: state, position, rate, range, sound and the like. */
  change(): void;
  /** An error occurred; playback has stopped, or waits. */
  fail(error: unknown): void;
}

/** Time in ms that a wait for a frame may take before the holders of the slots are reported. */
export const STARVATION_MS = 1500;
