import { describe, expect, test } from 'vitest';
import { editEndsOf } from '../../src/media/container/edit-list.ts';

const number = (value: number): number[] => [24, 16, 8, 0].map((bits) => (value >>> bits) & 255);

const box = (name: string, ...contents: number[][]): number[] => {
  const bytes = contents.flat();
  return [...number(8 + bytes.length), ...[...name].map((letter) => letter.charCodeAt(0)), ...bytes];
};

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

const NORMAL = 0x10000;
const MOVIE = box('mvhd', number(0), zeros(8), number(600), zeros(8));
const track = (id: number, ...edits: number[][]): number[] =>
  box('trak', box('tkhd', number(0), zeros(8), number(id), zeros(8)), ...edits);
const edits = (...lines: number[][]): number[] =>
  box('edts', box('elst', number(0), number(lines.length), ...lines.map((line) => line.flatMap(number))));

const endsOf = (...boxes: number[][]): unknown => [...editEndsOf(Uint8Array.from(boxes.flat()))];

describe('the end of a track by its edit list', () => {
  test('one edit ends after its length, in ticks of the movie', () => {
    expect(endsOf(MOVIE, track(7, edits([900, 1024, NORMAL])))).toEqual([
      [7, { ticks: 900, ticksPerSecond: 600 }],
    ]);
  });

  test('an empty edit before it counts', () => {
    expect(endsOf(MOVIE, track(7, edits([300, -1, NORMAL], [900, 0, NORMAL])))).toEqual([
      [7, { ticks: 1200, ticksPerSecond: 600 }],
    ]);
  });

  test('version 1 has 64-bit lengths and times', () => {
    const list = [
      number(0x01000000),
      number(1),
      number(0),
      number(900),
      number(1),
      number(0),
      number(NORMAL),
    ];
    const movie = box('mvhd', number(0x01000000), zeros(16), number(600), zeros(8));
    expect(endsOf(movie, track(7, box('edts', box('elst', ...list))))).toEqual([
      [7, { ticks: 900, ticksPerSecond: 600 }],
    ]);
  });

  test('each track has its own', () => {
    const tracks = [track(1, edits([600, 0, NORMAL])), track(2), track(3, edits([300, 0, NORMAL]))];
    expect(endsOf(MOVIE, ...tracks)).toEqual([
      [1, { ticks: 600, ticksPerSecond: 600 }],
      [3, { ticks: 300, ticksPerSecond: 600 }],
    ]);
  });

  test.each<[string, number[][]]>([
    ['two edits', [MOVIE, track(7, edits([300, 0, NORMAL], [300, 600, NORMAL]))]],
    ['an empty edit at the end', [MOVIE, track(7, edits([300, 0, NORMAL], [300, -1, NORMAL]))]],
    ['empty edits only', [MOVIE, track(7, edits([300, -1, NORMAL]))]],
    ['another speed', [MOVIE, track(7, edits([300, 0, NORMAL / 2]))]],
    ['a length of 0', [MOVIE, track(7, edits([0, 0, NORMAL]))]],
    ['no edit', [MOVIE, track(7, edits())]],
    ['no list', [MOVIE, track(7, box('edts'))]],
    ['a truncated list', [MOVIE, track(7, box('edts', box('elst', number(0), number(2), zeros(12))))]],
    ['more entries than fit', [MOVIE, track(7, box('edts', box('elst', number(0), number(-1))))]],
    ['a movie without a time scale', [track(7, edits([900, 0, NORMAL]))]],
    ['fragments', [MOVIE, box('mvex'), track(7, edits([900, 0, NORMAL]))]],
  ])('%s: none is known', (_, boxes) => {
    expect(endsOf(...boxes)).toEqual([]);
  });
});
