/** Each `ts` block of README and guides compiles and runs, in Chromium, with the installed package and a few stand-ins. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ViteDevServer } from 'vite';
import { filesUnder, repository } from '../surface/source.mjs';
import { compile, compilerOptions, useApp } from './app.ts';
import { addressOf, pageWith, startVite, useBrowser } from './pages.ts';
import { GUIDES } from './snippets/guides.ts';
import type { Part, Snippets } from './snippets/part.ts';
import { README } from './snippets/readme.ts';

/** The `ts` blocks of README and guides, by file, heading and place below it. `README.md › Bytes › 1` is the first block below that heading; the title's own blocks have no heading. */
function snippetsIn(): Map<string, string> {
  const guides = filesUnder(`${repository}/guides`, /\.md$/u).map((path) => relative(repository, path));
  const found = new Map<string, string>();
  for (const file of ['README.md', ...guides]) {
    let heading = '';
    let count = 0;
    // Headings inside blocks do not count: each match is a whole block, or a heading outside of any.
    const parts = readFileSync(`${repository}/${file}`, 'utf8').matchAll(
      /^```(\w*)\n(.*?)^```$|^##+ ([^\n]+)$/gmsu,
    );
    for (const [, language, code, title] of parts) {
      if (title !== undefined) {
        heading = `${title} › `;
        count = 0;
      } else if (language === 'ts' && code !== undefined) {
        found.set(`${file} › ${heading}${++count}`, code);
      }
    }
  }
  return found;
}

const ENTRIES: Snippets = { ...README, ...GUIDES };
const snippets = snippetsIn();

/** A number that identifies a snippet in addresses, and the parts of which it is made. */
const known = [...snippets].flatMap(([name, code], place) => {
  const entry = ENTRIES[name];
  return entry === undefined ? [] : [{ name, code, place, parts: [entry].flat() as readonly Part[] }];
});

/** The folder in which a part of a snippet runs. */
const folderOf = (place: number, { run = 'all' }: Part): string => `snippets/${place}-${run}`;

/** Frames are counted before the first import that could create one. */
const RUN = `
import { frameAccount } from './frame-account.ts';

const account = frameAccount();
globalThis.run = async (path) => {
  await import(/* @vite-ignore */ path);
  return { opened: account.opened, left: account.stillOpen() };
};
`;

/** The functions of vitest that a snippet calls, in a page and at once. */
const VITEST = `
const hooks = [];
export const ran = [];
export const afterEach = (hook) => void hooks.push(hook);
export function test(name, body) {
  ran.push(Promise.resolve(body()).then(() => hooks.forEach((hook) => hook())).then(() => name));
}
const holds = (isSo) => { if (!isSo) throw new Error('the expectation is not met'); };
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

/** Options of an app with the usual setup: `strict`, without `noUncheckedIndexedAccess`. */
const strictOptions = {
  ...compilerOptions,
  lib: ['esnext', 'dom', 'dom.iterable', 'dom.asynciterable'],
  moduleDetection: 'force',
  allowImportingTsExtensions: true,
  strict: true,
  skipLibCheck: true,
};

const sourceOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The files of all snippets, by their paths in the app. */
function snippetFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { code, place, parts } of known) {
    const starts = parts.map(({ from }) => (from === undefined ? 0 : code.indexOf(from)));
    for (const [index, part] of parts.entries()) {
      const start = starts[index] ?? 0;
      const text = code.slice(
        start,
        starts.find((other) => other > start),
      );
      const folder = folderOf(place, part);
      files[`${folder}/${part.as ?? 'main.ts'}`] = [part.before ?? '', text, part.after ?? ''].join('\n');
      for (const [name, more] of Object.entries(part.more ?? {})) files[`${folder}/${name}`] = more;
    }
  }
  return files;
}

const app = useApp(
  {
    ...snippetFiles(),
    'index.html': pageWith('<script type="module" src="/page.ts"></script>'),
    'page.ts': RUN,
    'stand-ins.ts': sourceOf('./snippets/stand-ins.ts'),
    'frame-account.ts': sourceOf('../support/frame-account.ts'),
    'node_modules/vitest/package.json':
      '{ "name": "vitest", "type": "module", "exports": { ".": { "types": "./index.d.ts", "default": "./index.js" } } }',
    'node_modules/vitest/index.js': VITEST,
    'node_modules/vitest/index.d.ts': VITEST_TYPES,
    'tsconfig.json': JSON.stringify({
      compilerOptions: strictOptions,
      include: ['snippets', 'stand-ins.ts'],
    }),
  },
  {
    'film.mp4': 'h264_baseline.mp4',
    'large.webm': 'demo.webm',
    'list.m3u8': 'list.m3u8',
    'h264.m2t': 'h264.m2t',
    'late.m2t': 'h264.m2t',
  },
);
const openPage = useBrowser('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader');
let server: ViteDevServer;

beforeAll(async () => {
  const entries = ['', '/media', '/testing', '/webgpu', '/worker'].map((entry) => `video-frame-pool${entry}`);
  server = await startVite(app, 'mediabunny', 'vitest', ...entries);
});

afterAll(() => server.close());

declare global {
  /** Imports a script. Resolves to the frames that were opened since the page was loaded, and those left open. */
  var run: (path: string) => Promise<{ opened: number; left: string[] }>;
}

describe('the snippets of README and guides', () => {
  test('are all listed here, and every listed snippet exists', () => {
    expect(snippets.size).toBeGreaterThan(10);
    expect(Object.keys(ENTRIES).sort()).toEqual([...snippets.keys()].sort());
    for (const { code, parts } of known) for (const { from = '' } of parts) expect(code).toContain(from);
  });

  test('compile, by the declarations of the package', async () => {
    const output = await compile(app, 'typescript/bin/tsc', '-p', 'tsconfig.json');
    const named = output.map((line) =>
      line.replace(
        /^snippets\/(\d+)-/u,
        (all, place: string) => `${known.find((one) => one.place === Number(place))?.name}: ${all}`,
      ),
    );
    expect(named).toEqual([]);
  });

  test.each(known.map(({ name, place, parts }) => [name, place, parts] as const))(
    '%s runs',
    async (_, place, parts) => {
      for (const folder of new Set(parts.map((part) => folderOf(place, part)))) {
        const { page, uncaught } = await openPage(addressOf(server), 'run');
        const frames = await page.evaluate((path) => globalThis.run(path), `/${folder}/main.ts`);
        expect({ ...frames, uncaught }).toEqual({ opened: expect.any(Number), left: [], uncaught: [] });
      }
    },
  );
});
