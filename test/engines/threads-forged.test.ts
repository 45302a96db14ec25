/**
 * Tests of messages that no correct holder sends: they are rejected and counted, and return no slot that was not out.
 */
import { describe, expect, test } from 'vitest';
import { receiveFrames } from '../../src/index.ts';
import { atEnd, linkToPeer, linkToPort, until } from '../support/threads/linked.ts';
import type { HandshakeMessage } from '../support/threads/raw-peer.ts';
import { RawPeer } from '../support/threads/raw-peer.ts';

/** A receiving endpoint, and the other end of its channel, at which a hand-written pool records the replies. */
function receiver() {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const answers: string[] = [];
  port2.onmessage = ({ data }: MessageEvent<HandshakeMessage>) => answers.push(`${data.kind} ${data.link}`);
  atEnd(async () => {
    await iteration.return?.();
    port2.close();
  });
  return { iteration, port2, answers };
}

const returnMessage = (...entries: unknown[]): unknown[] => [0, false, ...entries];
const returnOf = (id: number, changes: object): unknown[] =>
  returnMessage({ id, how: 'released', holders: [], memory: null, ...changes });
const recovered = (id: number, holders: unknown[]): unknown[] => returnOf(id, { how: 'recovered', holders });

/** An array with a large length and no content. WebKit fails to send longer ones. */
function endless(): unknown[] {
  const list: unknown[] = [];
  list.length = 1e6;
  return list;
}

/** Each message, given the id of the frame that is out and the next number. */
const FORGERIES: Record<string, (id: number, next: number) => unknown> = {
  'is not an object': () => 'home',
  'is null': () => null,
  'has no number': (id) => returnMessage(id),
  'is not an array': (id, next) => ({ 0: next, 1: 0, 2: false, 3: id, length: 4 }),
  'has a number that was used before': (id, next) => [next - 1, ...returnMessage(id)],
  'has a number that is not next': (id, next) => [next + 1, ...returnMessage(id)],
  'has no body': (_, next) => [next],
  'returns a frame that was never sent': (id, next) => [next, ...returnMessage(id + 1)],
  'returns the handshake': (_, next) => [next, ...returnMessage(0)],
  'returns a frame twice at once': (id, next) => [next, ...returnMessage(id, id)],
  'returns one frame that is out, and one that is not': (id, next) => [next, ...returnMessage(id, id + 9)],
  'returns an id that is not a number': (_, next) => [next, ...returnMessage('1')],
  'returns NaN': (_, next) => [next, ...returnMessage(NaN)],
  'returns an array': (id, next) => [next, ...returnMessage([id])],
  'is an array in an array': (id, next) => [next, returnMessage(id)],
  'has an unknown outcome': (id, next) => [next, ...returnOf(id, { how: 'sold' })],
  'names holders that are not names': (id, next) => [next, ...recovered(id, [1])],
  'names too many holders': (id, next) => [next, ...recovered(id, endless())],
  'names a holder of endless length': (id, next) => [next, ...recovered(id, ['x'.repeat(10_000)])],
  'returns an endless array': (_, next) => Object.assign(endless(), [next, 0, false]),
  'carries extra fields': (id, next) => [next, ...returnOf(id, { more: 1 })],
  'returns memory that is not memory': (id, next) => [next, ...returnOf(id, { memory: new Uint8Array(4) })],
  'grants negative credit': (_, next) => [next, -1, false],
  'grants half a credit': (_, next) => [next, 0.5, false],
  'grants endless credit': (_, next) => [next, Infinity, false],
  'has an invalid end': (_, next) => [next, 0, 1],
};

describe('a message to a link that [C11]', () => {
  test.each(Object.entries(FORGERIES))(
    '%s is rejected and counted, and changes nothing',
    async (_, forge) => {
      const { pool, link, peer, id } = await linkToPeer();
      peer.postRaw(forge(id, peer.next));
      await until(() => link.refusedCount, 1);
      expect([link.state, link.lentCount, link.waitingCount, pool.lentCount]).toEqual(['open', 1, 1, 2]);
      // The correct message is accepted afterwards.
      peer.post(returnMessage(id));
      await until(() => pool.lentCount, 1);
      link.close();
      expect([pool.lentCount, link.refusedCount]).toEqual([0, 1]);
    },
  );
});

