/** Stacks of holders begin at the app's own line, in the stack format of every engine. */
import { describe, expect, vi } from 'vitest';
import { appFrames } from '../../src/base/call-site.ts';
import type { FrameHandle, Storage, VideoFramePool } from '../../src/index.ts';
import { given } from '../support/fake-outcomes.ts';
import { canvasPool, decodedPool, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

/** The first line of each holder's stack. */
const firstLines = <S extends Storage>(pool: VideoFramePool<S>): string[] =>
  pool.holders().map(({ acquiredAt = '' }) => acquiredAt.split('\n')[0] ?? '');

const tracked = { trackHolders: true };

describe('a tracked share', () => {
  const takeInApp = <T>(take: () => T): T => take();

  test('begins at the line that called the pool', () => {
    const pool = decodedPool({ ...tracked, capacity: 2 });
    const adopted = takeInApp(function adoptsHere() {
      return pool.adopt(makeFrame());
    });
    const retained = takeInApp(function retainsHere() {
      return adopted.retain();
    });
    const permit = takeInApp(function reservesHere() {
      return given(pool.tryReserve());
    });
    expect(firstLines(pool)).toEqual([
      expect.stringMatching(/adoptsHere.*call-site\.test\.ts/u),
      expect.stringMatching(/retainsHere.*call-site\.test\.ts/u),
      expect.stringMatching(/reservesHere.*call-site\.test\.ts/u),
    ]);
    const fulfilled = (function fulfilsHere() {
      return permit.adopt(makeFrame());
    })();
    expect(firstLines(pool)[2]).toMatch(/fulfilsHere/u);
    for (const handle of [adopted, retained, fulfilled]) handle.release();
  });

  test('of a wait begins at the line that waited, and not at that of the release', async () => {
    const pool = canvasPool({ ...tracked, capacity: 1 });
    const held = given(pool.tryAcquire());
    const waiting = (function waitsHere() {
      return pool.acquire();
    })();
    (function releasesHere() {
      held.release();
    })();
    expect(firstLines(pool)).toEqual([expect.stringMatching(/waitsHere/u)]);
    (await waiting).release();
  });

  test('of a copy begins at the line that copied, at once or after a wait', async () => {
    const frames = decodedPool();
    const pool = canvasPool({ ...tracked, capacity: 1 });
    const handle = frames.adopt(makeFrame());
    const copyHere = (): Promise<FrameHandle<Storage>> =>
      handle.copyTo(pool) as Promise<FrameHandle<Storage>>;
    const first = await copyHere();
    expect(firstLines(pool)).toEqual([expect.stringMatching(/copyHere/u)]);
    const second = copyHere();
    first.release();
    expect(firstLines(pool)).toEqual([expect.stringMatching(/copyHere/u)]);
    (await second).release();
    handle.release();
  });

  test('shows the app’s line even if the app limits stack traces', () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 1;
    try {
      const pool = decodedPool(tracked);
      const handle = (function keepsHere() {
        return pool.adopt(makeFrame());
      })();
      expect(firstLines(pool)).toEqual([expect.stringMatching(/keepsHere/u)]);
      expect(Error.stackTraceLimit).toBe(1);
      handle.release();
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  });

  test('captures no stack without trackHolders', () => {
    const pool = decodedPool();
    const stacks = vi.spyOn(globalThis, 'Error');
    const handle = pool.adopt(makeFrame());
    handle.retain().release();
    handle.release();
    expect(stacks).not.toHaveBeenCalled();
    stacks.mockRestore();
  });
});

describe('appFrames() cuts a stack', () => {
  test.each([
    [
      'of V8, minified',
      'Error\n    at t (a.js:1:9)\n    at e.videoFramePoolCall0 [as acquire] (a.js:1:5)\n    at app (a.js:1:2)\n    at async main (a.js:1:1)',
      '    at app (a.js:1:2)\n    at async main (a.js:1:1)',
    ],
    [
      'of Firefox, with one more frame below the mark',
      't@http://x/a.js:1:9\nvideoFramePoolCall1@http://x/a.js:1:5\nn@http://x/a.js:1:4\napp@http://x/a.js:1:2\n',
      'app@http://x/a.js:1:2',
    ],
    [
      'of WebKit, at the outermost of several marks',
      't@a.js:1:9\nvideoFramePoolCall0@a.js:1:8\no@a.js:1:7\nvideoFramePoolCall1@a.js:1:5\nn@a.js:1:4\nmodule code@a.js:1:2',
      'module code@a.js:1:2',
    ],
    ['without a mark unchanged', 'app@a.js:1:2\nmain@a.js:1:1', 'app@a.js:1:2\nmain@a.js:1:1'],
  ])('%s', (_, stack, frames) => {
    expect(appFrames(stack)).toBe(frames);
  });
});
