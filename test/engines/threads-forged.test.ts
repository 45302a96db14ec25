/** Tests of messages that no honest holder sends: they are refused and counted, and return no slot that was not out. */
import { describe, expect, test } from 'vitest';
import { receiveFrames } from '../../src/index.ts';
import { atEnd, linkToPeer, linkToPort, until } from '../support/threads/linked.ts';
import type { Greeting } from '../support/threads/raw-peer.ts';
import { RawPeer } from '../support/threads/raw-peer.ts';

/** An end that receives, and the other end of its channel, where a pool is spoken by hand and answers are noted. */
function receiver() {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const answers: string[] = [];
  port2.onmessage = ({ data }: MessageEvent<Greeting>) => answers.push(`${data.kind} ${data.link}`);
  atEnd(async () => {
    await iteration.return?.();
    port2.close();
  });
  return { iteration, port2, answers };
}

const home = (...entries: unknown[]): unknown[] => [0, false, ...entries];
const homeWith = (id: number, changes: object): unknown[] =>
  home({ id, how: 'released', holders: [], memory: null, ...changes });
const recovered = (id: number, holders: unknown[]): unknown[] => homeWith(id, { how: 'recovered', holders });

/** A list that says it is long, and has nothing in it. Longer ones keep WebKit from sending them. */
function endless(): unknown[] {
  const list: unknown[] = [];
  list.length = 1e6;
  return list;
}

/** What is said, given the frame that is out and the number that is due. */
const FORGERIES: Record<string, (id: number, next: number) => unknown> = {
  'is no object': () => 'home',
  'is null': () => null,
  'has no number': (id) => home(id),
  'is no list': (id, next) => ({ 0: next, 1: 0, 2: false, 3: id, length: 4 }),
  'has a number that was used already': (id, next) => [next - 1, ...home(id)],
  'has a number that is not due yet': (id, next) => [next + 1, ...home(id)],
  'has no body': (_, next) => [next],
  'brings home a frame that was never sent': (id, next) => [next, ...home(id + 1)],
  'brings home the greeting': (_, next) => [next, ...home(0)],
  'brings home a frame twice at once': (id, next) => [next, ...home(id, id)],
  'brings home one that is out, and one that is not': (id, next) => [next, ...home(id, id + 9)],
  'brings home a number that is none': (_, next) => [next, ...home('1')],
  'brings home NaN': (_, next) => [next, ...home(NaN)],
  'brings home a list': (id, next) => [next, ...home([id])],
  'is a list in a list': (id, next) => [next, home(id)],
  'says in no known way how': (id, next) => [next, ...homeWith(id, { how: 'sold' })],
  'names holders that are no names': (id, next) => [next, ...recovered(id, [1])],
  'names more holders than anybody reads': (id, next) => [next, ...recovered(id, endless())],
  'names a holder at endless length': (id, next) => [next, ...recovered(id, ['x'.repeat(10_000)])],
  'brings home an endless list': (_, next) => Object.assign(endless(), [next, 0, false]),
  'carries more than it says': (id, next) => [next, ...homeWith(id, { more: 1 })],
  'gives memory back that is none': (id, next) => [next, ...homeWith(id, { memory: new Uint8Array(4) })],
  'gives less than no room': (_, next) => [next, -1, false],
  'gives half a room': (_, next) => [next, 0.5, false],
  'gives endless room': (_, next) => [next, Infinity, false],
  'ends in no known way': (_, next) => [next, 0, 1],
};

describe('a message to a link that [C11]', () => {
  test.each(Object.entries(FORGERIES))('%s is refused and counted, and changes nothing', async (_, forge) => {
    const { pool, link, peer, id } = await linkToPeer();
    peer.raw(forge(id, peer.next));
    await until(() => link.refusedCount, 1);
    expect([link.state, link.lentCount, link.waitingCount, pool.lentCount]).toEqual(['open', 1, 1, 2]);
    // The honest message comes through afterwards.
    peer.say(home(id));
    await until(() => pool.lentCount, 1);
    link.close();
    expect([pool.lentCount, link.refusedCount]).toEqual([0, 1]);
  });
});

