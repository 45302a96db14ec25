/** Orientation, colours, sizes and alpha. */
import type { Matrix } from '../picture.ts';
import { BASE } from './containers.ts';
import type { Clip, Pictures, Variant } from './clip.ts';
import { copied, edited, encoded, group, joined } from './clip.ts';
import { aom, BT709, H264, toMatrix, vp8, vp9, x264 } from './codecs.ts';

const ORIENTATIONS: Readonly<Record<string, Matrix>> = {
  upright: [1, 0, 0, 1],
  'turned 90': [0, 1, -1, 0],
  'turned 180': [-1, 0, 0, -1],
  'turned 270': [0, -1, 1, 0],
  'left to right': [-1, 0, 0, 1],
  'upside down': [1, 0, 0, -1],
  transposed: [0, 1, 1, 0],
  'transposed back': [0, -1, -1, 0],
};

const turned = Object.fromEntries(
  Object.entries(ORIENTATIONS).flatMap(([name, matrix]): [string, Clip][] => {
    const stored = encoded('mp4', H264.baseline, { matrix });
    return [
      [name, edited(stored, 'matrix', [matrix])],
      [`${name} in mov`, edited(copied(stored, 'mov'), 'matrix', [matrix])],
    ];
  }),
);

const SHORT = 12;
const sized = (width: number, height: number): Partial<Pictures> => ({ width, height, count: SHORT });
const HD = sized(1280, 720);
const PAL = sized(720, 576);

const x264Plain = x264('-profile:v high -bf 0');
const BT601 = '-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m -color_range tv';

const COLOURS: Readonly<Record<string, Clip>> = {
  'h264 untagged 720': encoded('mp4', `${x264Plain} ${toMatrix('bt709')}`, HD),
  'h264 untagged 576': encoded('mp4', `${x264Plain} ${toMatrix('bt601')}`, PAL),
  'h264 untagged 544': encoded('mp4', `${x264Plain} ${toMatrix('bt601')}`, sized(960, 544)),
  'h264 untagged 180': encoded('mp4', `${x264Plain} ${toMatrix('bt601')}`),
  'h264 untagged 720 in mkv': copied(encoded('mp4', `${x264Plain} ${toMatrix('bt709')}`, HD), 'mkv'),
  'h264 bt709': encoded('mp4', `${x264Plain} ${toMatrix('bt709')} ${BT709}`),
  'h264 bt601': encoded('mp4', `${x264Plain} ${toMatrix('bt601')} ${BT601}`),
  'h264 bt601 720': encoded('mp4', `${x264Plain} ${toMatrix('bt601')} ${BT601}`, HD),
  'h264 matrix alone': encoded('mp4', `${x264Plain} ${toMatrix('bt709')} -colorspace bt709`),
  'h264 matrix alone 601 720': encoded('mp4', `${x264Plain} ${toMatrix('bt601')} -colorspace smpte170m`, HD),
  'h264 primaries alone': encoded('mp4', `${x264Plain} ${toMatrix('bt601')} -color_primaries bt709`),
  'h264 full range': encoded(
    'mp4',
    `${x264Plain} ${toMatrix('bt709', 'pc')} ${BT709.replace('range tv', 'range pc')}`,
  ),
  'h264 full range alone': encoded('mp4', `${x264Plain} ${toMatrix('bt601', 'pc')} -color_range pc`),
  'h264 colr against vui': edited(encoded('mp4', `${x264Plain} ${toMatrix('bt709')} ${BT709}`), 'colr', [
    [6, 6, 6, 0],
  ]),
  'h264 colr alone': edited(encoded('mp4', `${x264Plain} ${toMatrix('bt709')}`), 'colr', [[1, 1, 1, 0]]),
  'vp8 untagged 720': encoded('webm', vp8(toMatrix('bt709')), HD),
  'vp8 untagged 576': encoded('webm', vp8(toMatrix('bt601')), PAL),
  'vp8 untagged 180': encoded('webm', vp8(toMatrix('bt601'))),
  'vp9 untagged 720': encoded('webm', vp9(toMatrix('bt709')), HD),
  'vp9 untagged 576': encoded('webm', vp9(toMatrix('bt601')), PAL),
  'vp9 bt601': encoded('webm', vp9(`${toMatrix('bt601')} ${BT601}`)),
  'vp9 full range': encoded(
    'webm',
    vp9(`${toMatrix('bt709', 'pc')} ${BT709.replace('range tv', 'range pc')}`),
  ),
  'vp9 untagged 720 in mp4': copied(encoded('webm', vp9(toMatrix('bt709')), HD), 'mp4'),
  'av1 untagged 720': encoded('mp4', aom(toMatrix('bt709')), HD),
  'av1 untagged 576': encoded('mp4', aom(toMatrix('bt601')), PAL),
  'av1 bt601': encoded('mp4', aom(`${toMatrix('bt601')} ${BT601}`)),
  'av1 full range': encoded(
    'mp4',
    aom(`${toMatrix('bt709', 'pc')} ${BT709.replace('range tv', 'range pc')}`),
  ),
};

