/** An app of the installed package decodes a clip: bundled by Vite, by webpack, and not bundled at all. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { build } from 'vite';
import webpack from 'webpack';
import { launch } from '../demo/page.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { makeApp } from './app.ts';
import { serveStatic } from './static-server.ts';

const CLIP = 'vp9.webm';

/** Uses all entries at one time: each takes what another one made, which a second copy of the core would refuse. */
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

const page = (head: string): string =>
  `<!doctype html><title>app</title><link rel="icon" href="data:," />${head}`;

const IMPORT_MAP = {
  imports: {
    'video-frame-pool': '/node_modules/video-frame-pool/dist/index.js',
    'video-frame-pool/media': '/node_modules/video-frame-pool/dist/media/index.js',
    'video-frame-pool/testing': '/node_modules/video-frame-pool/dist/testing/index.js',
    'video-frame-pool/webgpu': '/node_modules/video-frame-pool/dist/webgpu/index.js',
    mediabunny: '/node_modules/mediabunny/dist/bundles/mediabunny.mjs',
  },
};

const FILES = {
  'main.js': MAIN,
  'index.html': page('<script type="module" src="/main.js"></script>'),
  'webpack/index.html': page('<script src="main.js"></script>'),
  'plain.html': page(
    `<script type="importmap">${JSON.stringify(IMPORT_MAP)}</script><script type="module" src="main.js"></script>`,
  ),
};

const POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; img-src data:";

let app: ReturnType<typeof makeApp>;
let browser: Browser;

beforeAll(async () => {
  app = makeApp(FILES, [CLIP]);
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
  app.remove();
});

/** Plays the clip in an app's page. It has nothing to complain about, of frames that were not closed neither. */
async function expectPlays(folders: string[], path: string): Promise<void> {
  const server = await serveStatic([...folders, join(app.folder, 'public')], POLICY);
  onTestFinished(() => server.close());
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${server.url}/${path}`);
  await page.waitForFunction(() => 'play' in globalThis);
  const play = (file: string): Promise<unknown> =>
    (globalThis as unknown as { play(file: string): Promise<unknown> }).play(file);
  expect(await page.evaluate(play, `/${CLIP}`)).toEqual(timestampsOf(clip(CLIP)));
  await page.evaluate(() => (globalThis as { gc?: () => void }).gc?.());
  await page.close();
  expect(complaints).toEqual([]);
}

/** How often the pool's class is in what a bundler wrote. */
function poolClasses(folder: string): number {
  const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  );
  return scripts
    .map((file) =>
      readFileSync(join(folder, file), 'utf8').match(/\bclass VideoFramePool\b|VideoFramePool = class\b/gu),
    )
    .reduce((sum, found) => sum + (found?.length ?? 0), 0);
}

describe('an app that uses every entry', () => {
  test('plays when Vite has bundled it, with the pool’s class in it once', async () => {
    const outDir = join(app.folder, 'dist');
    await build({
      root: app.folder,
      configFile: false,
      logLevel: 'error',
      publicDir: false,
      build: { outDir, minify: false, target: 'es2022' },
    });
    expect(poolClasses(outDir)).toBe(1);
    await expectPlays([outDir], 'index.html');
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
    await expectPlays([path], 'index.html');
  });

  test('plays as plain modules, with an import map', async () => {
    await expectPlays([app.folder], 'plain.html');
  });
});
