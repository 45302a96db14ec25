/** The pool alone in an app: without budgets, copies, decoding, threads, streams and files, and its size in bytes. */
import { join } from 'node:path';
import process from 'node:process';
import { brotliCompressSync } from 'node:zlib';
import { spawnSync } from 'node:child_process';
import { build } from 'rolldown';
import { describe, expect, test } from 'vitest';
import { useApp } from './app.ts';

/** Bytes of the pool alone, minified, by brotli, at the last review, and the growth allowed without a review. */
const CORE_BYTES = 10_250;
const TOLERANCE = 1.05;

/** Words that are in a bundle with the part, minified or not, and in no bundle without it. */
const MARKERS = [
  // Budgets and copies.
  'a budget must have maxBytes, maxFrames or both',
  'is not of the size of the buffers of pool',
  // Decoding.
  'this browser cannot decode',
  'chunks must be an async iterable',
  // Threads.
  'the other side has another version of video-frame-pool',
  'the storage of this pool cannot be sent to another thread',
  // Streams.
  'MediaStreamTrackProcessor',
  'the readable side was cancelled',
  'readable must be a ReadableStream',
  // Files, textures, testing.
  'mediabunny',
  'placeMarker',
  'device must be a GPUDevice',
  'Codec reclaimed due to inactivity.',
  'startMs must be a finite number',
];

/** An entry that imports everything, and changes nothing. */
const IMPORTING = `
import process from 'node:process';

const look = () => {
  const seen = new Map();
  const visit = (path, value, depth) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
    for (const key of Reflect.ownKeys(value)) {
      const name = path + '.' + String(key);
      const found = Object.getOwnPropertyDescriptor(value, key);
      seen.set(name, found.value ?? found.get);
      if (depth > 0) visit(name, found.value, depth - 1);
    }
  };
  // Prototypes of the platform's classes too: global → class → prototype → member.
  visit('globalThis', globalThis, 2);
  return { seen, active: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'MessagePort') };
};

// Globals that Node makes at their first use, and the marks that mediabunny sets.
for (const key of Reflect.ownKeys(globalThis)) void globalThis[key];
await import('mediabunny');
const before = look();
const listeners = process.eventNames().length;
for (const entry of ['', '/testing', '/webgpu', '/media', '/worker']) await import('video-frame-pool' + entry);
const after = look();
const changed = [...after.seen].filter(([name, value]) => !before.seen.has(name) || !Object.is(before.seen.get(name), value));
const gone = [...before.seen.keys()].filter((name) => !after.seen.has(name));
console.log(JSON.stringify({
  looked: before.seen.size > 1000,
  changed: changed.map(([name]) => name),
  gone,
  active: after.active.length - before.active.length,
  listeners: process.eventNames().length - listeners,
}));
`;

const app = useApp({
  'pool.js': "export { VideoFramePool } from 'video-frame-pool';",
  'all.js': ['', '/media', '/testing', '/webgpu']
    .map((entry, index) => `export * as part${index} from 'video-frame-pool${entry}';`)
    .join('\n'),
  'importing.js': IMPORTING,
});

async function bundle(file: string): Promise<string> {
  const { output } = await build({
    input: join(app.folder, file),
    write: false,
    platform: 'browser',
    external: ['mediabunny'],
    output: { minify: true, codeSplitting: false },
  });
  return output[0].code;
}

const wordsIn = (code: string): string[] => MARKERS.filter((word) => code.includes(word));

describe('a bundle that imports `VideoFramePool` alone', () => {
  test('has no budgets, copies, decoding, threads, streams, files, textures or testing', async () => {
    expect(wordsIn(await bundle('all.js'))).toEqual(MARKERS);
    expect(wordsIn(await bundle('pool.js'))).toEqual([]);
  });

  test('is no larger than recorded', async () => {
    const bytes = brotliCompressSync(await bundle('pool.js')).length;
    expect(bytes).toBeGreaterThan(1_000);
    expect(bytes).toBeLessThanOrEqual(Math.round(CORE_BYTES * TOLERANCE));
  });
});

describe('importing every entry in Node', () => {
  test('changes no global, starts nothing, throws nothing and prints nothing', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['importing.js'], {
      cwd: app.folder,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ looked: true, changed: [], gone: [], active: 0, listeners: 0 });
  });
});
