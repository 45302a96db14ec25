/** The pages of an app that opens videos in workers: one for a bundler, one for none. */

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
    "video-frame-pool/media": "/node_modules/video-frame-pool/dist/media/index.js",
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

/** The files of that app. */
export const READER_WORKER_PAGES = {
  'play.js': PLAY,
  'main.js': VITE_MAIN,
  'own-worker.js': OWN_WORKER,
  'index.html':
    '<!doctype html><title>vite</title><link rel="icon" href="data:," /><script type="module" src="/main.js"></script>',
  'static.html': STATIC_PAGE,
};