test('a frame returned twice beside another is rejected and counted; both stay lent [C11]', async () => {
  const { pool, link, peer, id } = await linkToPeer();
  peer.post([1, false]);
  await until(() => link.lentCount, 2);
  peer.postRaw([peer.next, ...returnMessage(id, id)]);
  await until(() => link.refusedCount, 1);
  expect([link.state, link.lentCount, pool.lentCount]).toEqual(['open', 2, 2]);
  peer.post(returnMessage(id));
  await until(() => pool.lentCount, 1);
  link.abort();
});

test('a repeated message counts once, and returns no later frame [C11]', async () => {
  const { pool, link, peer, id } = await linkToPeer();
  const message = [peer.next, 1, false, id];
  peer.postRaw(message);
  peer.postRaw(message);
  await until(() => link.refusedCount, 1);
  expect([link.lentCount, pool.lentCount]).toEqual([1, 1]);
  link.abort();
});

test('credit is not added up beyond its maximum [C11]', async () => {
  const { pool, link, peer } = await linkToPeer();
  // The frame that waits uses one credit.
  peer.post([2 ** 20, false]);
  await until(() => link.waitingCount, 0);
  peer.postRaw([peer.next, 2, false]);
  await until(() => link.refusedCount, 1);
  peer.post([1, true]);
  await until(() => link.state, 'closing');
  link.abort();
  expect([pool.lentCount, link.refusedCount]).toEqual([0, 1]);
});

const BYTES = 64 * 48 * 4;

test('memory that returns resizable is discarded, and the next waiter gets new memory [C11]', async () => {
  const { pool, link, peer, id } = await linkToPeer('memory');
  const memory = Reflect.construct(ArrayBuffer, [BYTES, { maxByteLength: 2 * BYTES }]) as ArrayBuffer;
  peer.post(returnOf(id, { memory }), [memory]);
  await until(() => link.lentCount, 0);
  expect(pool.stats()).toMatchObject({ lentCount: 1, discarded: 1, idleCount: 0 });
});

test.each([
  ['of another size', 3],
  ['of the right size, many times', BYTES],
])('memory %s returns once, and is kept if it fits [C11]', async (_, bytes) => {
  const { pool, link, peer, id } = await linkToPeer('memory');
  peer.post(returnOf(id, { memory: new ArrayBuffer(bytes) }));
  await until(() => link.lentCount, 0);
  const fits = bytes > 3;
  expect(pool.stats()).toMatchObject({ lentCount: 1, discarded: fits ? 0 : 1, idleCount: fits ? 1 : 0 });
});

test('a response with an invalid text is rejected, and the next one is accepted', async () => {
  const { link, port2 } = linkToPort();
  const noText = { toString: 1, valueOf: 1 };
  const peer = await RawPeer.respond(port2, 'frames', [
    { protocol: 1, undetectableBecause: noText },
    { protocol: 1, undetectableBecause: 'x'.repeat(10_000) },
  ]);
  atEnd(() => peer.close());
  expect((await link.opened).undetectableBecause).toBe('hand-written');
  expect(link.refusedCount).toBe(2);
});

test('a peer that announces itself again and again and never responds is refused', async () => {
  const { pool, fill, link, port2 } = linkToPort();
  link.send(await fill(1)).catch(() => {});
  let ports = 0;
  port2.onmessage = ({ data, ports: [port] }: MessageEvent<HandshakeMessage>) => {
    if (port !== undefined) ports++;
    RawPeer.sendHandshake(port2, 'ready', data.kind === 'hello' ? data.link : null);
  };
  await expect(link.opened).rejects.toMatchObject({ name: 'NotSupportedError' });
  expect([await link.closed, pool.lentCount]).toEqual(['refused', 0]);
  expect(ports).toBeLessThanOrEqual(256);
  port2.close();
});

test('a response of another version ends the link and its waits with NotSupportedError [C11]', async () => {
  const { pool, fill, link, port2 } = linkToPort('a decoded frame', 2);
  const sending = link.send(await fill(1));
  sending.catch(() => {});
  port2.onmessage = ({ data }: MessageEvent<HandshakeMessage>) =>
    RawPeer.sendHandshake(port2, 'ready', data.link, { version: 2 });
  await expect(link.opened).rejects.toMatchObject({ name: 'NotSupportedError' });
  await expect(sending).rejects.toMatchObject({ name: 'NotSupportedError' });
  await expect(link.send(await fill(2))).rejects.toMatchObject({ name: 'NotSupportedError' });
  expect([await link.closed, link.refusedCount, pool.lentCount]).toEqual(['refused', 1, 0]);
});

