/** Links that are closed, and receivers that change, while the two sides are still getting to know each other. */
import { expect, test } from 'vitest';
import type { MessageEnd } from '../../src/index.ts';
import { connectPool, receiveFrames } from '../../src/index.ts';
import { until } from '../support/threads/holder.ts';
import { poolOfKind } from '../support/threads/pools.ts';
import { RawPeer } from '../support/threads/raw-peer.ts';

/** A handshake is over after some ten tasks. */
const MOMENTS = Array.from({ length: 14 }, (_, tasks) => tasks);

function task(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });
}

/** An end whose links hear nothing before they are told to; what they say themselves goes at once. */
class SlowEnd implements MessageEnd {
  readonly #port: MessagePort;
  readonly #kept: (() => void)[] = [];
  #hears = false;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  postMessage(message: unknown, options: { transfer: Transferable[] }): void {
    this.#port.postMessage(message, options);
  }

  addEventListener(_type: 'message', listener: (event: MessageEvent) => void): void {
    this.#port.onmessage = ({ data, ports }: MessageEvent<unknown>) =>
      listener(new MessageEvent('message', { data, ports: ports.map((port) => this.#between(port)) }));
  }

  removeEventListener(): void {
    this.#port.onmessage = null;
  }

  /** Lets them hear what was said, and all that will be. */
  hear(): void {
    this.#hears = true;
    for (const pass of this.#kept.splice(0)) pass();
  }

  #between(port: MessagePort): MessagePort {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<unknown>) => port.postMessage(data);
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const pass = (): void => port1.postMessage(data);
      if (this.#hears) pass();
      else this.#kept.push(pass);
    };
    return port2;
  }
}

/** The locks that the pools' sides of links hold. */
async function near(): Promise<(string | undefined)[]> {
  const { held = [] } = await navigator.locks.query();
  return held
    .map(({ name }) => name)
    .filter((name) => name?.startsWith('video-frame-pool') && name.endsWith(' near'));
}

async function after(tasks: number): Promise<void> {
  for (let count = 0; count < tasks; count++) await task();
}

test.each(MOMENTS)(
  'a link that is closed %d tasks after it was made leaves nothing behind where frames are received [C10] [C11]',
  async (tasks) => {
    const { pool, fill } = poolOfKind('a decoded frame', 2);
    const { port1, port2 } = new MessageChannel();
    const first = connectPool(pool, port1);
    let iteration = receiveFrames(port2);
    const pending = iteration.next();
    await after(tasks);
    const wasOpen = first.state === 'open';
    first.close();
    expect(await first.closed).toBe('closed');
    const second = connectPool(pool, port1);
    const sent = second.send(await fill(5));
    let { value } = await pending;
    // The end of the one and the knock of the other come by different ports, so either may be heard first. The last link's end
    // is the iteration's; what never was open was no link, and ends nothing.
    if (value === undefined) {
      expect(wasOpen).toBe(true);
      iteration = receiveFrames(port2);
      ({ value } = await iteration.next());
    }
    await sent;
    expect(value?.handle.timestamp).toBe(5);
    value?.handle.release();
    const end = iteration.next();
    second.close();
    expect(await end).toEqual({ done: true, value: undefined });
    await second.closed;
    expect(pool.lentCount).toBe(0);
    pool.close();
  },
);

test('a link finds who receives at last, where its knock was lost on nobody [C11]', async () => {
  const { pool } = poolOfKind('a decoded frame', 1);
  const { port1, port2 } = new MessageChannel();
  const knocked = new Promise<void>((resolve) => {
    port2.onmessage = () => resolve();
  });
  const link = connectPool(pool, port1);
  await knocked;
  const iteration = receiveFrames(port2);
  const pending = iteration.next();
  await until(() => link.state, 'open');
  link.close();
  expect(await pending).toEqual({ done: true, value: undefined });
  await link.closed;
  pool.close();
});

test('a link that is closed ends the iteration by its last words, also where its lock would be free before they come [C11]', async () => {
  const { pool } = poolOfKind('a decoded frame', 1);
  const { port1, port2 } = new MessageChannel();
  const slow = new SlowEnd(port2);
  const link = connectPool(pool, port1);
  const iteration = receiveFrames(slow);
  const pending = iteration.next();
  await link.opened;
  link.close();
  await link.closed;
  // A lock that is free is heard of in far less.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await near()).toHaveLength(1);
  slow.hear();
  expect(await pending).toEqual({ done: true, value: undefined });
  await expect.poll(near).toEqual([]);
  pool.close();
});

test.each(MOMENTS)(
  'a link finds who receives at last, where the first receiver left %d tasks after it was made [C11]',
  async (tasks) => {
    const { pool, fill } = poolOfKind('a decoded frame', 1);
    const { port1, port2 } = new MessageChannel();
    const link = connectPool(pool, port1);
    const first = receiveFrames(port2);
    await after(tasks);
    await first.return?.();
    const second = receiveFrames(port2);
    // It opens in any case: with the first, in whose time it ends then, or with the second.
    const taken = second.next();
    const sent = await link.send(await fill(3)).then(
      () => true,
      () => false,
    );
    const left = link.closed.then(() => null);
    const got = sent ? await Promise.race([taken, left]) : null;
    got?.value?.handle.release();
    expect(got === null ? 'left' : got.value?.handle.timestamp).toBe(got === null ? await link.closed : 3);
    await until(() => pool.lentCount, 0);
    link.close();
    await link.closed;
    expect(await link.opened).toEqual({ watched: true, unwatchedBecause: null });
    expect([pool.lentCount, link.refusedCount]).toEqual([0, 0]);
    await second.return?.();
    pool.close();
  },
);

test('two ends of different versions that both receive stop talking after one refusal', async () => {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const heard: string[] = [];
  port2.onmessage = ({ data }: MessageEvent<{ kind: string; link: string | null }>) => {
    heard.push(`${data.kind} ${data.link}`);
    // As an end of that version answers what it does not know.
    if (data.link === 'theirs')
      RawPeer.greet(port2, { kind: 'refuse', purpose: 'frames', link: 'theirs' }, 99);
  };
  RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link: 'theirs' }, 99);
  await until(() => heard, ['here null', 'refuse theirs']);
  RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link: 'ours' });
  await until(() => heard, ['here null', 'refuse theirs', 'here ours']);
  await iteration.return?.();
  port2.close();
});
