/**
 * Ways of creating a reader's worker, from guides/workers.md: each plays a clip, in an app made of the packed
 * package.
 */
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PreviewServer, ViteDevServer } from 'vite';
import { build, preview } from 'vite';
import { clip, timestampsOf } from '../media/clips.ts';
import { useApp } from './app.ts';
import type { OpenedPage } from './pages.ts';
import {
  addressOf,
  expectQuiet,
  IMPORT_MAP,
  pageWith,
  PATIENCE_MS,
  serveStatic,
  startVite,
  useBrowser,
  viteSettings,
} from './pages.ts';

const CLIPS = ['vp9.webm', 'h264_bframes.mp4'];

/** Reads a clip with each way of creating a worker that the page knows, and returns its timestamps. */
const PLAY = `
export async function play(openVideo, VideoFramePool, worker, clip) {
  const pool = new VideoFramePool({ capacity: 3 });
  const reader = await openVideo(clip, { worker });
  const timestamps = [];
  for await (const handle of reader.frames({ pool })) {
    if (handle.frame.codedWidth === 0) throw new Error('a closed frame');
    timestamps.push(handle.timestamp);
    handle.release();
  }
  await reader.close();
  pool.assertNoLeaks();
  return timestamps;
}
`;

/** The page of a bundler: the package's own worker, and one of the app's own that does more. */
const VITE_MAIN = `
import { VideoFramePool } from 'video-frame-pool';
import { openVideo } from 'video-frame-pool/media';
import { play } from './play.js';

const workers = {
  package: () => new Worker(new URL('video-frame-pool/worker', import.meta.url), { type: 'module' }),
  own: () => new Worker(new URL('./own-worker.js', import.meta.url), { type: 'module' }),
};
globalThis.play = (clip, way) => play(openVideo, VideoFramePool, workers[way], clip);
`;

const OWN_WORKER = `
import 'video-frame-pool/worker';
addEventListener('message', () => {});
`;

/** The page without a bundler: an import map, a nonce, and a policy for the one address that a worker may have. */
const STATIC_PAGE = `
<script type="importmap" nonce="n0nce">${IMPORT_MAP}</script>
<script type="module" nonce="n0nce">
  import { VideoFramePool } from 'video-frame-pool';
  import { openVideo } from 'video-frame-pool/media';
  import { play } from './play.js';

  globalThis.violations = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective }) => violations.push(violatedDirective));
  const address = '/node_modules/video-frame-pool/dist/worker.js';
  const policy = trustedTypes.createPolicy('app', {
    createScriptURL(url) {
      if (url !== address) throw new TypeError('not an address of this app: ' + url);
      return url;
    },
  });
  const workers = {
    classic: () => new Worker(policy.createScriptURL(address)),
    module: () => new Worker(policy.createScriptURL(address), { type: 'module' }),
  };
  globalThis.play = (clip, way) => play(openVideo, VideoFramePool, workers[way], clip);
</script>
`;

/** The policy of the strictest page. The worker's script is served with the same one. */
const policyWith = (workers: string): string =>
  `default-src 'none'; script-src 'self' 'nonce-n0nce'; worker-src ${workers}; connect-src 'self'; img-src data:; ` +
  `require-trusted-types-for 'script'; trusted-types app`;

declare global {
  /** Result of a page of an app: the timestamps of a clip, in µs. */
  var play: (clip: string, way?: string) => Promise<number[]>;
  /** The directives that the page has violated. */
  var violations: string[];
}

const app = useApp(
  {
    'play.js': PLAY,
    'main.js': VITE_MAIN,
    'own-worker.js': OWN_WORKER,
    'index.html': pageWith('<script type="module" src="/main.js"></script>'),
    'static.html': pageWith(STATIC_PAGE),
  },
  Object.fromEntries(CLIPS.map((file) => [file, file])),
);
const openPage = useBrowser();

/** Every frame of every clip arrives, the worker has ended afterwards, and the page reports no error. */
async function expectPlays(opened: OpenedPage, way: string): Promise<void> {
  const { page } = opened;
  for (const file of CLIPS) {
    const played = await page.evaluate(([name, by]) => globalThis.play(name, by), [`/${file}`, way] as const);
    expect(played).toEqual(timestampsOf(clip(file)));
    await expect.poll(() => page.workers().length, { timeout: PATIENCE_MS }).toBe(0);
  }
  await expectQuiet(opened);
}

describe('an app that is bundled by Vite', () => {
  const servers: Record<string, PreviewServer | ViteDevServer> = {};
  beforeAll(async () => {
    await build(viteSettings(app));
    const options = { host: '127.0.0.1', port: 0, strictPort: false };
    servers['built'] = await preview({ ...viteSettings(app), preview: options });
    servers['from the development server'] = await startVite(app);
  });
  afterAll(() => Promise.all(Object.values(servers).map((server) => server.close())));

  test.each([
    ['package', 'built'],
    ['own', 'built'],
    ['package', 'from the development server'],
    ['own', 'from the development server'],
  ])('plays with a worker of the %s’s script, %s', async (way, origin) => {
    await expectPlays(await openPage(addressOf(servers[origin]), 'play'), way);
  });
});

describe('a page without a bundler, under a strict policy and Trusted Types', () => {
  const openUnder = async (workers: string): Promise<OpenedPage> => {
    const url = await serveStatic([app.folder, join(app.folder, 'public')], policyWith(workers));
    return openPage(`${url}/static.html`, 'play');
  };
  const violationsOf = (page: Page): Promise<string[]> => page.evaluate(() => globalThis.violations);

  test.each(['classic', 'module'])(
    'plays with a %s worker, whose address its own policy makes',
    async (way) => {
      const opened = await openUnder("'self'");
      await expectPlays(opened, way);
      expect(await violationsOf(opened.page)).toEqual([]);
    },
  );

  test('reports a policy that forbids the worker', async () => {
    const { page } = await openUnder("'none'");
    const error = await page.evaluate(() =>
      globalThis.play('/vp9.webm', 'classic').catch(({ name, message }: Error) => `${name}: ${message}`),
    );
    expect(error).toContain('NetworkError: the worker cannot be loaded');
    expect(await violationsOf(page)).toEqual(['worker-src']);
  });
});
