/** App that has installed the packed package, in a folder of its own, for the tests of one file. */
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, inject } from 'vitest';
import { repository } from '../surface/source.mjs';

/** An app, for as long as the tests of its file run. */
export interface App {
  folder: string;
}

/** Files by their paths, and the clips that are copied to `public`, by their names there. */
export function useApp(
  files: Readonly<Record<string, string>>,
  clips: Readonly<Record<string, string>> = {},
): App {
  const app = { folder: '' };
  beforeAll(() => {
    app.folder = realpathSync(mkdtempSync(join(tmpdir(), 'video-frame-pool-app-')));
    cpSync(inject('installed'), app.folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(app.folder, name)), { recursive: true });
      writeFileSync(join(app.folder, name), text);
    }
    mkdirSync(join(app.folder, 'public'));
    for (const [name, file] of Object.entries(clips))
      copyFileSync(join(repository, 'test/media', file), join(app.folder, 'public', name));
  });
  afterAll(() => rmSync(app.folder, { recursive: true, force: true }));
  return app;
}

/** Compiler options of an app that uses every entry. */
export const compilerOptions = {
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  types: [],
  noEmit: true,
};

/** Runs a compiler of node_modules in an app's folder. Resolves to its output, line by line. */
export function compile({ folder }: App, compiler: string, ...options: string[]): Promise<string[]> {
  const command = [join(repository, 'node_modules', compiler), '--pretty', 'false', ...options];
  return new Promise((resolve) =>
    execFile(process.execPath, command, { cwd: folder, encoding: 'utf8' }, (_, stdout) =>
      resolve(stdout.split('\n').filter((line) => line !== '')),
    ),
  );
}
