/** What films and cameras have in common, as the page's controls see them. */
import type { FrameHandle } from '../../src/index.ts';

/** What is going on. `starved`: it waits for somebody to give a frame back. */
export type PlayState = 'empty' | 'paused' | 'playing' | 'starved' | 'ended';

/** Something with a beginning and an end, in which one can go to and fro. Times are in µs. */
export interface Seekable {
  readonly start: number;
  readonly end: number;
  seek(time: number): Promise<void>;
  /** Goes one frame forward or back, and stays there. */
  step(direction: 1 | -1): Promise<void>;
}

/** What can be shown and driven. */
export interface Playable {
  readonly state: PlayState;
  /** The time of the frame that is on the screen, in µs. */
  readonly position: number;
  /** Null for what is live, and where nothing is open. */
  readonly seekable: Seekable | null;
  play(): void;
  pause(): void;
  /** Shows a frame though it is not playing: the one on the screen once more, or the next that comes. */
  showAgain(): void;
}

/** What it tells. */
export interface PlayableEvents {
  /** A frame is due. The handle is lent for the call. */
  show(handle: FrameHandle): void;
  /** State or position changed. */
  change(): void;
  /** Something went wrong; playing has stopped, or waits. */
  fail(error: unknown): void;
}

/** How long a wait for a frame may be before it is said who keeps it waiting. */
export const STARVATION_MS = 1500;
