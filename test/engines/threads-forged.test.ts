/** Messages that no honest holder sends are refused and counted, and bring no slot home that was not out. */
import { describe, expect, test } from 'vitest';
import type { PoolLink, Storage, VideoFramePool } from '../../src/index.ts';
import { connectPool, receiveFrames } from '../../src/index.ts';
import { until } from '../support/threads/holder.ts';
import { poolOfKind } from '../support/threads/pools.ts';
import { RawPeer } from '../support/threads/raw-peer.ts';

interface Stage {
  readonly pool: VideoFramePool<Storage>;
  readonly link: PoolLink;
  readonly peer: RawPeer;
  /** The number of the one frame that is out. */
  readonly id: number;
}

/** One frame is out at the peer, and one waits for room there. */
async function stage(kind = 'a decoded frame'): Promise<Stage> {
  const { pool, fill } = poolOfKind(kind, 3);
  const { port1, port2 } = new MessageChannel();
  const link = connectPool(pool, port1);
  const peer = await RawPeer.answer(port2);
  peer.say([1, false]);
  await link.send(await fill(1));
  link.send(await fill(2)).catch(() => {});
  const [first] = await peer.frames(1);
  return { pool, link, peer, id: first ?? -1 };
}

const home = (...entries: unknown[]): unknown[] => [0, false, ...entries];

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
  'says in no known way how': (id, next) => [next, ...home({ id, how: 'sold', holders: [], memory: null })],
  'names holders that are no names': (id, next) => [
    next,
    ...home({ id, how: 'recovered', holders: [1], memory: null }),
  ],
  'names more holders than anybody reads': (id, next) => [
    next,
    ...home({ id, how: 'recovered', holders: endless(), memory: null }),
  ],
  'names a holder at endless length': (id, next) => [
    next,
    ...home({ id, how: 'recovered', holders: ['x'.repeat(10_000)], memory: null }),
  ],
  'brings home an endless list': (_, next) => {
    const said = endless();
    said[0] = next;
    said[1] = 0;
    said[2] = false;
    return said;
  },
  'carries more than it says': (id, next) => [
    next,
    ...home({ id, how: 'released', holders: [], memory: null, more: 1 }),
  ],
  'gives memory back that is none': (id, next) => [
    next,
    ...home({ id, how: 'released', holders: [], memory: new Uint8Array(4) }),
  ],
  'gives less than no room': (_, next) => [next, -1, false],
  'gives half a room': (_, next) => [next, 0.5, false],
  'gives endless room': (_, next) => [next, Infinity, false],
  'ends in no known way': (_, next) => [next, 0, 1],
};

describe('a message to a link that [C11]', () => {
  test.each(Object.entries(FORGERIES))('%s is refused and counted, and changes nothing', async (_, forge) => {
    const { pool, link, peer, id } = await stage();
    peer.raw(forge(id, peer.next));
    await until(() => link.refusedCount, 1);
    expect([link.state, link.lentCount, link.waitingCount, pool.lentCount]).toEqual(['open', 1, 1, 2]);
    // The honest word comes through afterwards.
    peer.say(home(id));
    await until(() => pool.lentCount, 1);
    link.close();
    expect([pool.lentCount, link.refusedCount]).toEqual([0, 1]);
    peer.close();
    pool.close();
  });
});

test('a frame that comes home twice beside another that is out is refused and counted, and both stay out [C11]', async () => {
  const { pool, link, peer, id } = await stage();
  peer.say([1, false]);
  await until(() => link.lentCount, 2);
  peer.raw([peer.next, ...home(id, id)]);
  await until(() => link.refusedCount, 1);
  expect([link.state, link.lentCount, pool.lentCount]).toEqual(['open', 2, 2]);
  peer.say(home(id));
  await until(() => pool.lentCount, 1);
  link.abandon();
  peer.close();
  pool.close();
});

test('a word that is repeated counts once, and takes no later frame [C11]', async () => {
  const { pool, link, peer, id } = await stage();
  const said = [peer.next, 1, false, id];
  peer.raw(said);
  peer.raw(said);
  await until(() => link.refusedCount, 1);
  expect([link.lentCount, pool.lentCount]).toEqual([1, 1]);
  link.abandon();
  peer.close();
  pool.close();
});

test('room is not added up beyond what there can be [C11]', async () => {
  const { pool, link, peer } = await stage();
  // The frame that waits takes one of it.
  peer.say([2 ** 20, false]);
  await until(() => link.waitingCount, 0);
  peer.raw([peer.next, 2, false]);
  await until(() => link.refusedCount, 1);
  peer.say([1, true]);
  await until(() => link.state, 'closing');
  link.abandon();
  expect([pool.lentCount, link.refusedCount]).toEqual([0, 1]);
  peer.close();
  pool.close();
});

