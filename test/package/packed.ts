/**
 * Packs the package once for this suite, as npm would publish it, and installs it once in an app that all tests
 * copy.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of the packed package. */
    tarball: string;
    /** The folder of an app that has installed it, with mediabunny beside it. */
    installed: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Needs no registry: the package has no dependency. */
const INSTALL = ['install', '--offline', '--no-audit', '--no-fund', '--no-package-lock', '--silent'];

const npm = (cwd: string, ...options: string[]): string =>
  execFileSync('npm', options, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });

export default function pack(project: TestProject): () => void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'video-frame-pool-packed-')));
  const packed = npm(root, 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder);
  const tarball = join(folder, packed.trim().split('\n').at(-1) ?? '');
  const installed = join(folder, 'installed');
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{ "type": "module", "private": true }');
  npm(installed, ...INSTALL, tarball);
  symlinkSync(join(root, 'node_modules/mediabunny'), join(installed, 'node_modules/mediabunny'), 'junction');
  project.provide('tarball', tarball);
  project.provide('installed', installed);
  return () => rmSync(folder, { recursive: true, force: true });
}
