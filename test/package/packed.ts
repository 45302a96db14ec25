/** Packs the package once for this suite, as npm would publish it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of the packed package. */
    tarball: string;
  }
}

export default function pack(project: TestProject): () => void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'video-frame-pool-packed-')));
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  project.provide('tarball', join(folder, packed.trim().split('\n').at(-1) ?? ''));
  return () => rmSync(folder, { recursive: true, force: true });
}
