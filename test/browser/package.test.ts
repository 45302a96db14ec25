/** The built package, as an app gets it. */
import { describe, expect, test } from 'vitest';
import { clip, timestampsOf } from '../media/clips.ts';
import { gpuDevice } from '../support/gpu.ts';
import { clipBlob } from '../support/packets.ts';
import { takeAll } from '../support/taking.ts';

/** A separate name, so that Vite does not bundle the address as an asset. */
const here = import.meta.url;
const address = (file: string): string => new URL(`../../dist/${file}`, here).href;

/** A module of the built package. By address: its types are those of the sources, which exist before a build. */
const built = (file: string): Promise<unknown> => import(/* @vite-ignore */ address(file));

const core = (await built('index.js')) as typeof import('../../src/index.ts');
const media = (await built('media/index.js')) as typeof import('../../src/media/index.ts');
const webgpu = (await built('webgpu/index.js')) as typeof import('../../src/webgpu/index.ts');
const testing = (await built('testing/index.js')) as typeof import('../../src/testing/index.ts');

describe('the built package', () => {
  test('exports its documented names, and nothing else at run time', () => {
    expect(Object.keys(core).sort()).toEqual([
      'FrameBudget',
      'FrameDecoder',
      'PoolStarvedError',
      'VideoFramePool',
      'canvasStorage',
      'connectPool',
      'decodeFrames',
      'memoryStorage',
      'pooledFrames',
      'readableFrames',
      'receiveFrames',
      'shareFrames',
      'trackFrames',
    ]);
    expect(Object.keys(media).sort()).toEqual(['FrameWriter', 'openVideo']);
    expect(Object.keys(webgpu)).toEqual(['textureStorage']);
    expect(Object.keys(testing).sort()).toEqual(['LimitedVideoDecoder', 'ManualClock']);
  });

  test('has one copy of the core in all sub-paths: a pool of one works in the other', async () => {
    const pool = new core.VideoFramePool({ capacity: 2 });
    await using reader = await media.openVideo(await clipBlob('vp9.webm'));
    expect(await takeAll(reader.frames({ pool }))).toEqual(timestampsOf(clip('vp9.webm')));
    pool.assertNoLeaks();
  });

  test('lends textures to a pool of the core, by the storage of another sub-path', async () => {
    const device = await gpuDevice();
    const storage = webgpu.textureStorage({ device, width: 8, height: 8 });
    const pool = new core.VideoFramePool({ capacity: 1, storage });
    const handle = await pool.acquire();
    expect(handle.texture.width).toBe(8);
    handle.release();
    pool.close();
    device.destroy();
  });

  test('contains no syntax that engines without `using` cannot parse', async () => {
    const files = import.meta.glob<string>('../../dist/**/*.js', { query: '?raw', import: 'default' });
    const sources = await Promise.all(Object.values(files).map((load) => load()));
    expect(sources.join('').length).toBeGreaterThan(100_000);
    for (const source of sources) expect(source).not.toMatch(/\b(await )?using \w+ =/);
  });
});
