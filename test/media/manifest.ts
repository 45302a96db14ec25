/** Writer of clips.json, which lists what ffprobe finds in the finished clips. The fields are described in clips.ts. */
import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { ffprobe, media } from './ffmpeg.ts';

/** Packet or frame in a report of ffprobe. Only packets have flags, and only frames a size. */
type Entry = Record<'type' | 'flags', string> & Record<'pts' | 'width' | 'height', number>;

/** Clips whose first frame does not carry number 0. */
const FIRST_NUMBERS = new Map([['h264_negative.mp4', 30]]);

export function writeManifest(files: readonly string[]): void {
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
