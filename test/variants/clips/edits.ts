/** Edit lists, and tables that lack boxes or elements. */
import { BASE } from './containers.ts';
import type { Clip, Variant } from './clip.ts';
import { copied, edited, group } from './clip.ts';

/** Ticks a frame in the tracks of these clips, and ticks a second of the track and of the movie. */
const FRAME_TICKS = 512;
const TRACK_SCALE = 15_360;
const MOVIE_SCALE = 1000;

/** The presentation time of the first frame, which B-frames delay. */
const B_DELAY = 2 * FRAME_TICKS;

const edit = (
  clip: Clip,
  delay: number,
  ...edits: readonly (readonly [seconds: number, from: number, rate?: number])[]
): Clip =>
  edited(
    clip,
    'edit list',
    edits.map(([seconds, from, rate = 1]) => [
      Math.round(seconds * MOVIE_SCALE),
      from < 0 ? -1 : Math.round(from * TRACK_SCALE) + delay,
      rate,
    ]),
  );

const LISTS: Readonly<Record<string, readonly (readonly [number, number, number?])[]>> = {
  'cut at key': [[16 / 15, 16 / 30]],
  'cut in group': [[40 / 30, 8 / 30]],
  'cut between frames': [[1.2, 0.35]],
  'cut at end': [[1, 0]],
  empty: [
    [0.5, -1],
    [1.6, 0],
  ],
  'empty and cut': [
    [0.5, -1],
    [40 / 30, 8 / 30],
  ],
  'two edits': [
    [0.5, 0],
    [0.5, 1],
  ],
  repeated: [
    [0.5, 0],
    [0.5, 0],
  ],
};

const B_LISTS: Readonly<Record<string, Clip>> = Object.fromEntries(
  Object.entries(LISTS).map(([name, edits]) => [`pyramid ${name}`, edit(BASE.pyramid, B_DELAY, ...edits)]),
);

export const EDIT_LISTS: Variant[] = group('edits', {
  ...B_LISTS,
  'pyramid none': edited(BASE.pyramid, 'remove boxes', 'edts'),
  'pyramid half speed': edit(BASE.pyramid, B_DELAY, [1.6, 0, 0.5]),
  'pyramid whole with zero duration': edit(BASE.pyramid, B_DELAY, [0, 0]),
  'pyramid negative offsets': copied(BASE.pyramid, 'mp4', '-movflags negative_cts_offsets'),
  'pyramid seek by copy': copied(BASE.pyramid, 'mp4', '', '-ss 0.8'),
  'pyramid fragmented seek by copy': copied(
    BASE.pyramid,
    'mp4',
    '-movflags frag_keyframe+default_base_moof',
    '-ss 0.8',
  ),
  'baseline cut at key': edit(BASE.baseline, 0, [16 / 15, 16 / 30]),
  'baseline cut in group': edit(BASE.baseline, 0, [40 / 30, 8 / 30]),
  'baseline empty': edit(BASE.baseline, 0, [0.5, -1], [1.6, 0]),
  'pyramid in mov cut in group': edit(copied(BASE.pyramid, 'mov'), B_DELAY, [40 / 30, 8 / 30]),
  'pyramid in mov empty': edit(copied(BASE.pyramid, 'mov'), B_DELAY, [0.5, -1], [1.6, 0]),
  'aom cut in group': edit(BASE.aom, 0, [40 / 30, 8 / 30]),
});

const MATROSKA = copied(BASE.pyramid, 'mkv');
const VP9_MP4 = copied(BASE.vp9, 'mp4');

/** Without offsets each frame gets its decoding time. The edit list, which takes the delay of B-frames back, goes as well. */
const withoutOffsets = (clip: Clip): Clip =>
  edited(edited(clip, 'remove boxes', 'ctts'), 'remove boxes', 'edts');

const WITHOUT_OFFSETS: readonly (readonly [name: string, clip: Clip, truth: Clip])[] = [
  ['b2.mp4', BASE.b2, BASE.b2],
  ['pyramid.mp4', BASE.pyramid, BASE.pyramid],
  ['open.mp4', BASE.open, BASE.open],
  ['b2 in mov.mov', copied(BASE.b2, 'mov'), BASE.b2],
  ['pyramid without vui.mp4', edited(BASE.pyramid, 'no VUI'), BASE.pyramid],
];

export const OFFSETS: Variant[] = WITHOUT_OFFSETS.map(([name, clip, truth]) => ({
  name: `missing/ctts of ${name}`,
  clip: withoutOffsets(clip),
  end: 'end',
  truth,
}));

export const MISSING: Variant[] = group('missing', {
  'stss of baseline': edited(BASE.baseline, 'remove boxes', 'stss'),
  'stss of pyramid': edited(BASE.pyramid, 'remove boxes', 'stss'),
  'stss of open': edited(BASE.open, 'remove boxes', 'stss'),
  'stss of vp9': edited(VP9_MP4, 'remove boxes', 'stss'),
  'stss of av1': edited(BASE.aom, 'remove boxes', 'stss'),
  'keys in stss': edited(BASE.pyramid, 'no keys'),
  'durations in headers': edited(
    edited(BASE.pyramid, 'set number', 'mdhd', 16, 0),
    'set number',
    'mvhd',
    16,
    0,
  ),
  'colr of pyramid': edited(copied(BASE.pyramid, 'mp4', '-movflags write_colr'), 'remove boxes', 'colr'),
  'colr of vp9': edited(copied(BASE.vp9, 'mp4', '-movflags write_colr'), 'remove boxes', 'colr'),
  'duration of vp8': edited(BASE.vp8, 'remove elements', '4489'),
  'cues of vp8': edited(BASE.vp8, 'remove elements', '1c53bb6b'),
  'cues of h264': edited(MATROSKA, 'remove elements', '1c53bb6b'),
  'default duration of vp9': edited(BASE.vp9, 'remove elements', '23e383'),
  'private data of av1': edited(copied(BASE.aom, 'mkv'), 'remove elements', '63a2'),
  'colour of vp9': edited(BASE.vp9, 'remove elements', '55b0'),
});
