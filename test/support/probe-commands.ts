/** What browser tests ask of Node: files read by ffprobe and ffmpeg. Bundled into the configuration of vitest. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserCommand } from 'vitest/node';
import { readMark } from './marks.ts';
import { NO_FFMPEG } from './probe.mjs';

/** Far above what any of these files holds once decoded. */
const MAX_OUTPUT_BYTES = 2 ** 28;

/** Marks are read from pictures of this width: wide enough for every block, and little to send. */
const MARK_WIDTH = 160;

const PROBE = '-v warning -count_frames -show_format -show_streams -show_packets -show_frames -of json';

/** Times as they are: by its own choice ffmpeg counts in frames of a rate that it guesses, and complains when two fall together. */
const DECODE_ALL = '-map 0 -fps_mode passthrough -enc_time_base:v 1:1000000 -f null -';

/** What a program printed, byte by byte, and its complaints. */
interface Printed {
  readonly out: Buffer;
  readonly complaints: string;
}

function run(program: 'ffmpeg' | 'ffprobe', words: readonly string[]): Promise<Printed> {
  const options = { encoding: 'buffer', maxBuffer: MAX_OUTPUT_BYTES } as const;
  return new Promise((resolve, reject) => {
    execFile(program, words, options, (error, out, complaints) => {
      if (error?.code === 'ENOENT') reject(new Error(NO_FFMPEG));
      // A program that fails says so, which no test takes for nothing.
      else resolve({ out, complaints: complaints.toString() || (error === null ? '' : String(error)) });
    });
  });
}

/** Puts a file that came as base64 into a folder of its own, for as long as it is looked at. */
async function withFile<T>(base64: string, look: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'written-'));
  try {
    // Without a name's ending: what is in it must say what it is.
    const path = join(folder, 'file');
    await writeFile(path, Buffer.from(base64, 'base64'));
    return await look(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** All that ffprobe knows of a file, as JSON, and what both programs complain of while they read and decode all of it. */
const probeFile: BrowserCommand<[base64: string]> = (_, base64) =>
  withFile(base64, async (path) => {
    const probe = await run('ffprobe', [...PROBE.split(' '), path]);
    const decoding = await run('ffmpeg', ['-v', 'warning', '-i', path, ...DECODE_ALL.split(' ')]);
    return { json: probe.out.toString(), complaints: probe.complaints + decoding.complaints };
  });

/** What is in the pixels as ffmpeg decodes them and turns them upright; every picture once. */
const readPictures: BrowserCommand<[base64: string, aspect: number]> = (_, base64, aspect) =>
  withFile(base64, async (path) => {
    const height = Math.round(MARK_WIDTH / aspect);
    const size = `${MARK_WIDTH}x${height}`;
    const words = `-map 0:v:0 -fps_mode passthrough -s ${size} -f rawvideo -pix_fmt rgba -`.split(' ');
    const { out } = await run('ffmpeg', ['-v', 'error', '-i', path, ...words]);
    const length = MARK_WIDTH * height * 4;
    return Array.from({ length: Math.floor(out.length / length) }, (__, at) => {
      const data = new Uint8ClampedArray(out.buffer, out.byteOffset + at * length, length);
      const ground = (Math.floor(height * 0.9) * MARK_WIDTH + MARK_WIDTH / 2) * 4;
      const number = readMark({ data, width: MARK_WIDTH, height });
      return { number, ground: [...data.subarray(ground, ground + 3)] };
    });
  });

/** The sound as ffmpeg decodes it, sample after sample, whatever their times: base64 of 32-bit floats of one channel. */
const readSound: BrowserCommand<[base64: string]> = (_, base64) =>
  withFile(base64, async (path) => {
    const words = '-map 0:a:0 -ac 1 -f f32le -'.split(' ');
    const { out, complaints } = await run('ffmpeg', ['-v', 'error', '-i', path, ...words]);
    if (complaints !== '') throw new Error(complaints);
    return out.toString('base64');
  });

/** The commands, by the names under which tests call them. */
export const probeCommands = { probeFile, readPictures, readSound };
