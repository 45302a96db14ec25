/** Serves the built demo to the tests, on a free port of this machine alone. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { preview } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the built demo is. */
    demoUrl: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export default async function serve(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(`${root}/dist-demo/index.html`))
    throw new Error('there is no built demo: npm run build:demo');
  const server = await preview({
    root,
    logLevel: 'error',
    preview: { host: '127.0.0.1', port: 0, strictPort: false },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('vite preview did not tell its address');
  project.provide('demoUrl', url);
  return () => server.close();
}
