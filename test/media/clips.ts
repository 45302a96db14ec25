/** Contents of the test clips: the typed form of clips.json, which make.ts writes from the finished files. README.md lists their uses. */
import clipsJson from './clips.json' with { type: 'json' };

export interface Clip {
  /** Name of the file in this folder. */
  readonly file: string;
  readonly container: 'mp4' | 'mov' | 'ts' | 'webm' | 'mkv';
  /** Null if there is no video track. */
  readonly codec: 'h264' | 'vp8' | 'vp9' | 'av1' | null;
  /** Null if there is no sound track. */
  readonly sound: 'aac' | 'opus' | null;
  /** Frames that a decoder gives for the whole track, those with negative timestamps included. */
  readonly frames: number;
  /** Packets of the video track. More than `frames` if hidden frames have packets of their own. */
  readonly packets: number;
  /**
   * Size of the first frame with square pixels, before rotation: the displayWidth and displayHeight of
   * the VideoFrame. -1 if there is no video track.
   */
  readonly width: number;
  readonly height: number;
  /** Quarter turns clockwise, in degrees, that make the picture and its mark upright. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Ticks in a second. -1 if there is no video track. */
  readonly timescale: number;
  /** Presentation times in ticks, in order: one for each frame. Use timestampsOf for microseconds. */
  readonly ticks: readonly number[];
  /** Runs of frames of one coded size: [number of frames, width, height]. */
  readonly sizes: readonly (readonly [count: number, width: number, height: number])[];
  /** The number in the first frame's mark; the next frames count up by one. -1 if there is no video track. */
  readonly firstNumber: number;
  /** Places in presentation order, from 0, of the frames that the container marks as key frames. */
  readonly keyFrames: readonly number[];
}

/** Microseconds in a second, and the smallest step more. */
const MICROSECONDS = 1e6 * (1 + Number.EPSILON);

/** Every clip, in the order of make.ts. */
export const CLIPS = clipsJson as unknown as readonly Clip[];

/** The clip in a file; throws if there is none. */
export function clip(file: string): Clip {
  const found = CLIPS.find((candidate) => candidate.file === file);
  if (!found) throw new Error(`There is no clip ${file}`);
  return found;
}

/**
 * The presentation times of a clip's frames in whole microseconds, in order. Rounded like mediabunny's
 * EncodedPacket.microsecondTimestamp: truncated, with just enough added to make up for the loss of the division,
 * so that 1033 ms stay 1033000 µs.
 */
export function timestampsOf({ ticks, timescale }: Clip): number[] {
  return ticks.map((tick) => Math.trunc(MICROSECONDS * (tick / timescale)));
}

/** The numbers in the marks of a clip's frames, in presentation order. */
export function numbersOf({ ticks, firstNumber }: Clip): number[] {
  return ticks.map((_, i) => firstNumber + i);
}
