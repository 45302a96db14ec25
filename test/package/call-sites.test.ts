/** Stacks of holders begin at the app's own line in the built package, bundled and minified. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'rolldown';
import { expect, test } from 'vitest';
import webpack from 'webpack';
import { useApp } from './app.ts';

/** Memory needs only the class of the platform, so Node runs it. Methods keep their names when they are minified. */
const MAIN = `
import { memoryStorage, VideoFramePool } from 'video-frame-pool';

globalThis.VideoFrame = class {};
const storage = memoryStorage({ format: 'RGBA', codedWidth: 2, codedHeight: 2 });
const pool = new VideoFramePool({ capacity: 1, storage, trackHolders: true });
const app = {
  takesHere: () => pool.tryAcquire(),
  retainsHere: (handle) => handle.retain(),
  waitsHere: () => pool.acquire(),
};
// Or terser takes the functions out of their object, and their names with it.
globalThis.app = app;
const lines = () => pool.holders().map(({ acquiredAt }) => acquiredAt.split('\\n')[0]);
const handle = app.takesHere();
const share = app.retainsHere(handle);
const before = lines();
share.release();
const waiting = app.waitsHere();
handle.release();
const after = lines();
waiting.then((one) => one.release());
console.log(JSON.stringify([...before, ...after]));
`;

const app = useApp({ 'main.js': MAIN });

function linesOf(file: string): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: app.folder, encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const OWN = ['takesHere', 'retainsHere', 'waitsHere'].map((name) => expect.stringContaining(name) as unknown);

test('as plain modules', () => {
  expect(linesOf('main.js')).toEqual(OWN);
});

test('minified by rolldown', async () => {
  const file = join(app.folder, 'rolldown.mjs');
  await build({ input: join(app.folder, 'main.js'), write: true, output: { file, minify: true } });
  expect(linesOf(file)).toEqual(OWN);
});

test('minified by webpack and terser', async () => {
  const path = join(app.folder, 'webpack');
  const output = { path, filename: 'main.cjs' };
  const compiler = webpack({
    mode: 'production',
    target: 'node',
    context: app.folder,
    entry: './main.js',
    output,
  });
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) =>
    compiler?.run((error, result) => (error === null ? resolve(result) : reject(error))),
  );
  expect(stats?.compilation.errors).toEqual([]);
  expect(linesOf(join(path, 'main.cjs'))).toEqual(OWN);
});
