/**
 * Commands that Node runs for browser tests: reading of files by ffprobe and ffmpeg. Bundled into the configuration of vitest.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserCommand } from 'vitest/node';
import { readMark } from './marks.ts';
import { NO_FFMPEG } from './probe.mjs';

/** Far above the decoded size of any of these files. */
const MAX_OUTPUT_BYTES = 2 ** 28;

/** Width of the pictures in which marks are read: wide enough for every block, and little data to send. */
const MARK_WIDTH = 160;

/** One thread, because with more, small files take longer to start than to read. */
const COMMON = '-threads 1 -v repeat+warning';

/**
 * Keeps the times unchanged. By default ffmpeg counts in frames of a rate that it guesses, and complains when two times coincide.
 */
const AS_IT_IS = '-fps_mode passthrough -enc_time_base:v 1:1000000';

/** Messages about ffmpeg's own conversion to RGB, which are not about the file. */
const OWN_WORDS = /^\[swscaler .*\n/gmu;

/** Runs a program on `file` in a folder. Returns its output as bytes, and its complaints. No argument contains a space. */
function run(program: 'ffmpeg' | 'ffprobe', words: string, cwd: string) {
  const options = { encoding: 'buffer', maxBuffer: MAX_OUTPUT_BYTES, cwd } as const;
  return new Promise<{ out: Buffer; complaints: string }>((resolve, reject) => {
    execFile(program, words.split(' '), options, (error, out, complaints) => {
      if (error?.code === 'ENOENT') reject(new Error(NO_FFMPEG));
      // The error is added to the complaints, so that no test ignores a failed program.
      else resolve({ out, complaints: `${complaints.toString()}${error ?? ''}` });
    });
  });
}

/** Writes a base64 file into a temporary folder of its own, and removes the folder after `look`. */
async function withFile<T>(base64: string, look: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'written-'));
  try {
    // Without a file extension, so that the contents must identify the format.
    await writeFile(join(folder, 'file'), Buffer.from(base64, 'base64'));
    return await look(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Returns ffprobe's whole report of a file as JSON, the pictures as ffmpeg decodes and rotates them, every picture once, and the
 * complaints of both programs while they read and decode all of it, including sound.
 */
const probeFile: BrowserCommand<[base64: string, aspect: number]> = (_, base64, aspect) =>
  withFile(base64, async (folder) => {
    const height = Math.round(MARK_WIDTH / aspect);
    const shows = '-count_frames -show_format -show_streams -show_packets -show_frames -of json';
    const all = `-map 0 ${AS_IT_IS} -f null -`;
    const small = `-map 0:v:0 ${AS_IT_IS} -s ${MARK_WIDTH}x${height} -pix_fmt rgba -f rawvideo pipe:1`;
    const [probe, decoding] = await Promise.all([
      run('ffprobe', `${COMMON} ${shows} file`, folder),
      run('ffmpeg', `${COMMON} -i file ${all} ${small}`, folder),
    ]);
    return {
      json: probe.out.toString(),
      complaints: (probe.complaints + decoding.complaints).replaceAll(OWN_WORDS, ''),
      pictures: picturesIn(decoding.out, MARK_WIDTH, height),
    };
  });

/** Reads RGBA pictures of one size. */
function picturesIn(pixels: Buffer, width: number, height: number): { number: number; ground: number[] }[] {
  const length = width * height * 4;
  return Array.from({ length: pixels.length / length }, (_, at) => {
    const data = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset + at * length, length);
    const ground = (Math.floor(height * 0.9) * width + width / 2) * 4;
    return { number: readMark({ data, width, height }), ground: [...data.subarray(ground, ground + 3)] };
  });
}

/** Decodes the sound with ffmpeg, sample after sample, regardless of their times: base64 of 32-bit floats of one channel. */
const readSound: BrowserCommand<[base64: string]> = (_, base64) =>
  withFile(base64, async (folder) => {
    const words = '-v error -i file -map 0:a:0 -ac 1 -f f32le -';
    const { out, complaints } = await run('ffmpeg', words, folder);
    if (complaints !== '') throw new Error(complaints);
    return out.toString('base64');
  });

/** The commands, by the names that tests call. */
export const probeCommands = { probeFile, readSound };
