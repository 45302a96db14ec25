// @ts-check
/**
 * `npm run bench`: measures in a real Chromium, and prints a table; `--json FILE` and `--svg FILE` write it to files, `--write` into
 * `guides/figures.md`. It reports the goals that are met, and fails for none. `--from FILE` reads the output of `--json` in place of
 * measuring.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { browserArguments, requireBrowser } from '../support/browser.mjs';
import { realClips } from '../support/real-clips.mjs';
import { CORE_SIZE, coreSize } from './core-size.mjs';
import { figureOf } from './figure.mjs';
import { FIGURE, GUIDE, withFigures } from './guide.mjs';
import { offerProbes } from './page-probes.mjs';
import { tableOf } from './table.mjs';

/** Enough for a median that is stable within some percent. */
const DEFAULT_ROUNDS = 11;

/** A case that takes longer for each of its rounds hangs: the longest plays six seconds three times, and seeks. */
const ROUND_LIMIT_MS = 120_000;

/** Maximum of uncounted rounds. */
const WARM_UPS = 3;

/** The clip that is measured as well if the folder of real clips exists. */
const REAL_CLIP = 'vp8_1080p60_bbb.webm';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    svg: { type: 'string' },
    write: { type: 'boolean', default: false },
    from: { type: 'string' },
    rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
    only: { type: 'string', default: '' },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new RangeError(`--rounds must be a whole number from 1, got ${options.rounds}`);
}

const limitMs = (rounds + WARM_UPS) * ROUND_LIMIT_MS;

const repository = new URL('../..', import.meta.url);

/**
 * What `--json` writes.
 * @typedef {{ where: string, rounds: number, rows: import('./page/row.ts').Row[] }} Result
 */

/** @type {Result} */
const result = options.from === undefined ? await measured() : JSON.parse(readFileSync(options.from, 'utf8'));
console.log(`\n${tableOf(result.rows)}\n\n${result.where}`);
writeDown(result);
const figure = figureOf(result.rows, result.where);
if (options.svg !== undefined) writeFileSync(options.svg, figure);
if (options.write) {
  const guide = new URL(GUIDE, repository);
  writeFileSync(guide, withFigures(readFileSync(guide, 'utf8'), result.rows, result.where));
  writeFileSync(new URL(FIGURE, repository), figure);
}

/** @param {Result} all */
function writeDown(all) {
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(all, null, 2)}\n`);
}

/**
 * Runs the chosen cases. Results are written after each, because the whole takes long.
 * @returns {Promise<Result>}
 */
async function measured() {
  const settings = { rounds, realClip: realClips().find(({ file }) => file === REAL_CLIP)?.url ?? null };
  const browser = await chromium.launch({
    executablePath: requireBrowser(),
    args: [...browserArguments, '--js-flags=--expose-gc', '--enable-precise-memory-info'],
  });
  // A cache of its own: the tests' server may be running, and bundles mediabunny too.
  const cacheDir = mkdtempSync(join(tmpdir(), 'video-frame-pool-bench-'));
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(repository),
    cacheDir,
    logLevel: 'error',
    appType: 'mpa',
    optimizeDeps: { include: ['mediabunny'], entries: [] },
    server: {
      host: '127.0.0.1',
      port: 0,
      // An edit of a source must not reload the page.
      hmr: false,
      watch: null,
      fs: { strict: false },
      // Cross-origin isolation gives the clock its full resolution.
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    },
  });
  try {
    await server.listen();
    const address = server.httpServer?.address();
    if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
    const url = `http://127.0.0.1:${address.port}/test/bench/page/index.html`;
    const began = performance.now();
    const cases = await onPage(browser, url, (page) =>
      page.evaluate((given) => globalThis.bench.names(given), settings),
    );
    const names = [...cases, CORE_SIZE];
    const chosen = names.filter((name) => name.includes(options.only));
    if (chosen.length === 0)
      throw new Error(`no case has "${options.only}" in its name; there are: ${names.join('; ')}`);
    const where = `Chromium ${browser.version()}, ${availableParallelism()} cores, ${rounds} rounds`;
    const rows = [];
    for (const name of chosen) {
      process.stdout.write(`${name} …`);
      const start = performance.now();
      // A page for each case: memory and compiled code of one case do not affect the next.
      try {
        if (name === CORE_SIZE) rows.push(await coreSize());
        else rows.push(...(await onPage(browser, url, (page) => page.evaluate(runCase, { name, settings }))));
      } catch (error) {
        // The others are measured nevertheless: a run takes long.
        console.error(error);
        process.exitCode = 1;
      }
      console.log(` ${((performance.now() - start) / 1000).toFixed(1)} s`);
      writeDown({ where, rounds, rows });
    }
    console.log(`${((performance.now() - began) / 1000).toFixed(0)} s`);
    return { where, rounds, rows };
  } finally {
    await browser.close();
    await server.close();
    rmSync(cacheDir, { recursive: true, force: true });
  }
}

/** @param {{ name: string, settings: import('./page/case.ts').Settings }} given */
function runCase({ name, settings }) {
  return globalThis.bench.run(name, settings);
}

/**
 * Runs a task on a new page; an uncaught error of the page, and a page that hangs, end the bench.
 * @template T
 * @param {import('playwright').Browser} browser
 * @param {string} url
 * @param {(page: import('playwright').Page) => Promise<T>} task
 * @returns {Promise<T>}
 */
async function onPage(browser, url, task) {
  const page = await browser.newPage();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const broken = new Promise((_, reject) => {
    page.on('pageerror', reject);
    page.on('crash', () => reject(new Error('the page crashed')));
    timer = setTimeout(() => reject(new Error(`the page hangs: no result in ${limitMs} ms`)), limitMs);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') console.error(`\n${message.text()}`);
  });
  try {
    await offerProbes(browser, page);
    const work = page.goto(url).then(async () => {
      await page.waitForFunction(() => 'bench' in globalThis);
      return task(page);
    });
    return /** @type {T} */ (await Promise.race([work, broken]));
  } finally {
    clearTimeout(timer);
    await page.close();
  }
}
