/** Encoder options that the variants share. Fast presets, one thread. */
import { GROUP } from './clip.ts';

/** Colours of HD video in the TV range. */
export const BT709 = '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv';

/** Filter that converts the pictures' RGB to a matrix and range, independent of the tags. */
export const toMatrix = (matrix: string, range = 'tv'): string =>
  `-vf scale=out_color_matrix=${matrix}:out_range=${range} -sws_flags bitexact+accurate_rnd+full_chroma_int`;

const HD = `${toMatrix('bt709')} ${BT709}`;
const FIXED_GROUPS = `-g ${GROUP} -keyint_min ${GROUP} -sc_threshold 0`;

/** H.264 without colour options. */
export const x264 = (options: string): string =>
  `-c:v libx264 -preset veryfast -crf 24 -pix_fmt yuv420p ${FIXED_GROUPS} ${options}`;

export const H264 = {
  baseline: `${x264('-profile:v baseline -bf 0')} ${HD}`,
  b2: `${x264('-profile:v main -bf 2 -b_strategy 0 -x264-params b-pyramid=none')} ${HD}`,
  pyramid: `${x264('-profile:v high -bf 3 -b_strategy 0 -x264-params b-pyramid=normal')} ${HD}`,
  open: `${x264('-profile:v high -bf 3 -b_strategy 0 -x264-params b-pyramid=normal:open-gop=1')} ${HD}`,
};

const VPX = `-deadline realtime -cpu-used 6 -pix_fmt yuv420p -g ${GROUP} -keyint_min ${GROUP}`;

export const vp8 = (options = HD): string =>
  `-c:v libvpx ${VPX} -b:v 800k -auto-alt-ref 0 -lag-in-frames 0 ${options}`;

export const vp9 = (options = HD): string =>
  `-c:v libvpx-vp9 ${VPX} -crf 32 -b:v 0 -row-mt 0 -auto-alt-ref 0 -lag-in-frames 0 ${options}`;

export const VP9_HIDDEN = `-c:v libvpx-vp9 -deadline good -cpu-used 5 -pix_fmt yuv420p -g 48 -crf 32 -b:v 0 -row-mt 0 -auto-alt-ref 1 -lag-in-frames 16 ${HD}`;
export const VP8_HIDDEN = `-c:v libvpx -deadline good -cpu-used 5 -pix_fmt yuv420p -g 48 -b:v 800k -auto-alt-ref 1 -lag-in-frames 16 ${HD}`;

/** AV1 by libaom: forward key frames stay off, so that each group can be decoded alone. */
export const aom = (options = HD): string =>
  `-c:v libaom-av1 -usage realtime -cpu-used 8 -crf 36 -pix_fmt yuv420p -g ${GROUP} -keyint_min ${GROUP} -row-mt 0 ${options}`;

/** AV1 by SVT-AV1: frames in a pyramid, with frames that are not shown. */
export const SVT = `-c:v libsvtav1 -preset 10 -crf 40 -pix_fmt yuv420p -g ${GROUP} ${HD}`;

export const FRAGMENTS = '-movflags frag_keyframe+empty_moov+default_base_moof+frag_discont';
