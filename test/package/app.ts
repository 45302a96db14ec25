/** An app that has installed the packed package, in a folder of its own. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What does not change from test to test is asked for no registry: the package has no dependency. */
const INSTALL = ['install', '--offline', '--no-audit', '--no-fund', '--no-package-lock', '--silent'];

/** Installs the package, writes the app's files beside it, and copies clips to `public`, by names of its own if it has any. */
export function makeApp(
  files: Readonly<Record<string, string>>,
  clips: readonly (string | readonly [file: string, name: string])[] = [],
): { folder: string; remove(): void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'video-frame-pool-app-')));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  execFileSync('npm', [...INSTALL, inject('tarball')], { cwd: folder, shell: process.platform === 'win32' });
  symlinkSync(join(root, 'node_modules/mediabunny'), join(folder, 'node_modules/mediabunny'), 'junction');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  mkdirSync(join(folder, 'public'));
  for (const clip of clips) {
    const [file, name] = typeof clip === 'string' ? [clip, clip] : clip;
    copyFileSync(join(root, 'test/media', file), join(folder, 'public', name));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
