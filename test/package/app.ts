/** An app made of the package as npm would install it, in a folder of its own, and the pages that it consists of. */
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
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Reads a clip with each way of making a worker that the page knows, and tells what came of it. */
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
globalThis.play = (way, clip) => play(openVideo, VideoFramePool, workers[way], clip);
`;

const OWN_WORKER = `
import 'video-frame-pool/worker';
addEventListener('message', () => {});
`;

/** The page without a bundler: an import map, a nonce, and a policy for the one address that a worker may have. */
const STATIC_PAGE = `<!doctype html>
<title>static</title>
<link rel="icon" href="data:," />
<script type="importmap" nonce="n0nce">
  { "imports": {
    "video-frame-pool": "/node_modules/video-frame-pool/dist/index.js",
    "video-frame-pool/media": "/node_modules/video-frame-pool/dist/media.js",
    "mediabunny": "/node_modules/mediabunny/dist/bundles/mediabunny.mjs"
  } }
</script>
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
  globalThis.play = (way, clip) => play(openVideo, VideoFramePool, workers[way], clip);
</script>
`;

/** Packs and unpacks the package, and writes the pages beside it. */
export function makeApp(clips: readonly string[]): { folder: string; remove(): void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'video-frame-pool-app-')));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'video-frame-pool'), { recursive: true });
  const shell = process.platform === 'win32';
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    shell,
  });
  const archive = packed.trim().split('\n').at(-1) ?? '';
  execFileSync('tar', ['-xzf', archive, '-C', join(modules, 'video-frame-pool'), '--strip-components=1'], {
    cwd: folder,
  });
  symlinkSync(join(root, 'node_modules/mediabunny'), join(modules, 'mediabunny'), 'junction');
  const files = {
    'package.json': '{ "type": "module", "private": true }',
    'play.js': PLAY,
    'main.js': VITE_MAIN,
    'own-worker.js': OWN_WORKER,
    'index.html':
      '<!doctype html><title>vite</title><link rel="icon" href="data:," /><script type="module" src="/main.js"></script>',
    'static.html': STATIC_PAGE,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, 'public'));
  for (const clip of clips) copyFileSync(join(root, 'test/media', clip), join(folder, 'public', clip));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