const interlaced = `${x264('-profile:v high -bf 0 -x264-params interlaced=1')} ${toMatrix('bt601')} ${BT601}`;

const SIZES: Readonly<Record<string, Clip>> = {
  'wide pixels': encoded('mp4', H264.pyramid.replace('-vf ', '-vf setsar=4/3,')),
  'narrow pixels': encoded('mp4', H264.pyramid.replace('-vf ', '-vf setsar=3/4,')),
  'wide pixels vp9': encoded('webm', vp9().replace('-vf ', '-vf setsar=4/3,')),
  'wide pixels in mkv': copied(encoded('mp4', H264.pyramid.replace('-vf ', '-vf setsar=4/3,')), 'mkv'),
  'wide pixels in ts': copied(encoded('mp4', H264.pyramid.replace('-vf ', '-vf setsar=4/3,')), 'ts'),
  'wide pixels without pasp': edited(
    encoded('mp4', H264.pyramid.replace('-vf ', '-vf setsar=4/3,')),
    'remove boxes',
    'pasp',
  ),
  'odd vp8': encoded('webm', vp8(), { width: 321, height: 181 }),
  'odd vp9': encoded('webm', vp9(), { width: 321, height: 181 }),
  'cropped h264': encoded('mp4', H264.pyramid, { width: 318, height: 178 }),
  'cropped h264 in ts': copied(encoded('mp4', H264.pyramid, { width: 318, height: 178 }), 'ts'),
  interlaced: encoded('mp4', interlaced, { width: 320, height: 192 }),
  'interlaced ts': copied(encoded('mp4', interlaced, PAL), 'ts'),
  'interlaced in mkv': copied(encoded('mp4', interlaced, { width: 320, height: 192 }), 'mkv'),
};

const LATER_SIZE: Partial<Pictures> = { width: 160, height: 90, first: 48 };

export const PICTURES: Variant[] = [
  ...group('matrices', turned),
  ...group('colours', COLOURS),
  ...group('sizes', SIZES),
  ...group(
    'sizes',
    {
      'two descriptions of one size': joined(
        BASE.baseline,
        encoded('mp4', H264.baseline, { first: 48 }),
        'two descriptions',
      ),
      'two descriptions of two sizes': joined(
        BASE.baseline,
        encoded('mp4', H264.baseline, LATER_SIZE),
        'two descriptions',
      ),
    },
    'either',
  ),
  ...group('alpha', {
    vp8: encoded('webm', vp8().replace('yuv420p', 'yuva420p'), { alpha: true }),
    vp9: encoded('webm', vp9().replace('yuv420p', 'yuva420p'), { alpha: true }),
    'vp9 in mkv': encoded('mkv', vp9().replace('yuv420p', 'yuva420p'), { alpha: true }),
    'vp9 opaque': encoded('webm', vp9().replace('yuv420p', 'yuva420p')),
    'vp9 later': copied(
      encoded('webm', vp9().replace('yuv420p', 'yuva420p'), { alpha: true }),
      'webm',
      '',
      '-ss 0.8',
    ),
  }),
];
