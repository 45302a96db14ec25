/** Server of the built demo for the tests, on a free port of this machine. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { InlineConfig } from 'vite';
import { preview } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the built demo. */
    demoUrl: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Serves the demo with the project's configuration and the given overrides. */
export async function serveDemo(settings: InlineConfig = {}) {
  if (!existsSync(`${root}/dist-demo/index.html`))
    throw new Error('there is no built demo: npm run build:demo');
  const address = { host: '127.0.0.1', port: 0, strictPort: false };
  const server = await preview({
    root,
    logLevel: 'error',
    ...settings,
    preview: { ...address, ...settings.preview },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('vite preview reports no address');
  return { url, close: () => server.close() };
}

export default async function serve(project: TestProject): Promise<() => Promise<void>> {
  const { url, close } = await serveDemo();
  project.provide('demoUrl', url);
  return close;
}
