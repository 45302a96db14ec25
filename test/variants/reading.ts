/** Shape of a file as one of the three readers gives it: ffmpeg, the <video> element, this library. Times are in µs. */

/** Red, green, blue and alpha of a patch, from 0 to 255. */
export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** Pixels of a frame: the number in its strip (null if there is none that can be read) and its patches. */
export interface Look {
  readonly mark: number | null;
  readonly patches: readonly Rgba[];
}

export interface ReadFrame {
  readonly time: number;
  readonly mark: number | null;
}

/** Size of the upright picture in square pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A time at which readers are asked for the frame shown, and the time that the frame has in ffmpeg's reading. */
export interface Question {
  readonly at: number;
  readonly due: number;
}

/** The frame shown at a time. */
export interface ShownFrame extends ReadFrame {
  readonly at: number;
}

interface Reading {
  /** Name and message of the error that opening the file gave, or null. */
  readonly failure: string | null;
  readonly size: Size | null;
  /** Patches of the first frame. */
  readonly patches: readonly Rgba[];
}

/** All frames in the order of presentation. */
export interface FfmpegReading extends Reading {
  readonly frames: readonly ReadFrame[];
  /** Whether the file or its bitstream names a colour matrix. Without a name ffmpeg takes BT.601. */
  readonly isTagged: boolean;
}

export interface ElementReading extends Reading {
  readonly duration: number;
  readonly shown: readonly ShownFrame[];
  /** Whether playing from the start shows frames. */
  readonly plays: boolean;
  /** The error at a seek, or at the end of playing the last frame. Null if the file ends as a whole one does. */
  readonly end: string | null;
  readonly hangs: string | null;
}

export interface OursFrame extends ReadFrame {
  readonly duration: number;
}

export interface OursReading extends Reading {
  readonly duration: number;
  readonly firstTimestamp: number;
  readonly frames: readonly OursFrame[];
  /** Frames of `frameAt()` at the times that the others are asked for, and around the borders of frames. */
  readonly shown: readonly ShownFrame[];
  /** Errors of `frameAt()`, by the time. */
  readonly frameAtErrors: readonly (readonly [at: number, error: string])[];
  /** Name and message of the error that ended `frames()`, or null at the end of the file. */
  readonly end: string | null;
  readonly hangs: string | null;
  /** Frames that were left open, by the way they were opened. */
  readonly open: readonly string[];
}

/** The three readings of one variant. */
export interface Readings {
  readonly ffmpeg: FfmpegReading;
  readonly element: ElementReading;
  readonly ours: OursReading;
}

/** The last frame that begins at or before a time; before the first that is the first. */
export const shownAt = <T extends ReadFrame>(frames: readonly T[], at: number): T | undefined =>
  frames.findLast(({ time }) => time <= at) ?? frames[0];

/** A file that the element did not open. */
export const unreadByElement = (failure: string, hangs: string | null): ElementReading => ({
  failure,
  size: null,
  patches: [],
  duration: NaN,
  shown: [],
  plays: false,
  end: null,
  hangs,
});

/** A file that this library did not open. */
export const unreadByOurs = (failure: string, hangs: string | null): OursReading => ({
  failure,
  size: null,
  patches: [],
  duration: NaN,
  firstTimestamp: NaN,
  frames: [],
  shown: [],
  frameAtErrors: [],
  end: null,
  hangs,
  open: [],
});
