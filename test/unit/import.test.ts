import { afterEach, describe, expect, test, vi } from 'vitest';
import { thrownBy } from '../support/fake-outcomes.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The library, evaluated again in an environment without the named globals. */
async function importWithout(...names: string[]): Promise<typeof import('../../src/index.ts')> {
  for (const name of names) vi.stubGlobal(name, undefined);
  vi.resetModules();
  return import('../../src/index.ts');
}

describe('importing', () => {
  test('has no effect: it works without WebCodecs, in Node and in server-side rendering [C14]', async () => {
    const before = Reflect.ownKeys(globalThis).length;
    const symbols = Reflect.ownKeys(Symbol).length;
    const set = vi.spyOn(globalThis, 'setTimeout');
    // Globals that Node does not have are new, as stubs of this test.
    const foreign = ['VideoDecoder', 'document', 'window'];
    const library = await importWithout('VideoFrame', 'OffscreenCanvas', ...foreign);
    expect(library.VideoFramePool).toBeTypeOf('function');
    expect(Reflect.ownKeys(Symbol)).toHaveLength(symbols);
    expect(set).not.toHaveBeenCalled();
    expect(Reflect.ownKeys(globalThis)).toHaveLength(before + foreign.length);
    set.mockRestore();
  });

  test('makes isVideoFrame() return false, in an engine without frames [C14]', async () => {
    await importWithout('VideoFrame');
    const { isVideoFrame } = await import('../../src/pool/frames.ts');
    expect([isVideoFrame({}), isVideoFrame(null), isVideoFrame(1)]).toEqual([false, false, false]);
  });

  test('of the worker’s script does nothing outside a worker [C14]', async () => {
    const listen = vi.fn<() => void>();
    vi.stubGlobal('addEventListener', listen);
    vi.stubGlobal('postMessage', listen);
    vi.resetModules();
    expect(Object.keys(await import('../../src/media/worker/entry.ts'))).toEqual([]);
    expect(listen).not.toHaveBeenCalled();
  });

  test('works without Symbol.dispose: handles use the symbol that an app defines later [C14]', async () => {
    const { VideoFramePool } = await importWithout();
    expect(Reflect.has(VideoFramePool.prototype, Symbol.dispose ?? Symbol.for('Symbol.dispose'))).toBe(true);
  });
});

describe('the first use', () => {
  test('without WebCodecs throws NotSupportedError with the reason [C14]', async () => {
    const { VideoFramePool } = await importWithout('VideoFrame');
    const refusal = String(thrownBy(() => new VideoFramePool({ capacity: 1 })));
    expect(refusal).toMatch(/^NotSupportedError: .*this environment has no VideoFrame/u);
  });

  test('outside a secure context throws NotSupportedError with the reason [C14]', async () => {
    vi.stubGlobal('isSecureContext', false);
    const { VideoFramePool } = await importWithout('VideoFrame');
    expect(thrownBy(() => new VideoFramePool({ capacity: 1 })).message).toContain('not a secure context');
  });

  test('of canvases, in an engine without them, throws NotSupportedError [C14]', async () => {
    const { VideoFramePool, canvasStorage } = await importWithout('OffscreenCanvas');
    const pool = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 8, height: 8 }) });
    expect(String(thrownBy(() => pool.tryAcquire()))).toMatch(/^NotSupportedError: .*OffscreenCanvas/u);
    expect(pool.freeCount).toBe(1);
  });

  test('with wrong options reports them first [C14]', async () => {
    const { VideoFramePool } = await importWithout('VideoFrame');
    expect(thrownBy(() => new VideoFramePool({ capacity: 0 })).name).toBe('RangeError');
  });
});
