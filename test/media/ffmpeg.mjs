// @ts-check
/** Runs of ffmpeg and ffprobe for make.mjs and verify.mjs, with the settings that make the output repeatable. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {import('./paint.ts').Picture} Picture */

const FRAME_RATE = 30;

/** Folder of intermediate files. Removed when the script ends. */
const SCRATCH_FOLDER = mkdtempSync(join(tmpdir(), 'clips-'));
process.on('exit', () => rmSync(SCRATCH_FOLDER, { recursive: true }));

/** @param {string} file */
export const media = (file) => fileURLToPath(new URL(file, import.meta.url));
/** @param {string} file */
export const scratch = (file) => join(SCRATCH_FOLDER, file);

/** Nothing in the output may depend on the time, a random number or the version of the muxer. */
const REPEATABLE = '-map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact'.split(' ');

/** Says the colours in every file: those of HD video in the TV range. */
const COLORS = [
  '-sws_flags bitexact+accurate_rnd+full_chroma_int -pix_fmt yuv420p -color_range tv',
  '-colorspace bt709 -color_primaries bt709 -color_trc bt709',
].flatMap((line) => line.split(' '));
const TO_TV_COLORS = 'scale=out_color_matrix=bt709:out_range=tv';

/**
 * @param {'ffmpeg' | 'ffprobe'} program
 * @param {string[]} args
 * @param {Buffer} [input]
 * @returns {Buffer} what the program printed
 */
export function run(program, args, input) {
  const result = spawnSync(program, ['-v', 'error', ...args], {
    input,
    maxBuffer: 2 ** 30,
    cwd: SCRATCH_FOLDER,
  });
  if (result.status !== 0) {
    throw new Error(`${program} ${args.join(' ')}\n${result.error ?? result.stderr}`);
  }
  return result.stdout;
}

/**
 * Runs ffmpeg with the words of a command line.
 * @param {string} line inputs and options; no argument may hold a space
 * @param {string} output path of the file to write
 */
export function ffmpeg(line, output) {
  run('ffmpeg', ['-y', ...line.split(' '), ...REPEATABLE, output]);
}

/**
 * Encodes pictures of one size.
 * @param {Picture[]} pictures
 * @param {{ codec: string, filter?: string, sound?: string, twoPass?: boolean }} options
 *   codec: encoder options; filter: video filters; sound: input and encoder options of a sound track
 * @param {string} output path of the file to write
 */
export function encode(pictures, { codec, filter, sound, twoPass }, output) {
  const first = pictures[0];
  if (!first) throw new Error(`No pictures for ${output}`);
  const frames = Buffer.concat(pictures.map((picture) => picture.data));
  const raw = `-f rawvideo -pix_fmt rgb24 -s ${first.width}x${first.height} -framerate ${FRAME_RATE} -i pipe:0`;
  const video = [
    ...raw.split(' '),
    ...(sound?.split(' ') ?? []),
    '-vf',
    [TO_TV_COLORS, filter].filter(Boolean).join(','),
    ...COLORS,
    ...codec.split(' '),
    ...REPEATABLE,
  ];
  for (const pass of twoPass ? ['-pass 1 -an', '-pass 2'] : ['']) {
    run('ffmpeg', ['-y', ...video, ...pass.split(' ').filter(Boolean), output], frames);
  }
}

/**
 * What ffprobe says about a file.
 * @param {string} line options
 * @param {string} path
 * @returns {any} the parsed JSON
 */
export function ffprobe(line, path) {
  return JSON.parse(run('ffprobe', [...line.split(' '), '-of', 'json', path]).toString());
}
