/** An app of the installed package decodes a clip: bundled by Vite, by webpack, and not bundled at all. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { build } from 'vite';
import webpack from 'webpack';
import { clip, timestampsOf } from '../media/clips.ts';
import { useApp } from './app.ts';
import { expectQuiet, IMPORT_MAP, pageWith, serveStatic, useBrowser, viteSettings } from './pages.ts';

const CLIP = 'vp9.webm';

/** Uses all entries at one time: each takes objects of another one, which a second copy of the core would reject. */
const MAIN = `
import { canvasStorage, decodeFrames, VideoFramePool } from 'video-frame-pool';
import { openVideo } from 'video-frame-pool/media';
import { LimitedVideoDecoder } from 'video-frame-pool/testing';
import { textureStorage } from 'video-frame-pool/webgpu';

globalThis.play = async (clip) => {
  const pool = new VideoFramePool({ capacity: 3 });
  const canvases = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 16, height: 16 }) });
  const reader = await openVideo(clip);
  const timestamps = [];
  for await (const handle of reader.frames({ pool })) {
    timestamps.push(handle.timestamp);
    const copy = await handle.copyTo(canvases);
    if (copy.canvas.width !== 16) throw new Error('no canvas');
    copy.release();
    handle.release();
  }
  await reader.close();
  const device = { limits: { maxTextureDimension2D: 64 }, lost: new Promise(() => {}), createTexture() {} };
  new VideoFramePool({ capacity: 1, storage: textureStorage({ device, width: 8, height: 8 }) }).close();
  async function* chunks() {}
  const decoder = LimitedVideoDecoder.with({ surfaces: 2 });
  for await (const _ of decodeFrames(pool, chunks(), { codec: 'vp8' }, { decoder })) throw new Error('a frame of nothing');
  pool.assertNoLeaks();
  canvases.assertNoLeaks();
  return timestamps;
};
`;

const FILES = {
  'main.js': MAIN,
  'index.html': pageWith('<script type="module" src="/main.js"></script>'),
  'webpack/index.html': pageWith('<script src="main.js"></script>'),
  'plain.html': pageWith(
    `<script type="importmap">${IMPORT_MAP}</script><script type="module" src="main.js"></script>`,
  ),
};

const POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; img-src data:";

const app = useApp(FILES, { [CLIP]: CLIP });
const openPage = useBrowser();

/** Plays the clip in a page of the app, which prints nothing, not even about frames that were not closed. */
async function expectPlays(folder: string, path: string): Promise<void> {
  const url = await serveStatic([folder, join(app.folder, 'public')], POLICY);
  const opened = await openPage(`${url}/${path}`, 'play');
  const played = await opened.page.evaluate((file) => globalThis.play(file), `/${CLIP}`);
  expect(played).toEqual(timestampsOf(clip(CLIP)));
  await expectQuiet(opened);
}

/** Number of copies of the pool's class in a bundler's output. */
const poolClasses = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .flatMap((code) => code.match(/\bclass VideoFramePool\b|VideoFramePool = class\b/gu) ?? []).length;

describe('an app that uses every entry', () => {
  test('plays when Vite has bundled it, with the pool’s class in it once', async () => {
    const outDir = join(app.folder, 'dist');
    const settings = { outDir, minify: false, target: 'es2022' };
    await build({ ...viteSettings(app), publicDir: false, build: settings });
    expect(poolClasses(outDir)).toBe(1);
    await expectPlays(outDir, 'index.html');
  });

  test('plays when webpack has bundled it, with the pool’s class in it once', async () => {
    const path = join(app.folder, 'webpack');
    const compiler = webpack({
      mode: 'production',
      context: app.folder,
      entry: './main.js',
      output: { path },
      optimization: { minimize: false },
      performance: false,
    });
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) =>
      compiler?.run((error, result) => (error === null ? resolve(result) : reject(error))),
    );
    expect([stats?.compilation.errors, stats?.compilation.warnings]).toEqual([[], []]);
    expect(poolClasses(path)).toBe(1);
    await expectPlays(path, 'index.html');
  });

  test('plays as plain modules, with an import map', async () => {
    await expectPlays(app.folder, 'plain.html');
  });
});
