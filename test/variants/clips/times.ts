/** Times far from zero, time bases that µs cannot express, uneven and equal times. */
import { BASE } from './containers.ts';
import type { Clip, Variant } from './clip.ts';
import { copied, edited, encoded, group } from './clip.ts';
import { FRAGMENTS, H264, vp8, vp9 } from './codecs.ts';

const FAR = { '47000 s': 47_000, '90000 s': 90_000, '26 h': 93_600 };

/** Gaps of 20 to 500 ms. */
const UNEVEN = [33, 20, 50, 33, 100, 20, 20, 500, 33, 50, 100, 33, 20, 50, 20, 33, 33, 100, 20, 50];
const UNEVEN_TIMES = UNEVEN.map((gap, index) => `gt(mod(N\\,20)\\,${index})*${gap}`).join('+');
const uneven = (codec: string): string =>
  `${codec.replace('-vf scale', `-vf settb=1/1000,setpts=trunc(N/20)*1303+${UNEVEN_TIMES},scale`)} -fps_mode passthrough -enc_time_base 1/1000`;

const rate = (numerator: number, denominator: number, codec: string): string =>
  `${codec.replace('-vf scale', `-vf settb=${denominator}/${numerator},setpts=N,scale`)} -r ${numerator}/${denominator}`;

const far = Object.fromEntries(
  Object.entries(FAR).flatMap(([name, seconds]): [string, Clip][] => {
    const options = `-output_ts_offset ${seconds}`;
    return [
      [`${name} vp8`, copied(BASE.vp8, 'webm', options)],
      [`${name} h264`, copied(BASE.pyramid, 'mkv', options)],
      [`${name} fragmented`, copied(BASE.pyramid, 'mp4', `${options} ${FRAGMENTS}`)],
      [`${name} mp4`, copied(BASE.pyramid, 'mp4', options)],
      [`${name} ts`, copied(BASE.pyramid, 'ts', options)],
    ];
  }),
);

/** The second frame of each pair goes to the time of the first. */
const PAIRS = '-bsf:v setts=pts=PTS-mod(N\\,2)*33:dts=DTS-mod(N\\,2)*33';
const PAIRS_TS = '-bsf:v setts=pts=PTS-mod(N\\,2)*3000:dts=DTS-mod(N\\,2)*2999';

const SCALES = [600, 1000, 90_000, 1_000_000, 10_000_000];

export const TIMES: Variant[] = group('times', {
  ...far,
  'wrap ts': copied(BASE.pyramid, 'ts', '-output_ts_offset 95442.5'),
  'ntsc 30': encoded('mp4', rate(30_000, 1001, H264.pyramid)),
  'ntsc 24': encoded('mp4', rate(24_000, 1001, H264.pyramid)),
  'ntsc 60': encoded('mp4', rate(60_000, 1001, H264.pyramid)),
  'ntsc 30 h264': copied(encoded('mp4', rate(30_000, 1001, H264.pyramid)), 'mkv'),
  'ntsc 24 vp9': encoded('webm', rate(24_000, 1001, vp9())),
  'ntsc 24 in mp4': copied(encoded('webm', rate(24_000, 1001, vp9())), 'mp4', '-video_track_timescale 24000'),
  'ntsc 24 ts': copied(encoded('mp4', rate(24_000, 1001, H264.pyramid)), 'ts'),
  'ntsc 30 fragmented': copied(encoded('mp4', rate(30_000, 1001, H264.pyramid)), 'mp4', FRAGMENTS),
  'uneven h264': encoded('mp4', uneven(H264.pyramid)),
  'uneven vp8': encoded('webm', uneven(vp8())),
  'uneven h264 in mkv': copied(encoded('mp4', uneven(H264.pyramid)), 'mkv'),
  'uneven ts': copied(encoded('mp4', uneven(H264.pyramid)), 'ts'),
  'pairs h264': copied(BASE.baseline, 'mkv', PAIRS),
  'pairs vp8': copied(BASE.vp8, 'webm', PAIRS),
  'pairs mp4': edited(BASE.baseline, 'twins'),
  'pairs ts': copied(BASE.baseline, 'ts', PAIRS_TS),
  ...Object.fromEntries(
    SCALES.map((scale) => [`scale ${scale}`, copied(BASE.pyramid, 'mp4', `-video_track_timescale ${scale}`)]),
  ),
  'long last frame': edited(BASE.baseline, 'last duration', 15_360 * 2),
  'last frame without duration': edited(BASE.baseline, 'last duration', 0),
  'begins at half a second h264': copied(BASE.pyramid, 'mkv', '-output_ts_offset 0.5'),
  'begins at half a second vp9': copied(BASE.vp9, 'webm', '-output_ts_offset 0.5'),
  'begins at half a second mp4': copied(BASE.pyramid, 'mp4', '-output_ts_offset 0.5'),
  'begins at half a second fragmented': copied(BASE.pyramid, 'mp4', `-output_ts_offset 0.5 ${FRAGMENTS}`),
});
