/** An MP4 or MOV file with one video track as a list of samples: read from its tables, and written with new ones. */
import type { Box } from './boxes.ts';
import { boxesOf, boxOf, parseBoxes, removeBoxes, tableBox, writeBox } from './boxes.ts';

/** Times are in the track's ticks. */
export interface Sample {
  data: Buffer;
  duration: number;
  /** Presentation time minus decoding time. */
  offset: number;
  isKey: boolean;
  /** Place of its description in the table, from 1. */
  description: number;
}

export interface Movie {
  readonly ftyp: Buffer;
  moov: Box;
  samples: Sample[];
}

const TABLES = ['stts', 'ctts', 'stss', 'stsc', 'stsz', 'stco', 'co64'];

/** Runs of (count, value) pairs, spread into one value a sample. */
const spread = (table: Buffer, signed = false): number[] =>
  Array.from({ length: table.readUInt32BE(4) }, (_, run) => {
    const at = 8 + run * 8;
    const value = signed ? table.readInt32BE(at + 4) : table.readUInt32BE(at + 4);
    return Array.from({ length: table.readUInt32BE(at) }, () => value);
  }).flat();

const numbersOf = (table: Buffer, from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => table.readUInt32BE(from + index * 4));

/** Where each sample begins in the file, and its description. */
function placesOf(moov: Box, sizes: readonly number[]): [offset: number, description: number][] {
  const { prefix: stsc } = boxOf([moov], 'stsc');
  const { prefix: stco } = boxOf([moov], 'stco');
  const runs = Array.from({ length: stsc.readUInt32BE(4) }, (_, run) => numbersOf(stsc, 8 + run * 12, 3));
  const places: [number, number][] = [];
  numbersOf(stco, 8, stco.readUInt32BE(4)).forEach((chunk, index) => {
    const [, perChunk = 0, description = 1] = runs.findLast(([first = 0]) => first <= index + 1) ?? [];
    let at = chunk;
    for (let n = 0; n < perChunk; n++) {
      places.push([at, description]);
      at += sizes[places.length - 1] ?? 0;
    }
  });
  return places;
}

export function readMovie(bytes: Buffer): Movie {
  const boxes = parseBoxes(bytes);
  const moov = boxOf(boxes, 'moov');
  const { prefix: stsz } = boxOf([moov], 'stsz');
  const sizes = numbersOf(stsz, 12, stsz.readUInt32BE(8));
  const durations = spread(boxOf([moov], 'stts').prefix);
  const [ctts] = boxesOf([moov], 'ctts');
  const offsets = ctts === undefined ? [] : spread(ctts.prefix, true);
  const [stss] = boxesOf([moov], 'stss');
  const keys = stss && new Set(numbersOf(stss.prefix, 8, stss.prefix.readUInt32BE(4)));
  const samples = placesOf(moov, sizes).map(([at, description], index) => ({
    data: bytes.subarray(at, at + (sizes[index] ?? 0)),
    duration: durations[index] ?? 0,
    offset: offsets[index] ?? 0,
    isKey: keys?.has(index + 1) ?? true,
    description,
  }));
  const [ftyp] = boxesOf(boxes, 'ftyp');
  return { ftyp: ftyp === undefined ? Buffer.alloc(0) : writeBox(ftyp), moov, samples };
}

/** Tables with a chunk for each sample. The media begins at `start` in the file. */
function tablesOf(samples: readonly Sample[], start: number): Box[] {
  let at = start;
  const places = samples.map(({ data }) => {
    const place = at;
    at += data.length;
    return place;
  });
  const chunks = samples.flatMap(({ description }, index) =>
    index > 0 && samples[index - 1]?.description === description ? [] : [[index + 1, 1, description]],
  );
  const keys = samples.flatMap(({ isKey }, index) => (isKey ? [index + 1] : []));
  const count = samples.length;
  return [
    tableBox('stts', [count, ...samples.flatMap(({ duration }) => [1, duration])]),
    ...(samples.some(({ offset }) => offset !== 0)
      ? [tableBox('ctts', [count, ...samples.flatMap(({ offset }) => [1, offset])], 1)]
      : []),
    ...(keys.length < count ? [tableBox('stss', [keys.length, ...keys])] : []),
    tableBox('stsc', [chunks.length, ...chunks.flat()]),
    tableBox('stsz', [0, count, ...samples.map(({ data }) => data.length)]),
    tableBox('stco', [count, ...places]),
  ];
}

/** The file: its tables first, or behind the media. */
export function writeMovie({ ftyp, moov, samples }: Movie, tables: 'first' | 'last' = 'last'): Buffer {
  const kept = TABLES.reduce<Box>((box, type) => removeBoxes([box], type)[0] ?? box, moov);
  const withTables = (start: number): Buffer => {
    const copy = cloneBox(kept);
    boxOf([copy], 'stbl').children.push(...tablesOf(samples, start));
    return writeBox(copy);
  };
  const media = writeBox({
    type: 'mdat',
    prefix: Buffer.concat(samples.map(({ data }) => data)),
    children: [],
  });
  const size = withTables(0).length;
  return tables === 'first'
    ? Buffer.concat([ftyp, withTables(ftyp.length + size + 8), media])
    : Buffer.concat([ftyp, media, withTables(ftyp.length + 8)]);
}

const cloneBox = ({ type, prefix, children }: Box): Box => ({
  type,
  prefix,
  children: children.map(cloneBox),
});
