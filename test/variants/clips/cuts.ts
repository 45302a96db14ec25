/** Files that end early, begin in the middle of a group, or begin some groups later. */
import { BASE } from './containers.ts';
import type { Clip, Variant } from './clip.ts';
import { copied, edited, encoded, group } from './clip.ts';
import { FRAGMENTS, H264 } from './codecs.ts';

const SHARES = [0.5, 0.7, 0.97];

const CUT: Readonly<Record<string, Clip>> = {
  mp4: edited(BASE.pyramid, 'tables first'),
  'mp4 baseline': edited(BASE.baseline, 'tables first'),
  'mp4 av1': edited(BASE.aom, 'tables first'),
  fragmented: copied(BASE.pyramid, 'mp4', FRAGMENTS),
  vp8: BASE.vp8,
  vp9: BASE.vp9,
  'h264 live': copied(BASE.pyramid, 'mkv', '-live 1'),
  h264: copied(BASE.pyramid, 'mkv'),
};

const TS = copied(BASE.pyramid, 'ts');
const TS_BASELINE = copied(BASE.baseline, 'ts');
const TS_OPEN = copied(BASE.open, 'ts');
const LATER = '-copyts -avoid_negative_ts disabled';
const DROP = '-bsf:v noise=drop=lt(n\\,8) -copyinkf';

const cuts = Object.fromEntries(
  Object.entries(CUT).flatMap(([name, clip]) =>
    SHARES.map((share) => [`${name} at ${share * 100}`, edited(clip, 'cut', share)]),
  ),
);

export const CUTS: Variant[] = [
  ...group('cuts', cuts, 'error'),
  // MPEG-TS does not announce its length.
  ...group('cuts', { 'ts at 70': edited(TS, 'cut', 0.7), 'ts at 97': edited(TS, 'cut', 0.97) }, 'either'),
  ...group('cuts', {
    'begins in group': edited(TS, 'begin at', 0.2),
    'begins in group baseline': edited(TS_BASELINE, 'begin at', 0.2),
    'begins in open group': edited(TS_OPEN, 'begin at', 0.2),
    'begins in second group': edited(TS, 'begin at', 0.5),
    'first 8 missing': edited(BASE.baseline, 'first samples missing', 8),
    'first 8 missing b': edited(BASE.pyramid, 'first samples missing', 8),
    'first 8 missing av1': edited(BASE.aom, 'first samples missing', 8),
    'first 8 missing fragmented': copied(
      edited(BASE.pyramid, 'first samples missing', 8),
      'mp4',
      `${FRAGMENTS} -copyinkf`,
    ),
    'first 8 missing h264': copied(BASE.baseline, 'mkv', DROP),
    'first 8 missing vp8': copied(BASE.vp8, 'webm', DROP),
    'first 8 missing vp9': copied(BASE.vp9, 'webm', DROP),
    'begins at second group': edited(BASE.pyramid, 'first samples missing', 16),
    'begins at open group': edited(BASE.open, 'first samples missing', 17),
    'two groups later': copied(BASE.pyramid, 'mp4', LATER, '-ss 1.1'),
    'two groups later fragmented': copied(BASE.pyramid, 'mp4', `${LATER} ${FRAGMENTS}`, '-ss 1.1'),
    'two groups later h264': copied(BASE.pyramid, 'mkv', LATER, '-ss 1.1'),
    'two groups later vp8': copied(BASE.vp8, 'webm', LATER, '-ss 1.1'),
    'two groups later ts': copied(BASE.pyramid, 'ts', LATER, '-ss 1.1'),
    'two groups later open': copied(BASE.open, 'mkv', LATER, '-ss 1.1'),
    'one frame': encoded('mp4', H264.baseline, { count: 1 }),
    'one frame vp8': copied(BASE.vp8, 'webm', '-frames:v 1'),
  }),
];
