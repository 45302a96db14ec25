/** Contents of the packed package: all that its user needs, nothing else, and no problem by external tools. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { useApp } from './app.ts';

/** Kinds of files in the package: scripts, their types, sources for a debugger, documents. */
const KINDS = [
  /^(package\.json|(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md|LICENSE|guides\/([a-z-]+\.md|figures\.svg|demo\.webp))$/u,
  // A module for each source, with its types beside it.
  /^dist\/([a-z0-9-]+\/)*[a-z0-9-]+\.js(\.map)?$/u,
  /^dist\/([a-z0-9-]+\/)*[a-z0-9-]+\.d\.ts(\.map)?$/u,
  /^src\/([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/u,
];

const ENTRIES = ['index', 'media/index', 'media/worker/entry', 'testing/index', 'webgpu/index', 'worker'].map(
  (name) => `dist/${name}.js`,
);

const app = useApp({});
let root: string;
let files: string[];

beforeAll(() => {
  root = join(app.folder, 'node_modules/video-frame-pool');
  files = execFileSync('tar', ['-tzf', inject('tarball')], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//u, ''));
});

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** A source map, and the paths of its sources in the package. */
function sourcesOf(map: string): { path: string; content: string | undefined }[] {
  const { sources, sourcesContent } = JSON.parse(textOf(map)) as {
    sources: string[];
    sourcesContent?: string[];
  };
  return sources.map((source, index) => ({
    path: relative(root, resolve(root, dirname(map), source)),
    content: sourcesContent?.[index],
  }));
}

describe('the packed package', () => {
  test('has files of these kinds, and no others', () => {
    expect(files.filter((file) => !KINDS.some((kind) => kind.test(file)))).toEqual([]);
    for (const kind of KINDS) expect(files.some((file) => kind.test(file))).toBe(true);
  });

  test('has every module that an entry needs, and no other', () => {
    const needed = new Set<string>();
    const follow = (file: string): void => {
      if (needed.has(file)) return;
      needed.add(file);
      const text = textOf(file);
      for (const [, next] of text.matchAll(/(?:from|import) "(\.[^"]+)"/gu))
        if (next !== undefined) follow(join(dirname(file), next));
    };
    for (const entry of ENTRIES) follow(entry);
    expect(files.filter((file) => file.endsWith('.js')).sort()).toEqual([...needed].sort());
  });

  test('has each source once: entries share one copy of common code', () => {
    const owners = new Map<string, string[]>();
    for (const map of files.filter((file) => file.endsWith('.js.map') && file !== 'dist/worker.js.map')) {
      for (const { path } of sourcesOf(map)) owners.set(path, [...(owners.get(path) ?? []), map]);
    }
    expect(owners.size).toBeGreaterThan(100);
    expect([...owners].filter(([, maps]) => maps.length > 1)).toEqual([]);
  });

  test('installs without anything else, and without a script', () => {
    const names = readdirSync(join(app.folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(names.sort()).toEqual(['mediabunny', 'video-frame-pool']);
    const manifest = JSON.parse(textOf('package.json')) as {
      scripts: Record<string, string>;
      dependencies?: unknown;
    };
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.scripts).filter((name) => /install|^prepare/u.test(name))).toEqual([]);
  });

  test('names an existing file by each of its exports', () => {
    const { exports } = JSON.parse(textOf('package.json')) as {
      exports: Record<string, string | Record<string, string>>;
    };
    const named = Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    expect(named).toHaveLength(13);
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('has the sources that its maps refer to, as they were built', () => {
    const maps = files.filter((file) => file.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(100);
    const elsewhere = new Set<string>();
    for (const map of maps) {
      for (const { path, content } of sourcesOf(map)) {
        if (files.includes(path)) {
          if (content !== undefined) expect(content).toBe(textOf(path));
          continue;
        }
        // mediabunny is inside the worker's script; a debugger shows the map's own copy of it.
        expect([map, content?.length]).toEqual(['dist/worker.js.map', expect.any(Number)]);
        elsewhere.add(path);
      }
    }
    expect([...elsewhere].filter((path) => !/mediabunny|__vite-browser-external|^\0/u.test(path))).toEqual(
      [],
    );
  });

  test('has a map for each script with code and each declaration, which refers to it', () => {
    const without = files.filter((file) => {
      if (!file.startsWith('dist/') || file.endsWith('.map')) return false;
      const lines = textOf(file).trimEnd().split('\n');
      // A list of exports of other modules has nothing to step through.
      if (file.endsWith('.js') && lines.every((line) => /^(import|export) \{/u.test(line))) return false;
      const last = lines.at(-1);
      return last !== `//# sourceMappingURL=${file.split('/').at(-1)}.map` || !files.includes(`${file}.map`);
    });
    expect(without).toEqual([]);
  });
});

describe('external tools', () => {
  test('publint reports nothing', async () => {
    const tarball = new Uint8Array(readFileSync(inject('tarball'))).buffer;
    const { messages } = await publint({ pack: { tarball }, level: 'suggestion', strict: true });
    expect(messages).toEqual([]);
  });

  test('Are the types wrong? reports nothing for resolvers with ES modules and exports', async () => {
    const bytes = new Uint8Array(readFileSync(inject('tarball')));
    const analysis = await checkPackage(createPackageFromTarballData(bytes));
    if (analysis.types === false) throw new Error('there are no types');
    expect(Object.keys(analysis.entrypoints).sort()).toEqual(
      ['.', './media', './media/worker', './package.json', './testing', './webgpu', './worker'].sort(),
    );
    // Resolvers without exports (node10), and CommonJS, are not supported: `--profile esm-only`.
    const problems = analysis.problems.filter(
      (problem) =>
        !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)),
    );
    expect(problems).toEqual([]);
  });
});
