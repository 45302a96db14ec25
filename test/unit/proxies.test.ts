/**
 * Objects of the library in the state of frameworks: Vue's deep reactivity, and proxies that do not know the
 * library.
 */
import { effect, isReactive, reactive, ref, shallowRef } from '@vue/reactivity';
import { BufferTarget, WebMOutputFormat } from 'mediabunny';
import { describe, expect, onTestFinished } from 'vitest';
import { connectPool, FrameBudget } from '../../src/index.ts';
import { FrameWriter } from '../../src/media/index.ts';
import { given } from '../support/fake-outcomes.ts';
import { canvasPool, decodedPool, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

/** Wraps every object that is read through it, as deep proxies do. */
const deepProxy = <T extends object>(target: T): T =>
  new Proxy(target, {
    get(from, key, receiver) {
      const value: unknown = Reflect.get(from, key, receiver);
      return typeof value === 'object' && value !== null ? deepProxy(value) : value;
    },
  });

function linkOf(): ReturnType<typeof connectPool> {
  const { port1, port2 } = new MessageChannel();
  const link = connectPool(decodedPool(), port1);
  onTestFinished(() => {
    link.close();
    port1.close();
    port2.close();
  });
  return link;
}

/** Public classes, and a call that needs their private fields. Decoders and readers have a test in the engines. */
const OBJECTS: [name: string, make: () => object, call: (made: never) => unknown][] = [
  ['VideoFramePool', () => decodedPool(), (pool: ReturnType<typeof decodedPool>) => pool.lentCount],
  ['FrameBudget', () => new FrameBudget({ maxFrames: 2 }), (budget: FrameBudget) => budget.frames],
  ['PoolLink', linkOf, (link: ReturnType<typeof linkOf>) => link.state],
  [
    'FrameWriter',
    () => new FrameWriter({ format: new WebMOutputFormat(), target: new BufferTarget() }),
    (writer: FrameWriter) => writer.state,
  ],
];

describe('Vue', () => {
  test.each(OBJECTS)('leaves a %s in reactive(), ref() and shallowRef() unchanged', (_, make, call) => {
    const made = make();
    const state = reactive({ made, list: [made], nested: { made } });
    for (const seen of [
      state.made,
      state.list[0],
      state.nested.made,
      ref(made).value,
      shallowRef(made).value,
    ]) {
      expect(seen).toBe(made);
    }
    expect(isReactive(state.made)).toBe(false);
    expect(() => call(state.made as never)).not.toThrow();
    expect(Object.keys(made)).not.toContain('__v_skip');
  });

  test('leaves handles and permits unchanged, and effects read frames through them', ({ frames: pool }) => {
    const handle = pool.adopt(makeFrame({ timestamp: 7 }));
    const permit = given(pool.tryReserve());
    const state = reactive({ handle, permit });
    const seen: number[] = [];
    effect(() => seen.push(state.handle.frame.timestamp));
    expect([state.handle, state.permit]).toEqual([handle, permit]);
    expect(state.handle).toBe(handle);
    expect(seen).toEqual([7]);
    state.permit.release();
    state.handle.release();
    expect([pool.lentCount, pool.decodingCount]).toEqual([0, 0]);
  });

  test('leaves the handle of a canvas unchanged', ({ buffers: pool }) => {
    const state = reactive({ sample: given(pool.tryAcquire()) });
    expect(state.sample.canvas.width).toBe(64);
    state.sample.release();
  });
});

describe('a proxy that does not know the library', () => {
  test.each(OBJECTS)('around a %s is rejected with a clear error', (name, make, call) => {
    for (const wrap of [(made: object) => new Proxy(made, {}), deepProxy]) {
      expect(() => call(wrap(make()) as never)).toThrow(
        expect.objectContaining({
          name: 'TypeError',
          message: expect.stringContaining(`a proxy around a ${name}`),
        }),
      );
    }
  });

  test('around a handle or a permit is rejected with a clear error, by every member', ({ frames: pool }) => {
    const handle = pool.adopt(makeFrame());
    const permit = given(pool.tryReserve());
    const refused = { name: 'TypeError', message: expect.stringContaining('a proxy around a Frame') };
    const proxy = new Proxy(handle, {});
    const uses = [
      () => proxy.frame,
      () => proxy.timestamp,
      () => proxy.duration,
      () => proxy.holder,
      () => proxy.released,
      () => proxy.retain(),
      () => proxy.copyTo(canvasPool()),
      () => proxy.toVideoFrame(),
      () => proxy.releaseAfter(Promise.resolve()),
      () => proxy.release(),
      () => new Proxy(permit, {}).release(),
    ];
    for (const use of uses) expect(use).toThrow(expect.objectContaining(refused));
    expect([pool.lentCount, pool.decodingCount]).toEqual([1, 1]);
    handle.release();
    permit.release();
  });

  test('around a pool is refused by calls that take one', async ({ frames: pool }) => {
    const { port1, port2 } = new MessageChannel();
    const proxy = new Proxy(decodedPool(), {});
    expect(() => connectPool(proxy, port1)).toThrow('a proxy around a VideoFramePool');
    port1.close();
    port2.close();
    using handle = pool.adopt(makeFrame());
    const copying = handle.copyTo(new Proxy(canvasPool(), {}));
    await expect(copying).rejects.toThrow('a proxy around a VideoFramePool');
    expect(pool.lentCount).toBe(1);
  });
});
