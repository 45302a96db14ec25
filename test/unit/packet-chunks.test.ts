import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { TrackPacket } from '../../src/media/container/track-packets.ts';
import { PacketChunks } from '../../src/media/packet-chunks.ts';
import type { TimedPacket } from '../../src/media/timed-packets.ts';
import { rejectionOf } from '../support/fake-outcomes.ts';

/** Replaces the browser's class, which Node lacks: a chunk is its constructor argument. */
class Chunk {
  constructor(init: EncodedVideoChunkInit) {
    if ((init.data as Uint8Array).length === 0) throw new TypeError('no data');
    Object.assign(this, { timestamp: init.timestamp, type: init.type, duration: init.duration });
  }
}

beforeEach(() => {
  vi.stubGlobal('EncodedVideoChunk', Chunk);
  return () => vi.unstubAllGlobals();
});

/** A packet at a time in seconds, marked by the container as a key frame or not. */
function packetAt(
  seconds: number,
  { isKey = false, isShown = true, data = Uint8Array.of(1) } = {},
): TimedPacket {
  const packet = { isKey, data, source: { timestamp: seconds } } as unknown as TrackPacket;
  return { packet, timestamp: seconds * 1e6, duration: 40_000, isShown };
}

const key = (seconds: number): object => ({ timestamp: seconds * 1e6, type: 'key', duration: 40_000 });
const delta = (seconds: number): object => ({ ...key(seconds), type: 'delta' });

const END = { done: true, value: undefined };

/** A file of these packets, and the log of its calls. */
function chunksOf(
  packets: readonly TimedPacket[],
  { opening = Promise.resolve(), lastAt = Infinity }: { opening?: Promise<void>; lastAt?: number } = {},
) {
  const log: unknown[] = [];
  const list = packets.values();
  const chunks = new PacketChunks({
    async open() {
      log.push('open');
      await opening;
      return {
        next: async () => list.next(),
        async return() {
          log.push('return');
          return { done: true, value: undefined };
        },
      };
    },
    made: (_, { timestamp }) => timestamp >= lastAt,
    ended: async (last) => void log.push(['ended', last?.source.timestamp]),
  });
  return { chunks, log };
}

/** Expects one chunk; then the file is found damaged after this many seconds, and the chunks end. */
async function endsAfterOne(chunks: PacketChunks, why: string): Promise<void> {
  await chunks.next();
  expect(String(await rejectionOf(chunks.next()))).toBe(`EncodingError: the file is damaged after ${why}`);
  expect(await chunks.next()).toEqual(END);
}

describe('the chunks of a file', () => {
  test('arrive in order, and the end is checked once, with the last of them', async () => {
    const { chunks, log } = chunksOf([packetAt(1), packetAt(2)]);
    expect(log).toEqual([]);
    for (const value of [key(1), delta(2)]) expect(await chunks.next()).toEqual({ done: false, value });
    expect([await chunks.next(), await chunks.next()]).toEqual([END, END]);
    expect(log).toEqual(['open', ['ended', 2]]);
  });

  test('are none if the file has no packet', async () => {
    const { chunks, log } = chunksOf([]);
    expect(await chunks.next()).toEqual(END);
    expect(log).toEqual(['open', ['ended', undefined]]);
  });

  test('end with return(), which ends the packets', async () => {
    const { chunks, log } = chunksOf([packetAt(1), packetAt(2)]);
    await chunks.next();
    expect([await chunks.return(), await chunks.next()]).toEqual([END, END]);
    expect(log).toEqual(['open', 'return']);
  });

  test('end with return() while a packet is read, which is dropped', async () => {
    const { chunks, log } = chunksOf([packetAt(1), packetAt(2)]);
    await chunks.next();
    const pending = chunks.next();
    await chunks.return();
    expect(await pending).toEqual(END);
    expect(log).toEqual(['open', 'return']);
  });

  test('end with return() while the first packet is looked up', async () => {
    let open = (): void => {};
    const opening = new Promise<void>((resolve) => (open = resolve));
    const { chunks, log } = chunksOf([packetAt(1)], { opening });
    const pending = chunks.next();
    expect(await chunks.return()).toEqual(END);
    expect(log).toEqual(['open']);
    open();
    expect(await pending).toEqual(END);
    expect(log).toEqual(['open', 'return']);
  });

  test('end with the last packet that is needed, without a check of the file’s end', async () => {
    const { chunks, log } = chunksOf([packetAt(1), packetAt(2), packetAt(3)], { lastAt: 2e6 });
    for (const value of [key(1), delta(2)]) expect(await chunks.next()).toEqual({ done: false, value });
    expect([await chunks.next(), await chunks.next()]).toEqual([END, END]);
    expect(log).toEqual(['open', 'return']);
  });

  test('begin with a key frame, and have no duration if they give no frame', async () => {
    const { chunks } = chunksOf([packetAt(1), packetAt(2, { isShown: false }), packetAt(3, { isKey: true })]);
    const values = [key(1), { ...delta(2), duration: undefined }, key(3)];
    for (const value of values) expect(await chunks.next()).toEqual({ done: false, value });
  });

  test('report the time at which a packet could not become a chunk, and end', async () => {
    const damaged = packetAt(2, { data: new Uint8Array() });
    await endsAfterOne(chunksOf([packetAt(1.5), damaged]).chunks, '2.000 s: no data');
  });

  test('report the time from which no packet could be read, and end', async () => {
    const next = vi.fn().mockResolvedValueOnce({ done: false, value: packetAt(1.5) });
    next.mockRejectedValueOnce(new Error('out of bounds'));
    const chunks = new PacketChunks({
      open: async () => ({ next }),
      made: () => false,
      ended: () => expect.unreachable('a file that is damaged'),
    });
    await endsAfterOne(chunks, '1.500 s: out of bounds');
  });
});