test('memory that comes home able to grow is thrown away, and who waits gets memory as it should be [C11]', async () => {
  const { pool, link, peer, id } = await stage('memory');
  const bytes = 64 * 48 * 4;
  // TypeScript's ES2022 does not know of it.
  const Growing = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer;
  const memory = new Growing(bytes, { maxByteLength: 2 * bytes });
  peer.say(home({ id, how: 'released', holders: [], memory }), [memory]);
  await until(() => link.lentCount, 0);
  expect(pool.stats()).toMatchObject({ lentCount: 1, discarded: 1, idleCount: 0 });
  link.close();
  peer.close();
  pool.close();
});

test('an answer in which a text cannot be read is refused, and the one after it is taken', async () => {
  const { pool } = poolOfKind('a decoded frame', 1);
  const { port1, port2 } = new MessageChannel();
  const link = connectPool(pool, port1);
  const noText = { toString: 1, valueOf: 1 };
  const peer = await RawPeer.answer(port2, 'frames', [
    { protocol: 1, unwatchedBecause: noText },
    { protocol: 1, unwatchedBecause: 'x'.repeat(10_000) },
  ]);
  expect((await link.opened).unwatchedBecause).toBe('spoken by hand');
  expect(link.refusedCount).toBe(2);
  link.close();
  peer.close();
  pool.close();
});

test('who begins anew again and again, and never answers, is given up', async () => {
  const { pool, fill } = poolOfKind('a decoded frame', 1);
  const { port1, port2 } = new MessageChannel();
  const link = connectPool(pool, port1);
  link.send(await fill(1)).catch(() => {});
  let ports = 0;
  port2.onmessage = ({ data, ports: [port] }: MessageEvent<{ kind: string; link: string }>) => {
    if (port !== undefined) ports++;
    const here = { kind: 'here', purpose: 'frames' };
    RawPeer.greet(port2, data.kind === 'knock' ? { ...here, link: data.link } : { ...here, link: null });
  };
  await expect(link.opened).rejects.toMatchObject({ name: 'NotSupportedError' });
  expect([await link.closed, pool.lentCount]).toEqual(['refused', 0]);
  expect(ports).toBeLessThanOrEqual(256);
  port2.close();
  pool.close();
});

test('a thousand knocks that nobody follows up are forgotten, the oldest first, and the next one is let in', async () => {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  for (let knock = 0; knock < 1100; knock++) {
    RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link: `link ${knock}` });
  }
  RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link: 'x'.repeat(10_000) });
  const said: unknown[] = [];
  const connect = (link: string): void => {
    const { port1: mine, port2: theirs } = new MessageChannel();
    mine.onmessage = ({ data }) => said.push([link, (data as unknown[])[0]]);
    const greeting = { 'video-frame-pool': 1, kind: 'connect', purpose: 'frames', link, locks: false };
    port2.postMessage(greeting, [theirs]);
  };
  connect('link 0');
  connect('x'.repeat(10_000));
  connect('link 1099');
  await until(
    () => said,
    [
      ['link 1099', 0],
      ['link 1099', 1],
    ],
  );
  await iteration.return?.();
  port2.close();
});

test.each([
  ['of another size', 3],
  ['of the right size, as often as it likes', 64 * 48 * 4],
])('memory %s comes home once, and is kept where it fits [C11]', async (_, bytes) => {
  const { pool, link, peer, id } = await stage('memory');
  peer.say(home({ id, how: 'released', holders: [], memory: new ArrayBuffer(bytes) }));
  await until(() => link.lentCount, 0);
  const fits = bytes > 3;
  expect(pool.stats()).toMatchObject({ lentCount: 1, discarded: fits ? 0 : 1, idleCount: fits ? 1 : 0 });
  link.close();
  peer.close();
  pool.close();
});

test('an answer of another version ends the link, and every wait, with NotSupportedError [C11]', async () => {
  const { pool, fill } = poolOfKind('a decoded frame', 2);
  const { port1, port2 } = new MessageChannel();
  const link = connectPool(pool, port1);
  const sending = link.send(await fill(1));
  sending.catch(() => {});
  port2.onmessage = ({ data }: MessageEvent<{ link: string }>) =>
    RawPeer.greet(port2, { kind: 'here', purpose: 'frames', link: data.link }, 2);
  await expect(link.opened).rejects.toMatchObject({ name: 'NotSupportedError' });
  await expect(sending).rejects.toMatchObject({ name: 'NotSupportedError' });
  await expect(link.send(await fill(2))).rejects.toMatchObject({ name: 'NotSupportedError' });
  expect([await link.closed, link.refusedCount, pool.lentCount]).toEqual(['refused', 1, 0]);
  pool.close();
});

test('a knock lets in one, however often its port is handed over [C11]', async () => {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const [first, second] = [new MessageChannel(), new MessageChannel()];
  const answers: string[] = [];
  port2.onmessage = ({ data }: MessageEvent<{ kind: string; link: string | null }>) =>
    answers.push(`${data.kind} ${data.link}`);
  first.port1.onmessage = () => answers.push('first');
  second.port1.onmessage = () => answers.push('second');
  RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link: 'once' });
  for (const { port2: handed } of [first, second]) {
    const greeting = { kind: 'connect', purpose: 'frames', link: 'once', locks: false };
    port2.postMessage({ 'video-frame-pool': 1, ...greeting }, [handed]);
  }
  await until(() => answers.includes('first'), true);
  // What is said later is answered later.
  for (const link of ['later', 'last']) {
    RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link });
    await until(() => answers.includes(`here ${link}`), true);
  }
  expect(answers).not.toContain('second');
  await iteration.return?.();
  for (const port of [port2, first.port1, second.port1]) port.close();
});

