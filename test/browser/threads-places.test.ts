/**
 * Tests of contexts that a pool may be lent to: other windows of the origin, and the errors of contexts without frames.
 */
import { describe, expect, test } from 'vitest';
import type { PoolLink } from '../../src/index.ts';
import { canvasStorage, connectPool, receiveFrames, VideoFramePool } from '../../src/index.ts';
import { gpuDevice } from '../support/gpu.ts';
import type { FilledPool } from '../support/threads/linked.ts';
import { atEnd, linkToPort, poolOfKind, until } from '../support/threads/linked.ts';
import { textureStorage } from '../../src/webgpu/index.ts';

const HOLDER = new URL('../support/threads/holder-frame.ts', import.meta.url).href;
const CONTENT = `<script type="module" src="${HOLDER}"></script>`;

/** The next message of a frame to the page. */
const nextMessage = (): Promise<unknown> =>
  new Promise((resolve) => {
    addEventListener('message', ({ data }: MessageEvent<unknown>) => resolve(data), { once: true });
  });

/** A pool with a link to a frame of the page, which holds the pictures it receives. */
async function linkToFrame(
  kind: string,
  { capacity = 1, sandbox = null as string | null, content = CONTENT, name = 'frame' } = {},
) {
  const frame = document.createElement('iframe');
  if (sandbox !== null) frame.setAttribute('sandbox', sandbox);
  frame.srcdoc = content;
  const ready = nextMessage();
  document.body.append(frame);
  atEnd(() => frame.remove());
  expect(await ready).toBe('ready');
  const { pool, fill, link, port2 } = linkToPort(kind, capacity, { name });
  frame.contentWindow?.postMessage('receive', '*', [port2]);
  return { pool, fill, link, frame };
}

async function lend(link: PoolLink, fill: FilledPool['fill'], holds: number): Promise<void> {
  const answer = nextMessage();
  await link.send(await fill(holds));
  expect(await answer).toBe(`holds ${holds}`);
}

describe('another window of the origin [C11]', () => {
  test.each(['removed', 'navigated'])('that is %s returns every frame that it held', async (how) => {
    const options = { capacity: 2, name: 'annotations' };
    const { pool, fill, link, frame } = await linkToFrame('a decoded frame', options);
    expect(await link.opened).toEqual({ detectsTermination: true, undetectableBecause: null });
    await lend(link, fill, 1);
    await lend(link, fill, 2);
    expect(pool.holders().map(({ holder }) => holder)).toEqual(['annotations', 'annotations']);
    if (how === 'removed') frame.remove();
    else frame.srcdoc = '<p>elsewhere</p>';
    expect(await link.closed).toBe('lost');
    expect(pool.stats()).toMatchObject({ freeCount: 2, lost: 2 });
  });

  test('releases its frame, and the slot returns', async () => {
    const { pool, fill, link } = await linkToFrame('memory');
    const answer = nextMessage();
    await link.send(await fill(1), 'release');
    expect(await answer).toBe('holds 0');
    await until(() => pool.lentCount, 0);
    link.close();
    expect(await link.closed).toBe('closed');
  });
});

describe('a sandboxed frame, in which locks are refused [C11]', () => {
  test('can borrow memory, and the link reports that it cannot detect its end', async () => {
    const { pool, fill, link, frame } = await linkToFrame('memory', { sandbox: 'allow-scripts' });
    expect(await link.opened).toEqual({
      detectsTermination: false,
      undetectableBecause: 'locks are refused on the other side',
    });
    await lend(link, fill, 1);
    frame.remove();
    expect([link.state, pool.lentCount]).toEqual(['open', 1]);
    link.abort();
    expect(pool.stats()).toMatchObject({ lentCount: 0, lost: 1 });
  });

  test.each([
    ['a decoded frame', undefined],
    ['a canvas', undefined],
    ['shared memory', undefined],
    ['memory', new SharedArrayBuffer(8)],
  ])('cannot deserialize %s with %s: the slot returns, and the link stays open', async (kind, data) => {
    const { pool, fill, link } = await linkToFrame(kind, { sandbox: 'allow-scripts' });
    for (const round of [1, 2]) {
      await link.send(await fill(round), data);
      await until(() => pool.stats().lost, round);
      expect([pool.lentCount, link.lentCount, link.state, link.refusedCount]).toEqual([0, 0, 'open', 0]);
    }
    link.abort();
  });
});

