/**
 * Recipes of the test clips and the demo clip, and the list of their contents, clips.json. Run by hand with ffmpeg 5.1:
 * `node test/media/run.mjs make [part of a file name]`. Without a name all clips are made. The outputs are committed.
 */
import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { DEMO_FRAMES, demoFrame } from './demo-picture.ts';
import { encode, ffmpeg, ffprobe, media, scratch } from './ffmpeg.ts';
import type { Picture } from './paint.ts';
import { flashFrame, testFrame, transparentFrame, turnLeft } from './paint.ts';
import { arpeggio, beeps, PCM_INPUT, secondBeeps } from './sound.ts';

const X264 = '-c:v libx264 -preset slow -crf 26 -threads 1';
const VPX = '-deadline good -cpu-used 2 -threads 1';
const NO_HIDDEN = '-auto-alt-ref 0 -lag-in-frames 0';

const H264_BASELINE = `${X264} -profile:v baseline -bf 0 -g 30 -keyint_min 30 -sc_threshold 0`;
const VP8 = `-c:v libvpx ${VPX} -crf 14 -b:v 600k`;
const VP9 = `-c:v libvpx-vp9 ${VPX} -crf 36 -b:v 0 -row-mt 0`;
const VP9_HIDDEN = `${VP9} -g 60 -auto-alt-ref 1 -lag-in-frames 16`;

/**
 * H.264 with three B-frames between references, some of them references themselves. `distance` is from key frame to key frame;
 * an open group lets frames shown before a key frame be coded after it and refer past it.
 */
const h264B = (distance: number, open: 0 | 1 = 0): string =>
  `${X264} -profile:v high -bf 3 -b_strategy 0 -g ${distance} -keyint_min ${distance} -sc_threshold 0 ` +
  `-x264-params b-pyramid=normal:open-gop=${open}`;

const pictures = (count = 60, width = 320, height = 180, start = 0): Picture[] =>
  Array.from({ length: count }, (_, i) => testFrame(width, height, start + i));

const transparent = (width: number, height: number): Picture[] =>
  Array.from({ length: 60 }, (_, i) => transparentFrame(width, height, i));

/** The gaps between the frames of h264_vfr.mp4 in milliseconds: all sizes, in a shuffled order. */
const VFR_GAPS = [
  33, 20, 50, 33, 100, 20, 20, 500, 33, 50, 100, 33, 20, 50, 20, 33, 33, 100, 500, 20, 50, 33, 20, 100, 33,
  50, 20, 33, 500, 33, 20, 50, 100, 20, 33, 50, 33, 20, 100,
];
const VFR_TIME = VFR_GAPS.map((gap, i) => `gt(N\\,${i})*${gap}`).join('+');

