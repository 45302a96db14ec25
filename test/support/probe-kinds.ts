/** The kinds of file that the writer's documentation names, and their timescales. */
import type { OutputFormat } from 'mediabunny';
import { MkvOutputFormat, MovOutputFormat, Mp4OutputFormat, WebMOutputFormat } from 'mediabunny';

/** A kind of file. */
export interface Kind {
  readonly name: string;
  readonly family: 'iso' | 'matroska';
  /** Whether the start is in an edit list, and the length of the track excludes it. */
  readonly hasEdits: boolean;
  /** Ticks per second of the times of pictures. */
  readonly timescale: number;
  make(): OutputFormat;
}

/** mediabunny's timescale for MP4 and MOV if no frame rate is given: a multiple of all usual rates. */
const ISO = { family: 'iso', hasEdits: true, timescale: 57_600 } as const;
/** Milliseconds, as in nearly all files of this family. */
const MATROSKA = { family: 'matroska', hasEdits: false, timescale: 1000 } as const;

const FRAGMENTED = { fastStart: 'fragmented' } as const;

/** All kinds. */
export const KINDS: readonly Kind[] = [
  { name: 'MP4', ...ISO, make: () => new Mp4OutputFormat({ fastStart: false }) },
  { name: 'fast-start MP4', ...ISO, make: () => new Mp4OutputFormat({ fastStart: 'in-memory' }) },
  { name: 'fragmented MP4', ...ISO, hasEdits: false, make: () => new Mp4OutputFormat(FRAGMENTED) },
  { name: 'MOV', ...ISO, make: () => new MovOutputFormat() },
  { name: 'WebM', ...MATROSKA, make: () => new WebMOutputFormat() },
  { name: 'MKV', ...MATROSKA, make: () => new MkvOutputFormat() },
];

/** The kind of this name. */
export function kindOf(name: string): Kind {
  const kind = KINDS.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`unknown kind ${name}`);
  return kind;
}

/** The codecs that Chromium encodes. */
export const CODECS = ['vp8', 'vp9', 'avc', 'av1'] as const;

/** Every kind of file with each of these codecs that it supports. */
export const KINDS_BY_CODEC = KINDS.flatMap((kind) =>
  CODECS.filter((codec) => kind.make().getSupportedVideoCodecs().includes(codec)).map((codec) => ({
    kind,
    name: kind.name,
    codec,
  })),
);

/** The tick that is nearest to a time in µs. */
export const ticksOf = (timestamp: number, { timescale }: Kind): number =>
  Math.round((timestamp * timescale) / 1e6);

/** Converts ticks to whole µs, truncated as mediabunny does for the chunks that it reads. */
export const microsecondsOf = (ticks: number, { timescale }: Kind): number =>
  Math.trunc((ticks / timescale) * 1e6 * (1 + Number.EPSILON));
