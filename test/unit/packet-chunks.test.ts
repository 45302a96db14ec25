import type { EncodedPacket } from 'mediabunny';
import { describe, expect, test, vi } from 'vitest';
import { PacketChunks } from '../../src/media/packet-chunks.ts';
import { rejectionOf } from '../support/fake-outcomes.ts';

/** What is used of a packet. Its chunk is its time. */
const packetAt = (timestamp: number): EncodedPacket =>
  ({ timestamp, toEncodedVideoChunk: () => timestamp }) as unknown as EncodedPacket;

const END = { done: true, value: undefined };

/** A file of these packets, and the log of its calls. */
function chunksOf(packets: readonly EncodedPacket[], opening: Promise<void> = Promise.resolve()) {
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
    ended: async (last) => void log.push(['ended', last?.timestamp]),
  });
  return { chunks, log };
}

/** One chunk comes; then the file is found damaged after that many seconds, and the chunks end. */
async function endsAfterOne(chunks: PacketChunks, why: string): Promise<void> {
  await chunks.next();
  expect(String(await rejectionOf(chunks.next()))).toBe(`EncodingError: the file is damaged after ${why}`);
  expect(await chunks.next()).toEqual(END);
}

describe('the chunks of a file', () => {
  test('come in order, and its end is looked at once, with the last of them', async () => {
    const { chunks, log } = chunksOf([packetAt(1), packetAt(2)]);
    expect(log).toEqual([]);
    for (const value of [1, 2]) expect(await chunks.next()).toEqual({ done: false, value });
    expect([await chunks.next(), await chunks.next()]).toEqual([END, END]);
    expect(log).toEqual(['open', ['ended', 2]]);
  });

  test('are none where the file has no packet', async () => {
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

  test('end with return() also where it comes while a packet is read: that one is dropped', async () => {
    const { chunks, log } = chunksOf([packetAt(1), packetAt(2)]);
    await chunks.next();
    const pending = chunks.next();
    await chunks.return();
    expect(await pending).toEqual(END);
    expect(log).toEqual(['open', 'return']);
  });

  test('end with return() also where it comes while the place to begin is looked up', async () => {
    let open = (): void => {};
    const opening = new Promise<void>((resolve) => (open = resolve));
    const { chunks, log } = chunksOf([packetAt(1)], opening);
    const pending = chunks.next();
    expect(await chunks.return()).toEqual(END);
    expect(log).toEqual(['open']);
    open();
    expect(await pending).toEqual(END);
    expect(log).toEqual(['open', 'return']);
  });

  test('say where in the file a packet could not be made a chunk, and end', async () => {
    const toEncodedVideoChunk = (): never => {
      throw new TypeError('no data');
    };
    const damaged = { timestamp: 2, toEncodedVideoChunk } as unknown as EncodedPacket;
    await endsAfterOne(chunksOf([packetAt(1.5), damaged]).chunks, '2.000 s: no data');
  });

  test('say where in the file no packet could be read any more, and end', async () => {
    const next = vi.fn().mockResolvedValueOnce({ done: false, value: packetAt(1.5) });
    next.mockRejectedValueOnce(new Error('out of bounds'));
    const chunks = new PacketChunks({
      open: async () => ({ next }),
      ended: () => expect.unreachable('a file that is damaged'),
    });
    await endsAfterOne(chunks, '1.500 s: out of bounds');
  });
});