test('a frame that comes home twice beside another that is out is refused and counted, and both stay out [C11]', async () => {
  const { pool, link, peer, id } = await linkToPeer();
  peer.say([1, false]);
  await until(() => link.lentCount, 2);
  peer.raw([peer.next, ...home(id, id)]);
  await until(() => link.refusedCount, 1);
  expect([link.state, link.lentCount, pool.lentCount]).toEqual(['open', 2, 2]);
  peer.say(home(id));
  await until(() => pool.lentCount, 1);
  link.abandon();
});

test('a word that is repeated counts once, and takes no later frame [C11]', async () => {
  const { pool, link, peer, id } = await linkToPeer();
  const said = [peer.next, 1, false, id];
  peer.raw(said);
  peer.raw(said);
  await until(() => link.refusedCount, 1);
  expect([link.lentCount, pool.lentCount]).toEqual([1, 1]);
  link.abandon();
});

test('room is not added up beyond what there can be [C11]', async () => {
  const { pool, link, peer } = await linkToPeer();
  // The frame that waits takes one of it.
  peer.say([2 ** 20, false]);
  await until(() => link.waitingCount, 0);
  peer.raw([peer.next, 2, false]);
  await until(() => link.refusedCount, 1);
  peer.say([1, true]);
  await until(() => link.state, 'closing');
  link.abandon();
  expect([pool.lentCount, link.refusedCount]).toEqual([0, 1]);
});

const BYTES = 64 * 48 * 4;

test('memory that comes home able to grow is thrown away, and who waits gets memory as it should be [C11]', async () => {
  const { pool, link, peer, id } = await linkToPeer('memory');
  const memory = Reflect.construct(ArrayBuffer, [BYTES, { maxByteLength: 2 * BYTES }]) as ArrayBuffer;
  peer.say(homeWith(id, { memory }), [memory]);
  await until(() => link.lentCount, 0);
  expect(pool.stats()).toMatchObject({ lentCount: 1, discarded: 1, idleCount: 0 });
});

test.each([
  ['of another size', 3],
  ['of the right size, as often as it likes', BYTES],
])('memory %s comes home once, and is kept where it fits [C11]', async (_, bytes) => {
  const { pool, link, peer, id } = await linkToPeer('memory');
  peer.say(homeWith(id, { memory: new ArrayBuffer(bytes) }));
  await until(() => link.lentCount, 0);
  const fits = bytes > 3;
  expect(pool.stats()).toMatchObject({ lentCount: 1, discarded: fits ? 0 : 1, idleCount: fits ? 1 : 0 });
});

test('an answer in which a text cannot be read is refused, and the one after it is taken', async () => {
  const { link, port2 } = linkToPort();
  const noText = { toString: 1, valueOf: 1 };
  const peer = await RawPeer.answer(port2, 'frames', [
    { protocol: 1, unwatchedBecause: noText },
    { protocol: 1, unwatchedBecause: 'x'.repeat(10_000) },
  ]);
  atEnd(() => peer.close());
  expect((await link.opened).unwatchedBecause).toBe('spoken by hand');
  expect(link.refusedCount).toBe(2);
});

test('who begins anew again and again, and never answers, is given up', async () => {
  const { pool, fill, link, port2 } = linkToPort();
  link.send(await fill(1)).catch(() => {});
  let ports = 0;
  port2.onmessage = ({ data, ports: [port] }: MessageEvent<Greeting>) => {
    if (port !== undefined) ports++;
    RawPeer.greet(port2, 'ready', data.kind === 'hello' ? data.link : null);
  };
  await expect(link.opened).rejects.toMatchObject({ name: 'NotSupportedError' });
  expect([await link.closed, pool.lentCount]).toEqual(['refused', 0]);
  expect(ports).toBeLessThanOrEqual(256);
  port2.close();
});

test('an answer of another version ends the link, and every wait, with NotSupportedError [C11]', async () => {
  const { pool, fill, link, port2 } = linkToPort('a decoded frame', 2);
  const sending = link.send(await fill(1));
  sending.catch(() => {});
  port2.onmessage = ({ data }: MessageEvent<Greeting>) =>
    RawPeer.greet(port2, 'ready', data.link, { version: 2 });
  await expect(link.opened).rejects.toMatchObject({ name: 'NotSupportedError' });
  await expect(sending).rejects.toMatchObject({ name: 'NotSupportedError' });
  await expect(link.send(await fill(2))).rejects.toMatchObject({ name: 'NotSupportedError' });
  expect([await link.closed, link.refusedCount, pool.lentCount]).toEqual(['refused', 1, 0]);
});

