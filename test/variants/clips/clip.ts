/** Recipes of clips as plain data, so that a hash names the clip: encoded pictures, copied packets, edited bytes. */
import type { EditName } from '../edits/edits.ts';
import type { Matrix } from '../picture.ts';

/** Pictures to encode, numbered from `first`, at 30 a second. */
export interface Pictures {
  readonly count: number;
  /** Size of the upright picture in pixels. */
  readonly width: number;
  readonly height: number;
  readonly first: number;
  /** Matrix of the track that turns the stored picture upright. */
  readonly matrix?: Matrix;
  readonly alpha?: boolean;
}

export interface EncodedClip {
  readonly kind: 'encode';
  readonly pictures: Pictures;
  /** ffmpeg's output options, none of which may hold a space. */
  readonly options: string;
  readonly extension: string;
}

export interface CopiedClip {
  readonly kind: 'copy';
  readonly from: Clip;
  /** ffmpeg's options before and after the input. */
  readonly before: string;
  readonly options: string;
  readonly extension: string;
}

export interface EditedClip {
  readonly kind: 'edit';
  readonly from: readonly Clip[];
  readonly edit: EditName;
  readonly args: readonly EditArgument[];
  readonly extension: string;
}

export type EditArgument = number | string | readonly (readonly number[])[];

export type Clip = EncodedClip | CopiedClip | EditedClip;

/** The end that a reader should report: the end of the file, an error because the file is cut or damaged, or one of the two. */
export type DueEnd = 'end' | 'error' | 'either';

/** One file of the matrix. */
export interface Variant {
  /** Group, name and container, such as `edits/empty.mp4`. */
  readonly name: string;
  readonly clip: Clip;
  readonly end: DueEnd;
  /** A whole file with the same frames, which ffmpeg reads instead if it guesses the times of this one. */
  readonly truth?: Clip;
}

export const FRAMES = 48;
export const GROUP = 16;

export function encoded(extension: string, options: string, pictures: Partial<Pictures> = {}): EncodedClip {
  return {
    kind: 'encode',
    pictures: { count: FRAMES, width: 320, height: 180, first: 0, ...pictures },
    options,
    extension,
  };
}

export const copied = (from: Clip, extension: string, options = '', before = ''): CopiedClip => ({
  kind: 'copy',
  from,
  before,
  options,
  extension,
});

export const edited = (from: Clip, edit: EditName, ...args: EditArgument[]): EditedClip => ({
  kind: 'edit',
  from: [from],
  edit,
  args,
  extension: from.extension,
});

/** An edit of two files. */
export const joined = (first: Clip, second: Clip, edit: EditName): EditedClip => ({
  kind: 'edit',
  from: [first, second],
  edit,
  args: [],
  extension: first.extension,
});

/** Variants of a group, named by the keys and the containers of the clips. */
export const group = (name: string, clips: Readonly<Record<string, Clip>>, end: DueEnd = 'end'): Variant[] =>
  Object.entries(clips).map(([key, clip]) => ({ name: `${name}/${key}.${clip.extension}`, clip, end }));