test('a thousand hellos without a port are forgotten, and the next is accepted', async () => {
  const { port2 } = receiver();
  for (let hello = 0; hello < 1100; hello++) RawPeer.sendHandshake(port2, 'hello', `link ${hello}`);
  RawPeer.sendHandshake(port2, 'hello', 'x'.repeat(10_000));
  const messages: string[] = [];
  for (const link of ['link 0', 'x'.repeat(10_000), 'link 1099']) {
    const port = RawPeer.connect(port2, link);
    port.onmessage = ({ data }) => messages.push(`${link}: ${(data as unknown[])[0]}`);
  }
  await until(() => messages, ['link 1099: 0', 'link 1099: 1']);
});

test('a hello opens one link, however often its port is handed over [C11]', async () => {
  const { port2, answers } = receiver();
  RawPeer.sendHandshake(port2, 'hello', 'once');
  const ports = ['first', 'second'].map((name) => {
    const port = RawPeer.connect(port2, 'once');
    port.onmessage = () => answers.push(name);
    return port;
  });
  await until(() => answers.includes('first'), true);
  // Later messages are handled later.
  for (const link of ['later', 'last']) {
    RawPeer.sendHandshake(port2, 'hello', link);
    await until(() => answers.includes(`ready ${link}`), true);
  }
  expect(answers).not.toContain('second');
  for (const port of ports) port.close();
});

test('a pool of another version is notified, and messages out of order open nothing', async () => {
  const { port2, answers } = receiver();
  RawPeer.sendHandshake(port2, 'hello', 'theirs', { version: 99 });
  RawPeer.sendHandshake(port2, 'connect', 'nobody', { hasLock: false }, [new MessageChannel().port1]);
  RawPeer.sendHandshake(port2, 'nonsense', 'x');
  RawPeer.sendHandshake(port2, 'hello', 'mine');
  await until(() => answers, ['ready null', 'refuse theirs', 'refuse x', 'ready mine']);
});

const LAYOUT = [{ offset: 0, stride: 8 }];

/** Memory as a pool sends it, except for the changes given here. */
const parcel = (changes: object, spec = {}, facts = {}) => ({
  spec: { format: 'RGBA', codedWidth: 2, codedHeight: 2, layout: LAYOUT, shared: false, ...spec },
  facts: { displayWidth: 2, displayHeight: 2, rotation: 0, flip: false, colorSpace: {}, ...facts },
  buffer: new ArrayBuffer(16),
  returns: true,
  ...changes,
});

/** Contents that are not a frame. */
const NO_FRAMES: Record<string, object> = {
  'of memory that only has a length': parcel({ buffer: { byteLength: 16 } }),
  'of bytes in place of memory': parcel({ buffer: new Uint8Array(16) }),
  'of memory that claims to be shared': parcel({}, { shared: true }),
  'of memory for too many pixels': parcel({}, { codedWidth: 2 ** 31 }),
  'of memory with a rotation of a few degrees': parcel({}, {}, { rotation: 1 }),
  'of memory whose colours are no names': parcel({}, {}, { colorSpace: { matrix: {} } }),
  'of memory that is not memory': {},
  'of memory without its buffer': parcel({ buffer: undefined }),
  'of memory that is too small': parcel({ buffer: new ArrayBuffer(3) }),
};

describe('a forged frame', () => {
  test.each(Object.entries(NO_FRAMES))(
    '%s is returned as unreadable, and never yielded',
    async (_, content) => {
      const { iteration, port2 } = receiver();
      const pending = iteration.next();
      const peer = await RawPeer.call(port2);
      await until(() => peer.received.length, 2);
      const message = [1, null, content, false, undefined, 0];
      // Neither in order, nor with a meaning.
      peer.postRaw([7, { kind: 'over' }]);
      peer.postRaw([0, { kind: 'gift' }]);
      peer.postRaw([0, 1, null, 7, false, undefined, 0]);
      peer.postRaw([0, message]);
      peer.postRaw([0, NaN, ...message.slice(1)]);
      peer.postRaw([0, 1, -1, ...message.slice(2)]);
      peer.postRaw([0, ...message, 'more']);
      // Before the pool has sent its name.
      peer.postRaw([0, ...message]);
      peer.postRaw([0, { kind: 'pool', name: 'by hand' }]);
      peer.postRaw([1, ...message]);
      const unreadable = { id: 1, how: 'unreadable', holders: [], memory: null };
      await until(() => peer.received[2], [2, 1, false, unreadable]);
      peer.postRaw([2, { kind: 'over' }]);
      expect(await pending).toEqual({ done: true, value: undefined });
      peer.close();
    },
  );
});
