/** Each `ts` block of README and guides compiles and runs, in Chromium, with the installed package and a few stand-ins. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ViteDevServer } from 'vite';
import { createServer } from 'vite';
import { browserArguments, browserPath, fakeCamera } from '../support/browser.mjs';
import { makeApp } from './app.ts';
import { GUIDES } from './snippets/guides.ts';
import { snippetsIn } from './snippets/markdown.ts';
import type { Part, Snippets } from './snippets/part.ts';
import { README } from './snippets/readme.ts';

const ENTRIES: Snippets = { ...README, ...GUIDES };
const snippets = snippetsIn();

/** A number that stands for a snippet in addresses, and the parts of which it is made. */
const known = [...snippets].flatMap(([name, code], place) => {
  const entry = ENTRIES[name];
  return entry === undefined ? [] : [{ name, code, place, parts: [entry].flat() as readonly Part[] }];
});

/** The folder in which a part of a snippet runs. */
const folderOf = (place: number, { run = 'all' }: Part): string => `snippets/${place}-${run}`;

const PAGE =
  '<!doctype html><title>snippet</title><link rel="icon" href="data:," /><script type="module" src="/page.ts"></script>';

/** Frames are counted before anything is imported that could make one. */
const RUN = `
import { frameAccount } from './frame-account.ts';

const account = frameAccount();
globalThis.run = async (path) => {
  await import(/* @vite-ignore */ path);
  return { opened: account.opened, left: account.stillOpen() };
};
`;

/** Of vitest, what a snippet calls, in a page and at once. */
const VITEST = `
const hooks = [];
export const ran = [];
export const afterEach = (hook) => void hooks.push(hook);
export function test(name, body) {
  ran.push(Promise.resolve(body()).then(() => hooks.forEach((hook) => hook())).then(() => name));
}
const holds = (isSo) => { if (!isSo) throw new Error('what was expected is not so'); };
export const expect = (found) => ({
  toBe: (wanted) => holds(Object.is(found, wanted)),
  toBeInstanceOf: (wanted) => holds(found instanceof wanted),
});
`;

const VITEST_TYPES = `
export declare const ran: Promise<string>[];
export declare function afterEach(hook: () => void): void;
export declare function test(name: string, body: () => Promise<void>): void;
export declare function expect(found: unknown): { toBe(wanted: unknown): void; toBeInstanceOf(wanted: unknown): void };
`;

/**
 * Snippets leave out what a strict compiler wants said (`null` of `getContext()`, types of parameters); names, arguments and
 * options are checked.
 */
const compilerOptions = {
  target: 'es2022',
  lib: ['esnext', 'dom', 'dom.iterable', 'dom.asynciterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  allowImportingTsExtensions: true,
  strict: false,
  skipLibCheck: true,
  types: [],
  noEmit: true,
};

const sourceOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The files of all snippets, by their paths in the app. */
function snippetFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { code, place, parts } of known) {
    const starts = parts.map(({ from }) => (from === undefined ? 0 : code.indexOf(from)));
    for (const [index, part] of parts.entries()) {
      const text = code.slice(starts[index], starts[index + 1]);
      const folder = folderOf(place, part);
      files[`${folder}/${part.as ?? 'main.ts'}`] = [part.before ?? '', text, part.after ?? ''].join('\n');
      for (const [name, more] of Object.entries(part.more ?? {})) files[`${folder}/${name}`] = more;
    }
  }
  return files;
}

let app: ReturnType<typeof makeApp>;
let server: ViteDevServer;
let browser: Browser;

beforeAll(async () => {
  app = makeApp(
    {
      ...snippetFiles(),
      'index.html': PAGE,
      'page.ts': RUN,
      'stand-ins.ts': sourceOf('./snippets/stand-ins.ts'),
      'frame-account.ts': sourceOf('../support/frame-account.ts'),
      'node_modules/vitest/package.json':
        '{ "name": "vitest", "type": "module", "exports": { ".": { "types": "./index.d.ts", "default": "./index.js" } } }',
      'node_modules/vitest/index.js': VITEST,
      'node_modules/vitest/index.d.ts': VITEST_TYPES,
      'tsconfig.json': JSON.stringify({ compilerOptions, include: ['snippets', 'stand-ins.ts'] }),
    },
    [
      ['h264_baseline.mp4', 'film.mp4'],
      ['demo.webm', 'large.webm'],
    ],
  );
  server = await createServer({
    root: app.folder,
    configFile: false,
    logLevel: 'error',
    cacheDir: join(app.folder, '.vite'),
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, fs: { strict: false } },
    // All known beforehand: one that is found on the way reloads the page under a snippet.
    optimizeDeps: {
      include: [
        'mediabunny',
        'vitest',
        ...['', '/media', '/testing', '/webgpu', '/worker'].map((entry) => `video-frame-pool${entry}`),
      ],
    },
  });
  await server.listen();
  const executablePath = browserPath();
  browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...browserArguments, ...fakeCamera, '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  });
});

afterAll(async () => {
  await browser.close();
  await server.close();
  app.remove();
});

/** The frames that a page opened, and those that it left open. */
interface Account {
  opened: number;
  left: string[];
}

/** Runs a part in a page of its own. */
async function runPart(folder: string): Promise<Account & { uncaught: string[] }> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const uncaught: string[] = [];
  page.on('pageerror', (error) => uncaught.push(String(error)));
  await page.goto(server.resolvedUrls?.local[0] ?? '');
  await page.waitForFunction(() => 'run' in globalThis);
  const result = await page.evaluate(
    (path) => (globalThis as unknown as { run(path: string): Promise<Account> }).run(path),
    `/${folder}/main.ts`,
  );
  return { ...result, uncaught };
}

describe('the snippets of README and guides', () => {
  test('are all known here, and what is known here is one', () => {
    expect(snippets.size).toBeGreaterThan(10);
    expect(Object.keys(ENTRIES).sort()).toEqual([...snippets.keys()].sort());
    for (const { code, parts } of known) for (const { from = '' } of parts) expect(code).toContain(from);
  });

  test('compile, by the declarations of the package', () => {
    const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.json', '--pretty', 'false'], {
      cwd: app.folder,
      encoding: 'utf8',
    });
    const named = stdout.replaceAll(
      /^snippets\/(\d+)-/gmu,
      (all, place: string) => `${known.find((one) => one.place === Number(place))?.name}: ${all}`,
    );
    expect(named).toBe('');
  });

  test.each(known.map(({ name, place, parts }) => [name, place, parts] as const))(
    '%s runs',
    async (_, place, parts) => {
      for (const folder of new Set(parts.map((part) => folderOf(place, part)))) {
        expect(await runPart(folder)).toEqual({ opened: expect.any(Number), left: [], uncaught: [] });
      }
    },
  );
});