/**
 * A hand-written peer in another agent cluster: it responds, takes one frame, and posts a message that cannot be
 * deserialized elsewhere.
 */
const UNREADABLE = `<script>
  addEventListener('message', ({ data, ports: [end] }) => {
    if (data !== 'receive') return;
    end.onmessage = ({ data, ports: [port] }) => {
      if (data.kind === 'hello') end.postMessage({ ...data, kind: 'ready' });
      if (data.kind !== 'connect') return;
      port.onmessage = ({ data: said }) => {
        if (said.length === 2) return;
        const empty = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
        port.postMessage([2, 0, false, empty]);
      };
      port.postMessage([0, { protocol: 1, undetectableBecause: 'hand-written' }]);
      port.postMessage([1, 1, false]);
    };
  });
  parent.postMessage('ready', '*');
</script>`;

test('an undeserializable message of a holder ends the link: its returns are unknown [C11]', async () => {
  const { pool, fill, link } = await linkToFrame('memory', { sandbox: 'allow-scripts', content: UNREADABLE });
  await link.send(await fill(1));
  expect(await link.closed).toBe('lost');
  expect(pool.stats()).toMatchObject({ lentCount: 0, lost: 1 });
});

/** A context without frames, which reports the error of `receiveFrames()` there. */
const sharedWorker = (): SharedWorker =>
  new SharedWorker(new URL('../support/threads/shared-worker.ts', import.meta.url), { type: 'module' });

describe('a context without frames [C11]', () => {
  test('is refused on both sides through the port of a shared worker', async () => {
    const { pool, fill } = poolOfKind();
    const worker = sharedWorker();
    const messages: unknown[] = [];
    worker.port.addEventListener('message', ({ data }: MessageEvent<unknown>) => messages.push(data));
    const link = connectPool(pool, worker.port);
    const sending = link.send(await fill(1));
    await expect(sending).rejects.toMatchObject({ name: 'NotSupportedError' });
    await expect(link.opened).rejects.toMatchObject({
      name: 'NotSupportedError',
      message: 'receiveFrames() cannot be used here: this environment has no VideoFrame',
    });
    expect([await link.closed, pool.lentCount]).toEqual(['refused', 0]);
    await until(() => messages.includes('NotSupportedError'), true);
  });

  test('is rejected at once if a worker itself reports its type', async () => {
    const { pool } = poolOfKind();
    const scope = new URL('.', HOLDER).pathname;
    const registration = await navigator.serviceWorker.register(`${scope}service-worker.js`, { scope });
    const service = registration.installing ?? registration.waiting ?? registration.active;
    for (const worker of [sharedWorker(), service]) {
      const connect = (): PoolLink => connectPool(pool, worker as unknown as Worker);
      expect(connect).toThrow(expect.objectContaining({ name: 'NotSupportedError' }));
    }
    await registration.unregister();
  });
});

describe('a wrong endpoint', () => {
  test.each([
    ['nothing', undefined],
    ['an object', {}],
    ['a window', window],
  ])('%s is a TypeError', (_, end) => {
    const { pool } = poolOfKind();
    expect(() => connectPool(pool, end as unknown as Worker)).toThrow(TypeError);
    expect(() => receiveFrames(end as unknown as MessagePort)).toThrow(TypeError);
  });

  test('a wrong pool is a TypeError; a pool of textures is not supported', async () => {
    const { port1 } = new MessageChannel();
    expect(() => connectPool({} as VideoFramePool, port1)).toThrow(TypeError);
    const device = await gpuDevice();
    const pool = new VideoFramePool({
      capacity: 1,
      storage: textureStorage({ device, width: 8, height: 8 }),
    });
    expect(() => connectPool(pool, port1)).toThrow(expect.objectContaining({ name: 'NotSupportedError' }));
    pool.close();
    device.destroy();
  });

  test('a handle of another pool and a non-handle stay unchanged', async () => {
    const { link } = linkToPort();
    const other = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 8, height: 8 }) });
    const handle = await other.acquire();
    await expect(link.send(handle)).rejects.toThrow(TypeError);
    expect(handle.released).toBe(false);
    await expect(link.send({} as typeof handle)).rejects.toThrow(TypeError);
    handle.release();
    await expect(link.send(handle)).rejects.toMatchObject({ name: 'InvalidStateError' });
    other.close();
  });
});