/** Makers of the clips, in an order that lets later ones use earlier ones. */
const RECIPES: Record<string, (output: string) => void> = {
  'h264_baseline.mp4': (output) => encode(pictures(), { codec: H264_BASELINE }, output),
  'h264_bframes.mp4': (output) => encode(pictures(), { codec: h264B(24) }, output),
  'h264_opengop.mp4': (output) => encode(pictures(), { codec: h264B(24, 1) }, output),
  'h264_fragmented.mp4': (output) =>
    copy('h264_bframes.mp4', output, '-movflags frag_keyframe+empty_moov+default_base_moof'),
  'h264.mov': (output) => copy('h264_bframes.mp4', output),
  'h264.m2t': (output) => copy('h264_bframes.mp4', output),
  'h264_rotated.mp4': (output) => {
    const stored = pictures(60, 180, 320).map(turnLeft);
    encode(stored, { codec: h264B(30) }, scratch('stored.mp4'));
    // ffmpeg 5.1 counts this tag counterclockwise. Newer ones have -display_rotation instead.
    ffmpeg(`-i ${scratch('stored.mp4')} -c copy -metadata:s:v rotate=270`, output);
  },
  'h264_anamorphic.mp4': (output) => encode(pictures(), { codec: h264B(30), filter: 'setsar=4/3' }, output),
  'h264_vfr.mp4': (output) =>
    encode(
      pictures(40),
      {
        codec: `${h264B(24)} -fps_mode passthrough -enc_time_base 1/1000 -video_track_timescale 1000`,
        filter: `settb=1/1000,setpts=${VFR_TIME}`,
      },
      output,
    ),
  'h264_negative.mp4': (output) => {
    encode(pictures(90), { codec: h264B(30) }, scratch('whole.mp4'));
    ffmpeg(`-ss ${40 / 30} -i ${scratch('whole.mp4')} -c copy`, output);
  },
  'h264_sound.mp4': (output) => {
    const sound = `${soundFile('beeps', beeps(2))} -c:a aac -b:a 48k`;
    encode(pictures(), { codec: h264B(30), sound }, output);
  },
  'sound_only.mp4': (output) => ffmpeg(`${soundFile('beep', beeps(1))} -c:a aac -b:a 32k`, output),
  'h264_resize.m2t': (output) => concat(H264_BASELINE, 'm2t', output),
  'long_gop.mp4': (output) => encode(pictures(300, 160, 90), { codec: h264B(150) }, output),

  'sync.mp4': (output) => {
    const seconds = 70;
    const frames = Array.from({ length: seconds * 10 }, (_, i) => flashFrame(160, 90, i, i % 10 === 0));
    const sound = `${soundFile('second-beeps', secondBeeps(seconds))} -c:a aac -b:a 24k`;
    const codec = `${h264B(50)} -fps_mode passthrough -enc_time_base 1/1000 -video_track_timescale 1000`;
    encode(frames, { codec, filter: 'settb=1/1000,setpts=N*100', sound }, output);
  },

  'vp8.webm': (output) => encode(pictures(), { codec: `${VP8} -g 30 ${NO_HIDDEN}` }, output),
  'vp8_hidden.webm': (output) => {
    const codec = `${VP8} -g 60 -auto-alt-ref 1 -lag-in-frames 16 -arnr-maxframes 0`;
    encode(pictures(), { codec: `${codec} -enc_time_base 1/1000`, twoPass: true }, output);
  },
  'vp8_odd.webm': (output) => encode(pictures(60, 321, 241), { codec: `${VP8} -g 30 ${NO_HIDDEN}` }, output),
  'vp8_sound.webm': (output) => {
    const sound = `${soundFile('beeps', beeps(2))} -c:a libopus -b:a 32k`;
    encode(pictures(), { codec: `${VP8} -g 30 ${NO_HIDDEN}`, sound }, output);
  },
  'vp8_resize.webm': (output) => concat(`${VP8} -g 30 ${NO_HIDDEN}`, 'webm', output),

  'vp8_alpha.webm': (output) => encode(transparent(320, 180), { codec: `${VP8} -g 30 ${NO_HIDDEN}` }, output),
  'vp9_alpha_odd.webm': (output) =>
    encode(transparent(161, 91), { codec: `${VP9} -g 30 ${NO_HIDDEN}` }, output),

  'vp9.webm': (output) => encode(pictures(), { codec: `${VP9} -g 30 ${NO_HIDDEN}` }, output),
  'vp9_odd.webm': (output) => encode(pictures(60, 321, 241), { codec: `${VP9} -g 30 ${NO_HIDDEN}` }, output),
  'vp9_hidden.webm': (output) => encode(pictures(), { codec: VP9_HIDDEN, twoPass: true }, output),
  'vp9_hidden_split.webm': (output) => {
    // Without -autobsf the muxer would join the hidden frames to the next ones again. Their packets
    // have no presentation time of their own: they go 10 ms before the frame that they came with.
    const split = 'vp9_superframe_split,setts=ts=if(lt(PTS\\,0)\\,DTS-10\\,PTS)';
    copy('vp9_hidden.webm', output, `-fflags -autobsf -bsf:v ${split}`);
  },

  'av1.mp4': (output) => {
    const codec =
      '-c:v libaom-av1 -cpu-used 6 -crf 36 -g 30 -keyint_min 30 -lag-in-frames 16 -threads 1 -row-mt 0';
    encode(pictures(), { codec }, output);
  },
  'av1.mkv': (output) => copy('av1.mp4', output),

  'demo.webm': (output) => {
    const frames = Array.from({ length: DEMO_FRAMES }, (_, i) => demoFrame(i));
    const sound = `${soundFile('arpeggio', arpeggio(DEMO_FRAMES / 30))} -c:a libopus -b:a 56k`;
    const codec = `-c:v libvpx-vp9 -deadline good -cpu-used 2 -threads 2 -tile-columns 1 -row-mt 0 -crf 24 -b:v 0 -g 48`;
    encode(frames, { codec, sound, twoPass: true }, output);
  },
};

/** Writes PCM samples to a file, and returns the options that make it an input of ffmpeg. */
function soundFile(name: string, samples: Buffer): string {
  const path = scratch(`${name}.f32`);
  writeFileSync(path, samples);
  return `${PCM_INPUT} ${path}`;
}

