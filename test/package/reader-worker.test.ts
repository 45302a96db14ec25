/** The ways of making a reader's worker that README tells: each plays a clip, in an app made of the packed package. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { build, createServer, preview } from 'vite';
import { launch } from '../demo/page.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { makeApp } from './app.ts';
import { READER_WORKER_PAGES } from './reader-worker-pages.ts';
import { serveStatic } from './static-server.ts';

const CLIPS = ['vp9.webm', 'h264_bframes.mp4'];

/** What the strictest of pages says. The worker's script comes with the same. */
const policyWith = (workers: string): string =>
  `default-src 'none'; script-src 'self' 'nonce-n0nce'; worker-src ${workers}; connect-src 'self'; img-src data:; ` +
  `require-trusted-types-for 'script'; trusted-types app`;

declare global {
  /** What the pages of the app give: the timestamps of a clip, in µs. */
  var play: (way: string, clip: string) => Promise<number[]>;
  /** The directives that the page has violated. */
  var violations: string[];
}

let app: ReturnType<typeof makeApp>;
let browser: Browser;

beforeAll(async () => {
  app = makeApp(READER_WORKER_PAGES, CLIPS);
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
  app.remove();
});

/** Opens a page that has nothing to complain about by the end of the test. */
async function openPage(url: string): Promise<Page> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  onTestFinished(async () => {
    // A frame that was forgotten is told of by the engine when it is collected.
    await page.evaluate(() => (globalThis as { gc?: () => void }).gc?.());
    await page.waitForTimeout(50);
    await page.close();
    expect(complaints).toEqual([]);
  });
  await page.goto(url);
  await page.waitForFunction(() => 'play' in globalThis);
  return page;
}

/** Every frame of every clip arrives, and the worker is gone afterwards. */
async function expectPlays(page: Page, way: string): Promise<void> {
  for (const file of CLIPS) {
    const played = await page.evaluate(([by, name]) => globalThis.play(by, name), [way, `/${file}`] as const);
    expect(played).toEqual(timestampsOf(clip(file)));
    await expect.poll(() => page.workers().length).toBe(0);
  }
}

describe('an app that is bundled by Vite', () => {
  test.each(['package', 'own'])('plays with a worker of the %s’s script, built', async (way) => {
    const settings = { root: app.folder, configFile: false, logLevel: 'error' } as const;
    await build(settings);
    const server = await preview({ ...settings, preview: { host: '127.0.0.1', port: 0, strictPort: false } });
    onTestFinished(() => server.close());
    await expectPlays(await openPage(server.resolvedUrls?.local[0] ?? ''), way);
  });

  test.each(['package', 'own'])(
    'plays with a worker of the %s’s script, from the development server',
    async (way) => {
      const server = await createServer({
        root: app.folder,
        configFile: false,
        logLevel: 'error',
        cacheDir: join(app.folder, '.vite'),
        server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, fs: { strict: false } },
      });
      onTestFinished(() => server.close());
      await server.listen();
      await expectPlays(await openPage(server.resolvedUrls?.local[0] ?? ''), way);
    },
  );
});

describe('a page without a bundler, under a strict policy and Trusted Types', () => {
  test.each(['classic', 'module'])(
    'plays with a %s worker, whose address its own policy makes',
    async (way) => {
      const server = await serveStatic([app.folder, join(app.folder, 'public')], policyWith("'self'"));
      onTestFinished(() => server.close());
      const page = await openPage(`${server.url}/static.html`);
      await expectPlays(page, way);
      expect(await page.evaluate(() => globalThis.violations)).toEqual([]);
    },
  );

  test('is told where its policy forbids the worker', async () => {
    const server = await serveStatic([app.folder, join(app.folder, 'public')], policyWith("'none'"));
    onTestFinished(() => server.close());
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(`${server.url}/static.html`);
    await page.waitForFunction(() => 'play' in globalThis);
    const error = await page.evaluate(() =>
      globalThis.play('classic', '/vp9.webm').catch(({ name, message }: Error) => `${name}: ${message}`),
    );
    expect(error).toContain('NetworkError: the worker cannot be loaded');
    expect(await page.evaluate(() => globalThis.violations)).toEqual(['worker-src']);
  });
});
