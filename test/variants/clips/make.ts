/** Clip maker: runs recipes into a cache folder outside the repository, each once. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { filesUnder, repository } from '../../surface/source.mjs';
import { runEdit } from '../edits/edits.ts';
import { storedFor, variantPicture, withAlpha } from '../picture.ts';
import { runProgram, words } from '../programs.ts';
import type { Clip, Pictures } from './clip.ts';

/** The folder of made clips. The environment variable VFP_VARIANTS names another one. */
const CACHE = process.env['VFP_VARIANTS'] ?? join(repository, 'node_modules/.cache/variants');

/** Nothing in a clip may depend on the time, a random number or the number of cores. */
const REPEATABLE = '-map_metadata -1 -fflags +bitexact -flags:v +bitexact -threads 1'.split(' ');

const FRAME_RATE = 30;

/** Hash of the sources that a kind of recipe depends on. */
const sourcesOf = (...files: readonly string[]): string =>
  files.map((file) => readFileSync(file, 'utf8')).join('');
const folder = join(repository, 'test/variants');
const SOURCES: Readonly<Record<Clip['kind'], string>> = {
  encode: sourcesOf(`${folder}/picture.ts`),
  copy: '',
  edit: sourcesOf(...filesUnder(`${folder}/edits`, /\.ts$/u)),
};

function hashOf(clip: Clip): string {
  const froms = 'from' in clip ? [clip.from].flat().map(hashOf) : [];
  const recipe = JSON.stringify({ ...clip, from: froms }) + SOURCES[clip.kind];
  return createHash('sha256').update(recipe).digest('hex').slice(0, 24);
}

function paint({ count, width, height, first, matrix, alpha }: Pictures): Buffer {
  const pictures = Array.from({ length: count }, (_, index) => variantPicture(width, height, first + index));
  const stored = matrix === undefined ? pictures : pictures.map((picture) => storedFor(picture, matrix));
  return Buffer.concat((alpha === true ? stored.map(withAlpha) : stored).map(({ data }) => data));
}

async function ffmpeg(args: readonly string[], output: string, input?: Buffer): Promise<void> {
  const { code, stderr } = await runProgram(
    'ffmpeg',
    ['-v', 'error', '-y', ...args, ...REPEATABLE, output],
    input,
  );
  if (code !== 0) throw new Error(`ffmpeg ${args.join(' ')} ended with ${code}: ${stderr}`);
}

async function encode(clip: Clip & { kind: 'encode' }, output: string): Promise<void> {
  const { width, height, matrix, alpha } = clip.pictures;
  const size = matrix?.[0] === 0 ? `${height}x${width}` : `${width}x${height}`;
  const format = alpha === true ? 'rgba' : 'rgb24';
  const raw = `-f rawvideo -pix_fmt ${format} -s ${size} -framerate ${FRAME_RATE} -i pipe:0`;
  await ffmpeg([...words(raw), ...words(clip.options)], output, paint(clip.pictures));
}

async function run(clip: Clip, output: string): Promise<void> {
  if (clip.kind === 'encode') return encode(clip, output);
  const inputs = await Promise.all([clip.from].flat().map(makeClip));
  if (clip.kind === 'edit') {
    const files = inputs.map((path) => readFileSync(path));
    writeFileSync(output, runEdit(clip.edit, files, clip.args));
    return;
  }
  const [input = ''] = inputs;
  await ffmpeg([...words(clip.before), '-i', input, '-c', 'copy', ...words(clip.options)], output);
}

const made = new Map<string, Promise<string>>();

/** Makes a clip if the cache does not have it. @returns Its path. */
export function makeClip(clip: Clip): Promise<string> {
  const hash = hashOf(clip);
  const known = made.get(hash) ?? makeOnce(clip, hash);
  made.set(hash, known);
  return known;
}

async function makeOnce(clip: Clip, hash: string): Promise<string> {
  const path = join(CACHE, `${hash}.${clip.extension}`);
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return path;
  mkdirSync(CACHE, { recursive: true });
  // Another process may make the same clip: the finished file takes its place in one step.
  const unfinished = join(CACHE, `${hash}.${process.pid}.unfinished.${clip.extension}`);
  await run(clip, unfinished);
  renameSync(unfinished, path);
  return path;
}