test('a pool that speaks another version is told so, and what comes at the end that is not in turn lets nobody in', async () => {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const answers: { kind: string; link: string | null }[] = [];
  port2.onmessage = ({ data }: MessageEvent<(typeof answers)[number]>) => answers.push(data);
  RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link: 'theirs' }, 99);
  const { port1: uninvited } = new MessageChannel();
  port2.postMessage(
    { 'video-frame-pool': 1, kind: 'connect', purpose: 'frames', link: 'nobody', locks: false },
    [uninvited],
  );
  RawPeer.greet(port2, { kind: 'nonsense', purpose: 'frames', link: 'x' });
  RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link: 'mine' });
  await until(
    () => answers.map(({ kind, link }) => [kind, link]),
    [
      ['here', null],
      ['refuse', 'theirs'],
      ['refuse', 'x'],
      ['here', 'mine'],
    ],
  );
  await iteration.return?.();
  port2.close();
});

/** Memory as a pool sends it, but for what is given here. */
const parcel = ({
  spec = {},
  facts = {},
  ...changes
}: {
  spec?: object;
  facts?: object;
  buffer?: unknown;
}): object => ({
  spec: {
    format: 'RGBA',
    codedWidth: 2,
    codedHeight: 2,
    layout: [{ offset: 0, stride: 8 }],
    shared: false,
    ...spec,
  },
  facts: { displayWidth: 2, displayHeight: 2, rotation: 0, flip: false, colorSpace: {}, ...facts },
  buffer: new ArrayBuffer(16),
  returns: true,
  ...changes,
});

const NO_FRAMES: Record<string, unknown[]> = {
  'of memory that only says how long it is': [
    1,
    null,
    parcel({ buffer: { byteLength: 16 } }),
    false,
    undefined,
    0,
  ],
  'of bytes in place of memory': [1, null, parcel({ buffer: new Uint8Array(16) }), false, undefined, 0],
  'of memory that says it is shared and is not': [
    1,
    null,
    parcel({ spec: { shared: true } }),
    false,
    undefined,
    0,
  ],
  'of memory for more pixels than there can be': [
    1,
    null,
    parcel({ spec: { codedWidth: 2 ** 31 } }),
    false,
    undefined,
    0,
  ],
  'of memory that is to be turned by a little': [
    1,
    null,
    parcel({ facts: { rotation: 1 } }),
    false,
    undefined,
    0,
  ],
  'of memory whose colours are no names': [
    1,
    null,
    parcel({ facts: { colorSpace: { matrix: {} } } }),
    false,
    undefined,
    0,
  ],
  'of memory that is none': [1, null, {}, false, undefined, 0],
  'of memory that did not come along': [1, null, parcel({ buffer: undefined }), false, undefined, 0],
  'of memory that is too small': [1, null, parcel({ buffer: new ArrayBuffer(3) }), false, undefined, 0],
};

describe('to who receives, a frame', () => {
  test.each(Object.entries(NO_FRAMES))(
    '%s goes back as unreadable, and is shown to nobody',
    async (_, message) => {
      const { port1, port2 } = new MessageChannel();
      const iteration = receiveFrames(port1);
      const pending = iteration.next();
      const { port1: near, port2: far } = new MessageChannel();
      const said: unknown[][] = [];
      near.onmessage = ({ data }: MessageEvent<(typeof said)[number]>) => said.push(data);
      const link = 'by-hand';
      port2.onmessage = ({ data }: MessageEvent<{ kind: string; link: string | null }>) => {
        if (data.link !== link || data.kind !== 'here') return;
        port2.postMessage({ 'video-frame-pool': 1, kind: 'connect', purpose: 'frames', link, locks: false }, [
          far,
        ]);
      };
      RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link });
      await until(() => said.length, 2);
      // Neither in turn, nor of any meaning.
      near.postMessage([7, { kind: 'over' }]);
      near.postMessage([0, { kind: 'gift' }]);
      near.postMessage([0, 1, null, 7, false, undefined, 0]);
      near.postMessage([0, message]);
      near.postMessage([0, NaN, ...message.slice(1)]);
      near.postMessage([0, 1, -1, ...message.slice(2)]);
      near.postMessage([0, ...message, 'more']);
      // Before the pool has said who it is.
      near.postMessage([0, ...message]);
      near.postMessage([0, { kind: 'pool', name: 'by hand' }]);
      near.postMessage([1, ...message]);
      await until(() => said[2], [2, 1, false, { id: 1, how: 'unreadable', holders: [], memory: null }]);
      near.postMessage([2, { kind: 'over' }]);
      expect(await pending).toEqual({ done: true, value: undefined });
      near.close();
      port2.close();
    },
  );
});