/** Puts the packets of a finished clip into another container. */
function copy(clip: string, output: string, options = ''): void {
  ffmpeg(`-i ${media(clip)} -c copy ${options}`.trim(), output);
}

/** One track whose size changes after 30 frames, from 320x180 to 160x90. */
function concat(codec: string, extension: string, output: string): void {
  const [large, small] = [scratch(`large.${extension}`), scratch(`small.${extension}`)];
  encode(pictures(30, 320, 180, 0), { codec }, large);
  encode(pictures(30, 160, 90, 30), { codec }, small);
  writeFileSync(scratch('parts.txt'), [large, small].map((path) => `file ${path}\nduration 1\n`).join(''));
  ffmpeg(`-f concat -safe 0 -i ${scratch('parts.txt')} -c copy`, output);
}

/** Packet or frame in a report of ffprobe. Only packets have flags, and only frames a size. */
type Entry = Record<'type' | 'flags', string> & Record<'pts' | 'width' | 'height', number>;

/** Clips whose first frame does not carry number 0. */
const FIRST_NUMBERS = new Map([['h264_negative.mp4', 30]]);

/** Writes clips.json from what ffprobe finds in the finished clips. clips.ts describes the fields. */
function writeManifest(files: readonly string[]): void {
  const lines = files.map((file) => `  ${JSON.stringify(describe(file))}`);
  writeFileSync(media('clips.json'), `[\n${lines.join(',\n')}\n]\n`);
}

function describe(file: string): object {
  const { streams } = ffprobe('-show_streams', media(file));
  const find = (type: string): any => streams.find((stream: any) => stream.codec_type === type);
  const common = {
    file,
    container: extname(file).slice(1).replace('m2t', 'ts'),
    sound: find('audio')?.codec_name ?? null,
  };
  const video = find('video');
  return video ? { ...common, ...describeVideo(file, video) } : { ...common, ...NO_VIDEO };
}

const NO_VIDEO = {
  codec: null,
  frames: 0,
  packets: 0,
  width: -1,
  height: -1,
  rotation: 0,
  timescale: -1,
  sizes: [],
  firstNumber: -1,
  keyFrames: [],
  ticks: [],
};

function describeVideo(file: string, stream: any): object {
  const entries = 'packet=pts,flags:frame=pts,width,height,sample_aspect_ratio';
  const line = `-select_streams v:0 -show_packets -show_frames -show_entries ${entries}`;
  const found: Entry[] = ffprobe(line, media(file)).packets_and_frames;
  const packets = found.filter(({ type }) => type === 'packet');
  const decoded = found.filter(({ type }) => type === 'frame');

  // A packet without a picture is one that is not marked as cut off (D) and still gives no frame.
  const shown = new Set(decoded.map(({ pts }) => pts));
  const pictured = packets.filter(({ pts, flags }) => shown.has(pts) || flags.includes('D'));
  const ticks = pictured.map(({ pts }) => pts).sort((a, b) => a - b);
  const keys = pictured.filter(({ flags }) => flags.includes('K')).map(({ pts }) => ticks.indexOf(pts));

  const [aspectWidth = 1, aspectHeight = 1] = (stream.sample_aspect_ratio ?? '1:1').split(':').map(Number);
  const [numerator = 1, denominator = 1] = stream.time_base.split('/').map(Number);
  const turned = stream.side_data_list?.find((data: object) => 'rotation' in data)?.rotation ?? 0;
  return {
    codec: stream.codec_name,
    frames: ticks.length,
    packets: packets.length,
    width: Math.round((stream.width * aspectWidth) / aspectHeight),
    height: stream.height,
    rotation: (360 - turned) % 360,
    timescale: denominator / numerator,
    sizes: countSizes(decoded, ticks.length),
    firstNumber: FIRST_NUMBERS.get(file) ?? 0,
    keyFrames: keys,
    ticks,
  };
}

/** Runs of frames of one coded size. `frames` counts those too that ffprobe leaves out at the start. */
function countSizes(
  decoded: readonly Entry[],
  frames: number,
): [count: number, width: number, height: number][] {
  const sizes: [number, number, number][] = [];
  for (const { width, height } of decoded) {
    const last = sizes.at(-1);
    if (last && last[1] === width && last[2] === height) last[0] += 1;
    else sizes.push([1, width, height]);
  }
  if (sizes[0]) sizes[0][0] += frames - decoded.length;
  return sizes;
}

const wanted = process.argv[3] ?? '';
for (const [file, make] of Object.entries(RECIPES)) {
  if (!file.includes(wanted)) continue;
  console.log(file);
  make(media(file));
}
writeManifest(Object.keys(RECIPES));
