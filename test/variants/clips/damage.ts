/** Empty, missing and damaged packets, and headers with wrong values. */
import { BASE } from './containers.ts';
import type { Variant } from './clip.ts';
import { copied, edited, group } from './clip.ts';

/** A frame in the middle of the second group. */
const MIDDLE = 24;

/** A key frame. */
const KEY = 16;

const TS = copied(BASE.pyramid, 'ts');

export const DAMAGE: Variant[] = [
  ...group('damage', {
    'empty sample': edited(BASE.baseline, 'empty sample', MIDDLE),
    'empty sample b': edited(BASE.pyramid, 'empty sample', MIDDLE),
    'empty first sample': edited(BASE.baseline, 'empty sample', 0),
    'empty last sample': edited(BASE.baseline, 'empty sample', 47),
    'empty sample vp9': edited(copied(BASE.vp9, 'mp4'), 'empty sample', MIDDLE),
    'empty sample av1': edited(BASE.aom, 'empty sample', MIDDLE),
    'empty block vp8': edited(BASE.vp8, 'empty block', MIDDLE),
    'empty block h264': edited(copied(BASE.baseline, 'mkv'), 'empty block', MIDDLE),
    'no later sequence headers': edited(BASE.aom, 'no sequence headers'),
    'no later sequence headers in mkv': copied(edited(BASE.aom, 'no sequence headers'), 'mkv'),
    'all marked as keys': edited(BASE.pyramid, 'all keys'),
    'level 0': edited(copied(BASE.vp9, 'mp4'), 'level 0'),
    'level 0 fragmented': copied(
      edited(copied(BASE.vp9, 'mp4'), 'level 0'),
      'mp4',
      '-movflags frag_keyframe+empty_moov+default_base_moof',
    ),
  }),
  ...group(
    'damage',
    {
      'damaged sample': edited(BASE.baseline, 'damaged sample', MIDDLE),
      'damaged sample b': edited(BASE.pyramid, 'damaged sample', MIDDLE),
      'damaged key': edited(BASE.baseline, 'damaged sample', KEY),
      'damaged sample av1': edited(BASE.aom, 'damaged sample', MIDDLE),
      'damaged block vp8': edited(BASE.vp8, 'damaged block', MIDDLE),
      'damaged block vp9': edited(BASE.vp9, 'damaged block', MIDDLE),
      'missing sample': edited(BASE.baseline, 'missing sample', MIDDLE),
      'missing reference': edited(BASE.pyramid, 'missing sample', 17),
      'missing key': edited(BASE.baseline, 'missing sample', KEY),
      'garbage ts': edited(TS, 'garbage', 100),
      'garbage packets ts': edited(TS, 'garbage', 188 * 4),
    },
    'either',
  ),
];
