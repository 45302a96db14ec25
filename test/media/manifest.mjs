// @ts-check
// Writes clips.json: what is in every clip, as ffprobe finds it in the finished file.
// clips.ts says what each field means.

import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { ffprobe, media } from './ffmpeg.mjs';

/** Clips whose first frame does not carry number 0. */
const FIRST_NUMBERS = new Map([['h264_negative.mp4', 30]]);

/** @param {string[]} files */
export function writeManifest(files) {
  const lines = files.map((file) => `  ${JSON.stringify(describe(file))}`);
  writeFileSync(media('clips.json'), `[\n${lines.join(',\n')}\n]\n`);
}

/** @param {string} file */
function describe(file) {
  const { streams } = ffprobe('-show_streams', media(file));
  /** @param {string} type */
  const find = (type) => streams.find((/** @type {any} */ stream) => stream.codec_type === type);
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

/**
 * @param {string} file
 * @param {any} stream
 */
function describeVideo(file, stream) {
  const entries = 'packet=pts,flags:frame=pts,width,height,sample_aspect_ratio';
  const found = ffprobe(
    `-select_streams v:0 -show_packets -show_frames -show_entries ${entries}`,
    media(file),
  );
  /** @type {{ type: string, pts: number, flags: string, width: number, height: number }[]} */
  const entriesFound = found.packets_and_frames;
  const packets = entriesFound.filter(({ type }) => type === 'packet');
  const decoded = entriesFound.filter(({ type }) => type === 'frame');

  // A packet without a picture is one that is not marked as cut off (D) and still gives no frame.
  const shown = new Set(decoded.map(({ pts }) => pts));
  const pictured = packets.filter(({ pts, flags }) => shown.has(pts) || flags.includes('D'));
  const ticks = pictured.map(({ pts }) => pts).sort((a, b) => a - b);
  const keys = pictured.filter(({ flags }) => flags.includes('K')).map(({ pts }) => ticks.indexOf(pts));

  const [aspectWidth = 1, aspectHeight = 1] = (stream.sample_aspect_ratio ?? '1:1').split(':').map(Number);
  const [numerator = 1, denominator = 1] = stream.time_base.split('/').map(Number);
  const turned = stream.side_data_list?.find((/** @type {any} */ data) => 'rotation' in data)?.rotation ?? 0;
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

/**
 * Runs of frames of one coded size: [count, width, height].
 * @param {{ width: number, height: number }[]} decoded
 * @param {number} frames how many there are with those that ffprobe leaves out at the start
 */
function countSizes(decoded, frames) {
  /** @type {[number, number, number][]} */
  const sizes = [];
  for (const { width, height } of decoded) {
    const last = sizes.at(-1);
    if (last && last[1] === width && last[2] === height) last[0] += 1;
    else sizes.push([1, width, height]);
  }
  if (sizes[0]) sizes[0][0] += frames - decoded.length;
  return sizes;
}
