// @ts-check
/** A copy of the repository whose files may be broken. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Generated files, and files that no test reads. */
const LEFT_OUT = ['node_modules', '.git', 'dist', 'dist-demo', 'demo'];

/** @typedef {{ folder: string, remove: () => void }} Copy */

/**
 * Copies the sources and the tests. Dependencies are linked one by one, so that vite's cache beside them is the
 * copy's own.
 * @param {string} root
 * @returns {Copy}
 */
export function copyOf(root) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'video-frame-pool-mutations-')));
  for (const name of readdirSync(root)) {
    if (!LEFT_OUT.includes(basename(name))) cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    // Generated files, and caches of vite and vitest.
    if (name.startsWith('.') && name !== '.bin') continue;
    symlinkSync(
      realpathSync(join(root, 'node_modules', name)),
      join(folder, 'node_modules', name),
      'junction',
    );
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
