/** Tests of links that are closed, and receivers that change, during the handshake. */
import { expect, test } from 'vitest';
import type { MessageEndpoint } from '../../src/index.ts';
import { connectPool, receiveFrames } from '../../src/index.ts';
import { linkLocks, linkToPort, until } from '../support/threads/linked.ts';
import type { HandshakeMessage } from '../support/threads/raw-peer.ts';
import { RawPeer } from '../support/threads/raw-peer.ts';

/** A handshake takes about ten tasks. */
const MOMENTS = Array.from({ length: 14 }, (_, tasks) => tasks);

/** Resolves after this many tasks. By messages, because nested timers are delayed by 4 ms each. */
async function after(tasks: number): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  for (let count = 0; count < tasks; count++) {
    await new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  }
}

/**
 * Endpoint whose links receive nothing before `hear()`, which passes the stored messages. Their own are posted at once.
 */
function slowEnd(port: MessagePort): MessageEndpoint & { receive(): void } {
  let kept: (() => void)[] | null = [];
  const between = (far: MessagePort): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<unknown>) => far.postMessage(data);
    far.onmessage = ({ data }: MessageEvent<unknown>) => {
      const pass = (): void => port1.postMessage(data);
      if (kept === null) pass();
      else kept.push(pass);
    };
    return port2;
  };
  return {
    postMessage: (message, options) => port.postMessage(message, options),
    addEventListener(_type: 'message', listener: (event: MessageEvent) => void) {
      port.onmessage = ({ data, ports }: MessageEvent<unknown>) =>
        listener(new MessageEvent('message', { data, ports: ports.map(between) }));
    },
    removeEventListener: () => (port.onmessage = null),
    receive() {
      for (const pass of kept ?? []) pass();
      kept = null;
    },
  };
}

/** The locks that the pools' sides of links hold. */
const initiatorLocks = async (): Promise<string[]> =>
  (await linkLocks()).filter((lock) => /^held .* initiator$/u.test(lock));

test.each(MOMENTS)(
  'a link closed %d tasks after its creation leaves nothing behind at the receiver [C10] [C11]',
  async (tasks) => {
    const { pool, fill, link: first, port1, port2 } = linkToPort('a decoded frame', 2);
    let iteration = receiveFrames(port2);
    const pending = iteration.next();
    await after(tasks);
    const wasOpen = first.state === 'open';
    first.close();
    expect(await first.closed).toBe('closed');
    const second = connectPool(pool, port1);
    const sent = second.send(await fill(5));
    let { value } = await pending;
    // The end of the first link and the hello of the second use different ports, so they arrive in either order. The
    // end of the last link ends the iteration; a link that was never open ends nothing.
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
  },
);

test('a link finds a receiver that starts after its first hello [C11]', async () => {
  const { link, port2 } = linkToPort();
  await new Promise((resolve) => (port2.onmessage = resolve));
  const iteration = receiveFrames(port2);
  const pending = iteration.next();
  await until(() => link.state, 'open');
  link.close();
  expect(await pending).toEqual({ done: true, value: undefined });
  await link.closed;
});

test('a closed link ends the iteration by its final message, before its lock is free [C11]', async () => {
  const { link, port2 } = linkToPort();
  const slow = slowEnd(port2);
  const iteration = receiveFrames(slow);
  const pending = iteration.next();
  await link.opened;
  // Links of earlier tests may release theirs a little later.
  await until(async () => (await initiatorLocks()).length, 1);
  link.close();
  await link.closed;
  // A free lock is noticed much earlier. On a slower machine it may be noticed later, and this test then proves less.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await initiatorLocks()).toHaveLength(1);
  slow.receive();
  expect(await pending).toEqual({ done: true, value: undefined });
  await until(initiatorLocks, []);
});

test.each(MOMENTS)(
  'a link finds the second receiver if the first one ends after %d tasks [C11]',
  async (tasks) => {
    const { pool, fill, link, port2 } = linkToPort();
    const first = receiveFrames(port2);
    await after(tasks);
    await first.return?.();
    const second = receiveFrames(port2);
    // It opens in any case: with the second receiver, or with the first one, whose end then ends it.
    const taken = second.next();
    const [{ status }] = await Promise.allSettled([link.send(await fill(3))]);
    const left = link.closed.then(() => null);
    const got = status === 'fulfilled' ? await Promise.race([taken, left]) : null;
    got?.value?.handle.release();
    expect(got === null ? 'left' : got.value?.handle.timestamp).toBe(got === null ? await link.closed : 3);
    await until(() => pool.lentCount, 0);
    link.close();
    await link.closed;
    expect(await link.opened).toEqual({ detectsTermination: true, undetectableBecause: null });
    expect([pool.lentCount, link.refusedCount]).toEqual([0, 0]);
    await second.return?.();
  },
);

test('two receiving endpoints of different versions stop talking after one refusal', async () => {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const received: string[] = [];
  port2.onmessage = ({ data }: MessageEvent<HandshakeMessage>) => {
    received.push(`${data.kind} ${data.link}`);
    // The reply of an endpoint of that version to an unknown message.
    if (data.link === 'theirs') RawPeer.sendHandshake(port2, 'refuse', 'theirs', { version: 99 });
  };
  RawPeer.sendHandshake(port2, 'hello', 'theirs', { version: 99 });
  await until(() => received, ['ready null', 'refuse theirs']);
  RawPeer.sendHandshake(port2, 'hello', 'ours');
  await until(() => received, ['ready null', 'refuse theirs', 'ready ours']);
  await iteration.return?.();
  port2.close();
});

test('a BroadcastChannel is refused at once: no other side could answer [C11]', () => {
  const { pool } = linkToPort('a decoded frame', 1);
  const channel = new BroadcastChannel('frames');
  // An app without types may pass one, which has the methods of an endpoint.
  const end = channel as unknown as MessageEndpoint;
  for (const call of [() => connectPool(pool, end), () => receiveFrames(end)]) {
    expect(call).toThrow(TypeError);
    expect(call).toThrow('got a BroadcastChannel: it has many readers');
  }
  channel.close();
});