test('a thousand knocks that nobody follows up are forgotten, the oldest first, and the next one is let in', async () => {
  const { port2 } = receiver();
  for (let knock = 0; knock < 1100; knock++) RawPeer.greet(port2, 'hello', `link ${knock}`);
  RawPeer.greet(port2, 'hello', 'x'.repeat(10_000));
  const said: string[] = [];
  for (const link of ['link 0', 'x'.repeat(10_000), 'link 1099']) {
    const port = RawPeer.connect(port2, link);
    port.onmessage = ({ data }) => said.push(`${link}: ${(data as unknown[])[0]}`);
  }
  await until(() => said, ['link 1099: 0', 'link 1099: 1']);
});

test('a knock lets in one, however often its port is handed over [C11]', async () => {
  const { port2, answers } = receiver();
  RawPeer.greet(port2, 'hello', 'once');
  const ports = ['first', 'second'].map((name) => {
    const port = RawPeer.connect(port2, 'once');
    port.onmessage = () => answers.push(name);
    return port;
  });
  await until(() => answers.includes('first'), true);
  // What is said later is answered later.
  for (const link of ['later', 'last']) {
    RawPeer.greet(port2, 'hello', link);
    await until(() => answers.includes(`here ${link}`), true);
  }
  expect(answers).not.toContain('second');
  for (const port of ports) port.close();
});

test('a pool that speaks another version is told so, and what comes at the end that is not in turn lets nobody in', async () => {
  const { port2, answers } = receiver();
  RawPeer.greet(port2, 'hello', 'theirs', { version: 99 });
  RawPeer.greet(port2, 'connect', 'nobody', { locks: false }, [new MessageChannel().port1]);
  RawPeer.greet(port2, 'nonsense', 'x');
  RawPeer.greet(port2, 'hello', 'mine');
  await until(() => answers, ['here null', 'refuse theirs', 'refuse x', 'here mine']);
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

/** Contents that are no frame. */
const NO_FRAMES: Record<string, object> = {
  'of memory that only says how long it is': parcel({ buffer: { byteLength: 16 } }),
  'of bytes in place of memory': parcel({ buffer: new Uint8Array(16) }),
  'of memory that says it is shared and is not': parcel({}, { shared: true }),
  'of memory for more pixels than there can be': parcel({}, { codedWidth: 2 ** 31 }),
  'of memory that is to be turned by a little': parcel({}, {}, { rotation: 1 }),
  'of memory whose colours are no names': parcel({}, {}, { colorSpace: { matrix: {} } }),
  'of memory that is none': {},
  'of memory that did not come along': parcel({ buffer: undefined }),
  'of memory that is too small': parcel({ buffer: new ArrayBuffer(3) }),
};

describe('to who receives, a frame', () => {
  test.each(Object.entries(NO_FRAMES))(
    '%s goes back as unreadable, and is shown to nobody',
    async (_, content) => {
      const { iteration, port2 } = receiver();
      const pending = iteration.next();
      const peer = await RawPeer.call(port2);
      await until(() => peer.heard.length, 2);
      const message = [1, null, content, false, undefined, 0];
      // Neither in turn, nor of any meaning.
      peer.raw([7, { kind: 'over' }]);
      peer.raw([0, { kind: 'gift' }]);
      peer.raw([0, 1, null, 7, false, undefined, 0]);
      peer.raw([0, message]);
      peer.raw([0, NaN, ...message.slice(1)]);
      peer.raw([0, 1, -1, ...message.slice(2)]);
      peer.raw([0, ...message, 'more']);
      // Before the pool has said which it is.
      peer.raw([0, ...message]);
      peer.raw([0, { kind: 'pool', name: 'by hand' }]);
      peer.raw([1, ...message]);
      const unreadable = { id: 1, how: 'unreadable', holders: [], memory: null };
      await until(() => peer.heard[2], [2, 1, false, unreadable]);
      peer.raw([2, { kind: 'over' }]);
      expect(await pending).toEqual({ done: true, value: undefined });
      peer.close();
    },
  );
});
