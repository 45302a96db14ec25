/** Chromium with a page that reads variants, served by Vite from the sources. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { chromium } from 'playwright';
import type { ViteDevServer } from 'vite';
import { createServer } from 'vite';
import { browserArguments, requireBrowser } from '../support/browser.mjs';
import { repository } from '../surface/source.mjs';
import type { Variant } from './clips/clip.ts';
import { makeClip } from './clips/make.ts';
import type { Difference } from './difference.ts';
import { compare } from './compare.ts';
import { readWithFfmpeg } from './read-ffmpeg.ts';
import type { ElementReading, FfmpegReading, OursReading, Question, Readings } from './reading.ts';
import { unreadByElement, unreadByOurs } from './reading.ts';

/** A page that does not answer for so long hangs, in ms. Its own time-outs are shorter. */
const PAGE_LIMIT_MS = 60_000;

/** Length of a frame at 30 a second, in µs. */
const USUAL_GAP = 33_333;

/** Times at which all readers are asked for the frame shown, at most. */
const MAX_TIMES = 16;

/** What a variant came to. */
export interface Result {
  readonly readings: Readings;
  readonly differences: readonly Difference[];
}

export class VariantSession {
  readonly #browser: Browser;
  readonly #server: ViteDevServer;
  readonly #cacheDir: string;
  /** Pages that read nothing at the moment. */
  readonly #idle: Page[] = [];
  /** Paths of the clips that pages may fetch, by name. */
  readonly #clips = new Map<string, string>();

  private constructor(browser: Browser, server: ViteDevServer, cacheDir: string) {
    this.#browser = browser;
    this.#server = server;
    this.#cacheDir = cacheDir;
  }

  static async start(): Promise<VariantSession> {
    // A cache of its own: another server may bundle mediabunny at the same time.
    const cacheDir = mkdtempSync(join(tmpdir(), 'video-frame-pool-variants-'));
    const server = await createServer({
      configFile: false,
      root: repository,
      cacheDir,
      logLevel: 'error',
      appType: 'mpa',
      optimizeDeps: { include: ['mediabunny'], entries: [] },
      server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    });
    await server.listen();
    const browser = await chromium.launch({ executablePath: requireBrowser(), args: [...browserArguments] });
    return new VariantSession(browser, server, cacheDir);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
    rmSync(this.#cacheDir, { recursive: true, force: true });
  }

  /** Makes a variant, reads it three ways and compares the readings. */
  async read({ name, clip, end, truth = clip }: Variant): Promise<Result> {
    const path = await makeClip(clip);
    const ffmpeg = await readWithFfmpeg(await makeClip(truth));
    const given = { url: `/clip/${basename(path)}`, questions: questionsOf(ffmpeg) };
    this.#clips.set(given.url, path);
    const element =
      (await this.#onPage((page) => page.evaluate(callElement, given))) ?? unreadByElement('hangs', HUNG);
    const ours =
      (await this.#onPage((page) => page.evaluate(callOurs, given))) ?? unreadByOurs('hangs', HUNG);
    const readings = { ffmpeg, element, ours };
    return { readings, differences: compare(name, readings, end) };
  }

  /** The result of a call on a page, or null if the page hangs or crashes. Such a page is not used again. */
  async #onPage<T>(call: (page: Page) => Promise<T>): Promise<T | null> {
    const page = this.#idle.pop() ?? (await this.#open());
    let timer: NodeJS.Timeout | undefined;
    const hung = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), PAGE_LIMIT_MS);
      page.once('crash', () => resolve(null));
    });
    const work = call(page);
    try {
      const result = await Promise.race([work, hung]);
      if (result === null) {
        // The call fails once its page is closed.
        work.catch(() => {});
        await page.close();
      } else this.#idle.push(page);
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  async #open(): Promise<Page> {
    const page = await this.#browser.newPage();
    await page.route('**/clip/*', (route) => {
      const path = this.#clips.get(new URL(route.request().url()).pathname);
      return path === undefined
        ? route.abort()
        : route.fulfill({ path, contentType: 'application/octet-stream' });
    });
    await page.goto(`${this.#server.resolvedUrls?.local[0] ?? ''}test/variants/page/index.html`);
    await page.waitForFunction(() => 'variants' in globalThis);
    return page;
  }
}

const HUNG = 'the page';

interface PageCall {
  readonly url: string;
  readonly questions: readonly Question[];
}

const callElement = ({ url, questions }: PageCall): Promise<ElementReading> =>
  globalThis.variants.element(url, questions);

const callOurs = ({ url, questions }: PageCall): Promise<OursReading> =>
  globalThis.variants.ours(url, questions);

/** Middles of frames, evenly chosen, the first and the last included. */
function questionsOf({ frames }: FfmpegReading): Question[] {
  const gaps = frames.map(({ time }, index) => (frames[index + 1]?.time ?? NaN) - time);
  const usual = gaps.find((gap) => gap > 0) ?? USUAL_GAP;
  const middles = frames.flatMap(({ time }, index) => {
    const gap = Number.isNaN(gaps[index]) ? usual : (gaps[index] ?? usual);
    return gap > 0 && time + gap / 2 >= 0 ? [{ at: Math.floor(time + gap / 2), due: time }] : [];
  });
  const step = Math.max(1, (middles.length - 1) / (MAX_TIMES - 1));
  const places = Array.from({ length: Math.min(MAX_TIMES, middles.length) }, (_, n) => Math.round(n * step));
  return places.flatMap((place) => middles[place] ?? []);
}
