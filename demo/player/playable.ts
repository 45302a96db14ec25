/** What videos and cameras have in common, as the page's controls see them. */
import type { FrameHandle } from '../../src/index.ts';

/** What is going on. `starved`: it waits for somebody to give a frame back. */
export type PlayState = 'empty' | 'paused' | 'playing' | 'starved' | 'ended';

/** A part of a video, in µs. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Something with a beginning and an end, in which one can go to and fro. Times are in µs. */
export interface Seekable {
  readonly start: number;
  readonly end: number;
  /** Shows the frame at a time, exactly. Of many wishes only the newest is fulfilled; what played plays on from there. */
  seek(time: number): Promise<void>;
  /** Goes one frame forward or back, and stays there. */
  step(direction: 1 | -1): Promise<void>;
  /** How fast, from 0.25 to 4; 1 is the video's own pace. Stays when another video is opened. */
  rate: number;
  /** Whether it begins again at its end, or the range's. Stays when another video is opened. */
  loops: boolean;
  /** The part that is played, or null for all. Seeking and stepping go anywhere. Null again for each video. */
  range: Range | null;
  /** Frames that were due and never shown, since the video was opened: the page, or the screen, was too slow for them. */
  readonly droppedCount: number;
}

/** The sound of what is on. Volume and mute stay when another video is opened. */
export interface Sound {
  /** `none`: there is none. `on`: it is played in step. `unplayable`: it cannot be decoded here, and `why` says the reason. */
  readonly state: 'none' | 'on' | 'unplayable';
  readonly why: string | null;
  /** From 0 to 1. */
  volume: number;
  muted: boolean;
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
  /** Something of what is told here changed: state, position, rate, range, sound and the like. */
  change(): void;
  /** Something went wrong; playing has stopped, or waits. */
  fail(error: unknown): void;
}

/** How long a wait for a frame may be before it is said who keeps it waiting. */
export const STARVATION_MS = 1500;
