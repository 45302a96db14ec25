/** Server of the sources, for programs that browser pages import. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Title of the otherwise empty page. */
export const TITLE = 'program';

const emptyPage: Plugin = {
  name: 'empty-page',
  configureServer({ middlewares }) {
    middlewares.use('/', (request, response, next) => {
      if (request.url !== '/') {
        next();
        return;
      }
      response.setHeader('Content-Type', 'text/html');
      response.end(`<!doctype html><title>${TITLE}</title>`);
    });
  },
};

/** Serves the repository on a free port of this machine, with an empty page at its root. */
export async function serveSources(): Promise<{ url: string; close(): Promise<void> }> {
  // A separate cache, because another server may bundle mediabunny at the same time.
  const cacheDir = mkdtempSync(join(tmpdir(), 'video-frame-pool-hidden-'));
  const server = await createServer({
    configFile: false,
    root,
    cacheDir,
    logLevel: 'error',
    appType: 'custom',
    plugins: [emptyPage],
    optimizeDeps: { include: ['mediabunny'], entries: [] },
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
  });
  await server.listen();
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('the server reports no address');
  return {
    url,
    async close() {
      await server.close();
      rmSync(cacheDir, { recursive: true, force: true });
    },
  };
}
