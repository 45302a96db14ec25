import { readFileSync } from 'node:fs';
import { BufferSource, EncodedPacketSink, Input, MP4, WEBM } from 'mediabunny';
import type { EncodedPacket, InputVideoTrack } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import { guardSource } from '../../src/media/container/source-guard.ts';
import { validateSampleTables } from '../../src/media/container/sample-tables.ts';
import { CLIPS } from '../media/clips.ts';
import { rejectionOf, thrownBy } from '../support/fake-outcomes.ts';
import { partsOf, spliced, writeSize } from '../support/hostile/parts.ts';

const bytesOf = (file: string): Uint8Array =>
  Uint8Array.from(readFileSync(new URL(`../media/${file}`, import.meta.url)));

const MANY = 2 ** 31;

const number = (value: number): number[] => [24, 16, 8, 0].map((bits) => (value >>> bits) & 255);

/** A table: its name, version and flags, then 32-bit numbers. */
function box(name: string, ...numbers: number[]): number[] {
  const letters = [...name].map((letter) => letter.charCodeAt(0));
  return [...number(12 + 4 * numbers.length), ...letters, ...number(0), ...numbers.flatMap(number)];
}

/** The same with its size in 64 bits. */
function largeBox(name: string, ...numbers: number[]): number[] {
  const plain = box(name, ...numbers);
  return [...number(1), ...plain.slice(4, 8), ...number(0), ...number(plain.length + 8), ...plain.slice(8)];
}

const look = (...boxes: number[][]): void => validateSampleTables(Uint8Array.from(boxes.flat()));

const CHUNK = box('stsc', 1, 1, MANY, 1);
const ONE_SIZE = box('stsz', 4, 9);
const LONG = box('stts', 1, 1e9, 1);
const TRACK = box('trak', 0, 0);

const LISTS_TOO_MUCH = expect.objectContaining({
  name: 'EncodingError',
  message: expect.stringMatching(/^the file is damaged: its tables list \d+ frames, more than it can have$/),
});

describe('tables', () => {
  test.each<[string, number[][]]>([
    ['offsets', [box('ctts', 1, MANY, 0)]],
    ['offsets in a box whose size has 64 bits', [largeBox('ctts', 1, MANY, 0)]],
    ['offsets of many entries', [box('ctts', 3, 2 ** 19, 0, 2 ** 19, 0, 2 ** 19, 0)]],
    ['durations, with composition offsets', [box('stts', 1, MANY, 1), box('ctts', 1, 1, 0)]],
    ['durations, with composition offsets in an earlier table', [box('ctts', 0), box('stts', 1, MANY, 1)]],
    ['a chunk', [CHUNK]],
    ['a chunk of frames that have their own sizes', [box('stsz', 0, 0), CHUNK]],
    ['a chunk of frames with one size for two', [ONE_SIZE, ONE_SIZE, CHUNK]],
    ['sizes of zero bits', [box('stz2', 0, MANY)]],
    ['a run', [box('trun', MANY)]],
    ['runs together', [box('trun', 2 ** 20), box('trun', 2 ** 20)]],
    ['a track after another one', [TRACK, ONE_SIZE, TRACK, CHUNK]],
  ])('that list 2^31 frames are rejected: %s', (_, boxes) => {
    expect(thrownBy(() => look(...boxes))).toEqual(LISTS_TOO_MUCH);
  });

  test.each<[string, number[][]]>([
    [
      'an hour of sound, whose samples all have one size',
      [LONG, box('stsz', 4, 1e9), box('stsc', 1, 1, 1e9, 1)],
    ],
    ['such sound beside a video with wrong times', [TRACK, LONG, TRACK, box('ctts', 1, 9, 0)]],
    ['a count beyond the entries', [box('ctts', MANY, 9, 0)]],
    ['a truncated table', [box('stts', 1, 1).slice(0, 15), [0, 0]]],
    ['nothing', []],
  ])('are left to the reader otherwise: %s', (_, boxes) => {
    expect(() => look(...boxes)).not.toThrow();
  });

  test('that overlap are not visited repeatedly', () => {
    const one = box('stts', MANY);
    expect(thrownBy(() => look(...Array<number[]>(2000).fill(one)))).toEqual(LISTS_TOO_MUCH);
  });

  test.each(CLIPS.filter(({ container }) => container === 'mp4' || container === 'mov'))(
    'of $file are plausible',
    ({ file }) => {
      const bytes = bytesOf(file);
      const tables = partsOf(bytes).filter(({ name }) => name === 'moov' || name === 'moof');
      expect(tables.length).toBeGreaterThan(0);
      for (const { content, end } of tables) validateSampleTables(bytes.subarray(content, end));
    },
  );
});

describe('a guarded source', () => {
  const open = async (bytes: Uint8Array): Promise<InputVideoTrack> => {
    const source = new BufferSource(bytes);
    guardSource(source);
    const track = await new Input({ formats: [MP4, WEBM], source }).getPrimaryVideoTrack();
    if (track === null) throw new Error('no video');
    return track;
  };

  async function countOf(packets: AsyncIterable<EncodedPacket>): Promise<number> {
    let count = 0;
    for await (const _ of packets) count++;
    return count;
  }

  test('returns the same packets', async () => {
    const packets = new EncodedPacketSink(await open(bytesOf('h264_fragmented.mp4'))).packets();
    expect(await countOf(packets)).toBe(60);
  });

  test('rejects a fragment that lists 2^31 frames when it is reached', async () => {
    const bytes = bytesOf('h264_fragmented.mp4');
    const run = partsOf(bytes).findLast(({ name }) => name === 'trun');
    new DataView(bytes.buffer).setUint32((run?.content ?? 0) + 4, MANY);
    const packets = new EncodedPacketSink(await open(bytes)).packets();
    await expect(countOf(packets)).rejects.toEqual(LISTS_TOO_MUCH);
  });

  test('rejects tables after a header with a 64-bit size', async () => {
    const bytes = bytesOf('h264_baseline.mp4');
    const parts = partsOf(bytes);
    const movie = parts.find(({ name }) => name === 'moov');
    const table = parts.find(({ name }) => name === 'stsc');
    if (movie === undefined || table === undefined) throw new Error('no such box');
    new DataView(bytes.buffer).setUint32(table.content + 12, MANY);
    const header = largeBox('moov').slice(0, 16);
    header.splice(8, 8, ...number(0), ...number(movie.end - movie.start + 8));
    const place = { start: movie.start, end: movie.content, parent: null };
    const changed = spliced(bytes, place, Uint8Array.from(header));
    await expect(open(changed)).rejects.toEqual(LISTS_TOO_MUCH);
  });

  test('ends endless reads of the same bytes, when other data follows a video', async () => {
    const bytes = bytesOf('vp9.webm');
    const parts = partsOf(bytes);
    const tracks = parts.find(({ name }) => name === '1654ae6b');
    const segment = parts.find(({ name }) => name === '18538067');
    if (tracks === undefined || segment?.size == null) throw new Error('no such element');
    const cut = new Uint8Array(tracks.end + 100);
    cut.set(bytes.subarray(0, tracks.end));
    writeSize(cut, segment.size, BigInt(cut.length - segment.content));
    expect(String(await rejectionOf(open(cut)))).toMatch(/^EncodingError: .*does not advance/u);
  });
});
