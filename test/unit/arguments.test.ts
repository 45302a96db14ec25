import { describe, expect } from 'vitest';
import type { PoolOptions } from '../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import { CANVAS_BYTES } from '../support/fake-canvas.ts';
import { given, rejectionOf, thrownBy } from '../support/fake-outcomes.ts';
import { canvases, canvasPool, counts, decodedPool, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

/** Values that an app without types might pass. */
const wrong = (value: unknown): never => value as never;

const ONE = { capacity: 1 };

describe('new VideoFramePool()', () => {
  test.each<[string, unknown, string]>([
    ['no options', undefined, 'TypeError: options must be an object with a capacity, got undefined'],
    ['capacity 0', { capacity: 0 }, 'RangeError: capacity must be a whole number from 1, got 0'],
    ['half a slot', { capacity: 1.5 }, 'RangeError: capacity must be a whole number from 1, got 1.5'],
    ['a text', { capacity: '4' }, 'TypeError: capacity must be a whole number from 1, got "4"'],
    ['NaN', { capacity: NaN }, 'RangeError: capacity must be a whole number from 1, got NaN'],
    ['maxBytes 0', { ...ONE, maxBytes: 0 }, 'RangeError: maxBytes must be a whole number from 1, got 0'],
    ['idleMs 0', { ...ONE, idleMs: 0 }, 'RangeError: idleMs must be a number of milliseconds above 0, got 0'],
    ['idleMs null', { ...ONE, idleMs: null }, 'TypeError: idleMs must be a number of milliseconds above 0'],
    ['name 7', { ...ONE, name: 7 }, 'TypeError: name must be a string, got 7'],
    ['no storage', { ...ONE, storage: {} }, 'TypeError: storage must come from canvasStorage()'],
    [
      'initial above 0 for frames',
      { ...ONE, initial: 1 },
      'RangeError: initial must be 0 for decoded frames',
    ],
  ])('rejects %s and names the accepted values', (_what, options, refusal) => {
    expect(String(thrownBy(() => new VideoFramePool(wrong(options))))).toContain(refusal);
  });

  test('rejects initial above capacity [A: InitializeSampleAllocatorEx]', () => {
    const refusal = thrownBy(() => canvasPool({ capacity: 2, initial: 3 }));
    expect(String(refusal)).toBe('RangeError: initial must be a whole number from 0 to 2, got 3');
    expect(canvasPool({ capacity: 2, initial: 2 }).idleCount).toBe(2);
  });

  test('rejects a limit that no buffer fits into, as no caller could be served [C3]', () => {
    expect(thrownBy(() => canvasPool({ maxBytes: CANVAS_BYTES - 1 })).name).toBe('RangeError');
    expect(canvasPool({ maxBytes: CANVAS_BYTES }).capacity).toBe(2);
  });

  test('reports its settings [A: InitializeSampleAllocator]', () => {
    const pool = decodedPool({ capacity: 7, name: 'player' });
    expect([pool.capacity, pool.freeCount, pool.name, pool.state]).toEqual([7, 7, 'player', 'active']);
    expect(canvasPool().name).toBe('pool');
  });
});

describe('canvasStorage()', () => {
  test.each<[unknown, string]>([
    [undefined, 'TypeError'],
    [{ width: 64 }, 'TypeError'],
    [{ width: 0, height: 1 }, 'RangeError'],
    [{ width: 64, height: 32_768 }, 'RangeError'],
    [{ width: 64.5, height: 48 }, 'RangeError'],
  ])('rejects %j: an unusable format [A: InitializeSampleAllocator]', (options, name) => {
    expect(thrownBy(() => canvasStorage(wrong(options))).name).toBe(name);
  });

  test('reports its size', () => {
    expect(canvases(321, 241)).toMatchObject({ kind: 'canvas', width: 321, height: 241 });
  });
});

describe('calls with wrong arguments', () => {
  test('setListener() takes a function or null [C1]', ({ frames: pool }) => {
    const refusal = thrownBy(() => pool.setListener(wrong('me')));
    expect(String(refusal)).toBe('TypeError: listener must be a function, got "me"');
    expect(thrownBy(() => pool.setListener(wrong(undefined))).name).toBe('TypeError');
  });

  test('adopt() takes an open frame, and leaves a rejected one unchanged', ({ frames: pool }) => {
    for (const value of [undefined, null, {}, 'frame'])
      expect(thrownBy(() => pool.adopt(wrong(value))).name).toBe('TypeError');
    const frame = makeFrame();
    expect(thrownBy(() => pool.adopt(frame, { holder: wrong(7) })).name).toBe('TypeError');
    expect([frame.codedWidth, pool.freeCount]).toEqual([64, 2]);
    frame.close();
    expect(thrownBy(() => pool.adopt(frame)).name).toBe('InvalidStateError');
  });

  test('signal and holder are checked before anything is taken', async ({ buffers: pool }) => {
    await expect(pool.acquire({ signal: wrong({}) })).rejects.toThrow('signal must be an AbortSignal');
    await expect(pool.acquire({ holder: wrong(1) })).rejects.toThrow(/^holder must be a string, got 1$/u);
    expect(thrownBy(() => pool.tryAcquire({ holder: wrong(1) })).name).toBe('TypeError');
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
  });

  test('retain() takes a name or nothing, as acquire() does', () => {
    using handle = given(canvasPool().tryAcquire());
    expect(thrownBy(() => handle.retain(wrong(7))).name).toBe('TypeError');
  });

  test('permit.adopt() takes a name or nothing, as pool.adopt() does', () => {
    using permit = given(decodedPool().tryReserve());
    const frame = makeFrame();
    expect(thrownBy(() => permit.adopt(frame, { holder: wrong(7) })).name).toBe('TypeError');
    expect([permit.released, frame.codedWidth]).toEqual([false, 64]);
    frame.close();
  });

  test('calls for one kind of pool are rejected by the other', async () => {
    const [frames, buffers] = [decodedPool(), canvasPool()];
    const frame = makeFrame();
    for (const call of [
      () => frames.tryAcquire(),
      () => frames.acquire(),
      () => frames.copyFrom(frame),
      () => buffers.tryReserve(),
      () => buffers.reserve(),
      () => buffers.adopt(frame),
    ]) {
      expect((await rejectionOf((async () => call())())).name).toBe('TypeError');
    }
    expect([frame.codedWidth, frames.freeCount, buffers.freeCount]).toEqual([64, 2, 2]);
    frame.close();
  });

  test('handles and permits cannot be constructed without a pool', () => {
    using handle = given(canvasPool().tryAcquire());
    using permit = given(decodedPool().tryReserve());
    // Their classes are exported as types only; this is what an app can still reach.
    for (const { constructor } of [handle, permit] as { constructor: unknown }[])
      expect(() => Reflect.construct(wrong(constructor), [])).toThrow('Illegal constructor');
  });

  test('configure() takes an object', () => {
    // The error is the library's own, not one of the language.
    const options: PoolOptions = wrong(null);
    expect(() => decodedPool().configure(options)).toThrow('options must be an object');
  });
});
