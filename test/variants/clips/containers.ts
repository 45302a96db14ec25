/** Containers with each codec, with and without B-frames and the VUI. */
import type { Clip, Variant } from './clip.ts';
import { copied, edited, encoded, group } from './clip.ts';
import { aom, FRAGMENTS, H264, SVT, vp8, VP8_HIDDEN, vp9, VP9_HIDDEN } from './codecs.ts';

/** Clips that other groups edit. */
export const BASE = {
  baseline: encoded('mp4', H264.baseline),
  b2: encoded('mp4', H264.b2),
  pyramid: encoded('mp4', H264.pyramid),
  open: encoded('mp4', H264.open),
  vp8: encoded('webm', vp8()),
  vp9: encoded('webm', vp9()),
  aom: encoded('mp4', aom()),
  svt: encoded('mp4', SVT),
};

/** The same packets in other containers. */
const inContainers = (name: string, clip: Clip, containers: readonly string[]): Record<string, Clip> =>
  Object.fromEntries(containers.map((extension) => [`${name} in ${extension}`, copied(clip, extension)]));

const fragmented = (clip: Clip): Clip => copied(clip, 'mp4', FRAGMENTS);

const H264_CLIPS: Record<string, Clip> = {
  'h264 baseline': BASE.baseline,
  'h264 b2': BASE.b2,
  'h264 pyramid': BASE.pyramid,
  'h264 open': BASE.open,
  'h264 baseline no vui': edited(BASE.baseline, 'no VUI'),
  'h264 pyramid no vui': edited(BASE.pyramid, 'no VUI'),
};

const VP9_CLIPS: Record<string, Clip> = { vp9: BASE.vp9, 'vp9 hidden': encoded('webm', VP9_HIDDEN) };
const AV1_CLIPS: Record<string, Clip> = { 'av1 aom': BASE.aom, 'av1 svt': BASE.svt };

const all = (clips: Record<string, Clip>, containers: readonly string[]): Record<string, Clip> =>
  Object.fromEntries(
    Object.entries(clips).flatMap(([name, clip]) => [
      [`${name}`, clip],
      [`${name} fragmented`, fragmented(clip)],
      ...Object.entries(inContainers(name, clip, containers)),
    ]),
  );

export const CONTAINERS: Variant[] = [
  ...group('containers', all(H264_CLIPS, ['mov', 'mkv', 'ts'])),
  ...group('containers', {
    vp8: BASE.vp8,
    'vp8 hidden': encoded('webm', VP8_HIDDEN),
    ...inContainers('vp8', BASE.vp8, ['mkv']),
    'vp8 live': copied(BASE.vp8, 'webm', '-live 1'),
    ...all(VP9_CLIPS, ['mp4', 'mkv']),
    ...all(AV1_CLIPS, ['webm', 'mkv']),
    'h264 live': copied(BASE.pyramid, 'mkv', '-live 1'),
    'h264 one chunk a sample': edited(BASE.pyramid, 'tables first'),
    'h264 in-band parameter sets': edited(BASE.pyramid, 'in-band parameter sets'),
    'h264 first fragment in tables': copied(BASE.pyramid, 'mp4', '-movflags frag_keyframe+default_base_moof'),
    'h264 delimiters': copied(BASE.pyramid, 'mp4', '-bsf:v h264_metadata=aud=insert'),
    'h264 slices': encoded('mp4', `${H264.pyramid} -slices 4`),
    'h264 keys only': encoded('mp4', `${H264.baseline} -g 1`),
    'h264 one group': encoded('mp4', `${H264.pyramid} -g 999`),
  }),
];
