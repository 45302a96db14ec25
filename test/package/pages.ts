/** Pages of an app: served by Vite or unchanged, and opened in a browser that the tests of a file share. */
import { createReadStream, statSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import type { ViteDevServer } from 'vite';
import { createServer } from 'vite';
import { launch } from '../demo/page.ts';
import { fakeCamera } from '../support/browser.mjs';
import type { App } from './app.ts';

/** A page of an app. */
export const pageWith = (head: string): string =>
  `<!doctype html><title>app</title><link rel="icon" href="data:," />${head}`;

/** Addresses of the packages in the app's folder, for a page without a bundler. */
export const IMPORT_MAP = JSON.stringify({
  imports: {
    'video-frame-pool': '/node_modules/video-frame-pool/dist/index.js',
    'video-frame-pool/media': '/node_modules/video-frame-pool/dist/media/index.js',
    'video-frame-pool/testing': '/node_modules/video-frame-pool/dist/testing/index.js',
    'video-frame-pool/webgpu': '/node_modules/video-frame-pool/dist/webgpu/index.js',
    mediabunny: '/node_modules/mediabunny/dist/bundles/mediabunny.mjs',
  },
});

/** Time limit for a page on a busy machine, in ms. No test measures it. */
export const PATIENCE_MS = 100_000;

/** A page, with the output of its console and its uncaught errors. */
export interface OpenedPage {
  readonly page: Page;
  readonly printed: readonly string[];
  readonly uncaught: readonly string[];
}

/**
 * Launches a browser for the tests of a file, with these options besides the usual ones. Its pages share one
 * cache. The returned function opens a page, waits until a global of that name exists, and closes the page after
 * the test.
 */
export function useBrowser(...options: readonly string[]) {
  let context: BrowserContext;
  beforeAll(async () => {
    context = await (await launch([...fakeCamera, ...options])).newContext();
    context.setDefaultTimeout(PATIENCE_MS);
  });
  afterAll(() => context.browser()?.close());
  return async (url: string, global: string): Promise<OpenedPage> => {
    const page = await context.newPage();
    onTestFinished(() => page.close());
    const [printed, uncaught]: [string[], string[]] = [[], []];
    page.on('console', (message) => {
      // The client of Vite's development server prints that it is connected.
      if (!message.text().startsWith('[vite] ')) printed.push(message.text());
    });
    page.on('pageerror', (error) => uncaught.push(String(error)));
    await page.goto(url);
    await page.waitForFunction((name) => name in globalThis, global);
    return { page, printed, uncaught };
  };
}

/**
 * A page has printed and thrown nothing, not even after a collection of its garbage: unclosed frames are reported
 * then.
 */
export async function expectQuiet({ page, printed, uncaught }: OpenedPage): Promise<void> {
  await page.evaluate(() => (globalThis as { gc?: () => void }).gc?.());
  await page.waitForTimeout(50);
  expect([...printed, ...uncaught]).toEqual([]);
}

const SCRIPT = 'text/javascript';
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': SCRIPT, '.mjs': SCRIPT };

/**
 * Serves folders unchanged, byte ranges too, under a Content-Security-Policy, until the test ends. The first
 * folder that has a file serves it.
 * @returns The address, on a free port of this machine alone.
 */
export async function serveStatic(folders: readonly string[], policy: string): Promise<string> {
  const server = createHttpServer(({ url = '/', headers }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const file = folders
      .map((folder) => join(folder, pathname))
      .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
    response.setHeader('Content-Security-Policy', policy);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    const { size } = statSync(file);
    const [, first, last] = /^bytes=(\d+)-(\d*)$/u.exec(headers.range ?? '') ?? [];
    const start = Number(first ?? 0);
    const end = last === undefined || last === '' ? size - 1 : Math.min(Number(last), size - 1);
    if (first !== undefined) response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
    response.writeHead(first === undefined ? 200 : 206, { 'Content-Length': end - start + 1 });
    createReadStream(file, { start, end }).pipe(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The settings of Vite for an app's folder. */
export const viteSettings = ({ folder }: App) =>
  ({ root: folder, configFile: false, logLevel: 'error' }) as const;

/**
 * Starts Vite's development server in an app's folder. All packages are known beforehand: a package that is
 * discovered later reloads the page.
 */
export async function startVite(app: App, ...packages: readonly string[]): Promise<ViteDevServer> {
  const server = await createServer({
    ...viteSettings(app),
    cacheDir: join(app.folder, '.vite'),
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, fs: { strict: false } },
    optimizeDeps: { include: [...packages] },
  });
  return server.listen();
}

/** The address of a server of Vite. */
export const addressOf = (server: Pick<ViteDevServer, 'resolvedUrls'> | undefined): string =>
  server?.resolvedUrls?.local[0] ?? '';
