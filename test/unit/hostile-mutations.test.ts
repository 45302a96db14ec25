import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CLIPS } from '../media/clips.ts';
import { described, KIND_COUNT, mutate } from '../support/hostile/mutate.ts';
import { partsOf, spliced, writeSize } from '../support/hostile/parts.ts';

const bytesOf = (file: string): Uint8Array =>
  Uint8Array.from(readFileSync(new URL(`../media/${file}`, import.meta.url)));

const KINDS = [
  ['h264_baseline.mp4', ['ftyp', 'moov', 'mvhd', 'avcC', 'stts', 'stsz']],
  ['h264_fragmented.mp4', ['moof', 'tfdt', 'trun', 'mfra']],
  ['vp9.webm', ['1a45dfa3', '18538067', '1654ae6b', 'b0', '1f43b675', 'a3']],
  ['h264.m2t', ['packet']],
] as const;

describe('parts of a file', () => {
  test.each(KINDS)('%s: are found by name', (file, names) => {
    const found = new Set(partsOf(bytesOf(file)).map(({ name }) => name));
    for (const name of names) expect(found).toContain(name);
  });

  test.each(CLIPS)('$file: fill it from its beginning to its end', ({ file }) => {
    const bytes = bytesOf(file);
    const outer = partsOf(bytes).filter(({ parent }) => parent === null);
    let at = 0;
    for (const { start, content, end } of outer) {
      expect(start).toBe(at);
      expect(content).toBeGreaterThan(start);
      at = end;
    }
    expect(at).toBe(bytes.length);
  });

  test.each(['h264_baseline.mp4', 'vp9.webm'])(
    '%s: have the right size after one of them has grown',
    (file) => {
      const bytes = bytesOf(file);
      const before = partsOf(bytes);
      const leaf = before.find(({ name }) => name === 'avcC' || name === 'b0');
      if (leaf === undefined) throw new Error('no such part');
      const longer = spliced(bytes, { start: leaf.content, end: leaf.end, parent: leaf }, new Uint8Array(20));
      const after = partsOf(longer);
      expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
      expect(after.at(-1)?.end).toBe(longer.length);
    },
  );

  test.each([
    [4, false, 2n ** 31n, [0x80, 0, 0, 0]],
    [4, false, 2n ** 53n, [0, 0, 0, 0]],
    [1, true, 5n, [0x85]],
    [4, true, 2n ** 32n - 1n, [0x1f, 0xff, 0xff, 0xff]],
    [8, true, 2n ** 53n, [1, 0x20, 0, 0, 0, 0, 0, 0]],
  ])(
    'a size in %i bytes, by EBML: %s, is written in the form of real files',
    (bytes, isEbml, size, written) => {
      const file = new Uint8Array(bytes);
      if (isEbml) file[0] = 0x80 >> (bytes - 1);
      writeSize(file, { at: 0, bytes, isEbml }, size);
      expect([...file]).toEqual(written);
    },
  );
});

describe.each(['h264_fragmented.mp4', 'h264.m2t', 'av1.mkv'])('mutations of %s', (file) => {
  const bytes = bytesOf(file);
  const seeds = Array.from({ length: 6 * KIND_COUNT }, (_, seed) => seed);

  test('are the same for the same seed, and the file stays as it was', () => {
    for (const seed of seeds) {
      const [one, two] = [mutate(bytes, seed), mutate(bytes, seed)];
      expect(described(file, one)).toBe(described(file, two));
      expect(Buffer.from(one.bytes).equals(two.bytes)).toBe(true);
    }
    expect(Buffer.from(bytes).equals(bytesOf(file))).toBe(true);
  });

  test('are of every kind in as many seeds as there are kinds', () => {
    const kinds = seeds.slice(0, KIND_COUNT).map((seed) => mutate(bytes, seed).kind);
    expect(new Set(kinds).size).toBe(KIND_COUNT);
  });

  test('change the file, nearly all of them, and differ', () => {
    const made = seeds.map((seed) => Buffer.from(mutate(bytes, seed).bytes));
    expect(made.filter((each) => !each.equals(bytes)).length).toBeGreaterThan(0.9 * seeds.length);
    expect(new Set(made.map((each) => each.toString('latin1'))).size).toBeGreaterThan(0.85 * seeds.length);
  });

  test('are described by the data that repeats them', () => {
    const mutation = mutate(bytes, 7);
    const repeat = `HOSTILE_ONLY=${file}:7 (${mutation.kind} at ${mutation.offset}`;
    expect(described(file, mutation)).toContain(repeat);
  });
});
