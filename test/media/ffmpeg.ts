/** Runs of ffmpeg and ffprobe for make.ts and verify.ts, with the settings that make the output repeatable. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Picture } from './paint.ts';

const FRAME_RATE = 30;

/** Folder of intermediate files. Removed when the script ends. */
const SCRATCH_FOLDER = mkdtempSync(join(tmpdir(), 'clips-'));
process.on('exit', () => rmSync(SCRATCH_FOLDER, { recursive: true }));

export const media = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
export const scratch = (file: string): string => join(SCRATCH_FOLDER, file);

/** Nothing in the output may depend on the time, a random number or the version of the muxer. */
const REPEATABLE = '-map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact'.split(' ');

/** Declares the colours in every file: those of HD video in the TV range. */
const COLORS = [
  '-sws_flags bitexact+accurate_rnd+full_chroma_int -pix_fmt yuv420p -color_range tv',
  '-colorspace bt709 -color_primaries bt709 -color_trc bt709',
].flatMap((line) => line.split(' '));
const TO_TV_COLORS = 'scale=out_color_matrix=bt709:out_range=tv';

/** Runs a program and returns its output. */
export function run(program: 'ffmpeg' | 'ffprobe', args: readonly string[], input?: Buffer): Buffer {
  const options = { input, maxBuffer: 2 ** 30, cwd: SCRATCH_FOLDER };
  const result = spawnSync(program, ['-v', 'error', ...args], options);
  if (result.status !== 0) {
    throw new Error(`${program} ${args.join(' ')}\n${result.error ?? result.stderr}`);
  }
  return result.stdout;
}

/** Runs ffmpeg with the words of a command line, none of which may hold a space. */
export function ffmpeg(line: string, output: string): void {
  run('ffmpeg', ['-y', ...line.split(' '), ...REPEATABLE, output]);
}

interface Encoding {
  /** Options of the encoder. */
  readonly codec: string;
  /** Video filters. */
  readonly filter?: string;
  /** Input and encoder options of a sound track. */
  readonly sound?: string;
  readonly twoPass?: boolean;
}

/** Encodes pictures of one size. */
export function encode(pictures: readonly Picture[], encoding: Encoding, output: string): void {
  const { codec, filter, sound, twoPass } = encoding;
  const first = pictures[0];
  if (!first) throw new Error(`No pictures for ${output}`);
  const frames = Buffer.concat(pictures.map(samplesOf));
  const raw = `-f rawvideo -pix_fmt ${first.alpha ? 'rgba' : 'rgb24'} -s ${first.width}x${first.height} -framerate ${FRAME_RATE} -i pipe:0`;
  const video = [
    ...raw.split(' '),
    ...(sound?.split(' ') ?? []),
    '-vf',
    [TO_TV_COLORS, filter].filter(Boolean).join(','),
    ...COLORS,
    ...(first.alpha ? ['-pix_fmt', 'yuva420p'] : []),
    ...codec.split(' '),
    ...REPEATABLE,
  ];
  for (const pass of twoPass ? ['-pass 1 -an', '-pass 2'] : ['']) {
    run('ffmpeg', ['-y', ...video, ...pass.split(' ').filter(Boolean), output], frames);
  }
}

/** A picture's samples, with its alpha as every fourth byte if it has one. */
function samplesOf({ data, alpha }: Picture): Buffer {
  if (!alpha) return data;
  const samples = Buffer.alloc(alpha.length * 4);
  for (const [pixel, value] of alpha.entries()) {
    data.copy(samples, pixel * 4, pixel * 3, pixel * 3 + 3);
    samples[pixel * 4 + 3] = value;
  }
  return samples;
}

/** The report of ffprobe about a file, by the words of a command line. */
export function ffprobe(line: string, path: string): any {
  return JSON.parse(run('ffprobe', [...line.split(' '), '-of', 'json', path]).toString());
}
