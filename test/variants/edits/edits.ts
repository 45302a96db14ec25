/** Table of edits by name: bytes of one file (or two) and arguments in, bytes out. */
import type { EditArgument } from '../clips/clip.ts';
import { withoutVui } from './bits.ts';
import type { Box } from './boxes.ts';
import { boxesOf, boxOf, parseBoxes, removeBoxes, tableBox, writeBox } from './boxes.ts';
import { withDamagedBlock, withEmptyBlock, withoutElements } from './matroska.ts';
import type { Movie, Sample } from './movie.ts';
import { readMovie, writeMovie } from './movie.ts';

const FIXED_POINT_ONE = 0x10000;

/** The movie box is rewritten in its place at the end of the file, so that no offset changes. */
function withMoov(bytes: Buffer, change: (moov: Box) => Box): Buffer {
  const boxes = parseBoxes(bytes);
  if (boxes.at(-1)?.type !== 'moov') throw new RangeError('the movie box is not the last one');
  return Buffer.concat(boxes.map((box) => writeBox(box.type === 'moov' ? change(box) : box)));
}

/** Changes the samples of a movie. */
const withSamples = (bytes: Buffer, change: (samples: Sample[]) => Sample[]): Buffer => {
  const movie = readMovie(bytes);
  return writeMovie({ ...movie, samples: change(movie.samples) });
};

const changed = (samples: Sample[], index: unknown, change: Partial<Sample>): Sample[] =>
  samples.map((sample, place) => (place === index ? { ...sample, ...change } : sample));

/** Values of the sequence header in the OBUs of an AV1 sample, whose sizes are all written. */
function withoutSequenceHeader(data: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < data.length;) {
    const header = data[at] ?? 0;
    let end = at + ((header & 4) === 0 ? 1 : 2);
    let size = 0;
    for (let n = 0, byte = 0x80; byte & 0x80; n++) {
      byte = data[end++] ?? 0;
      size |= (byte & 0x7f) << (7 * n);
    }
    end += size;
    if (((header >> 3) & 15) !== 1) kept.push(data.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

/** Replaces the payload of the first box of a type, or puts a new one into its parent. */
function withBox(bytes: Buffer, parent: string, box: Box): Buffer {
  return withMoov(bytes, (moov) => {
    const into = boxOf([moov], parent);
    into.children = [...into.children.filter(({ type }) => type !== box.type), box];
    return moov;
  });
}

/** Two movies in one track: the second one's samples refer to a second description. */
function withTwoDescriptions(first: Movie, second: Movie): Buffer {
  const table = boxOf([first.moov], 'stsd');
  const added = boxOf([second.moov], 'stsd').children;
  table.prefix = Buffer.from(table.prefix);
  table.prefix.writeUInt32BE(table.children.length + added.length, 4);
  table.children.push(...added);
  const later = second.samples.map((sample) => ({ ...sample, description: 2 }));
  const duration = first.samples.concat(later).reduce((sum, sample) => sum + sample.duration, 0);
  const { prefix } = boxOf([first.moov], 'mdhd');
  prefix.writeUInt32BE(duration, 16);
  // The edit list describes the first movie alone.
  const moov = removeBoxes([first.moov], 'edts')[0] ?? first.moov;
  const scale = boxOf([moov], 'mvhd').prefix.readUInt32BE(12);
  const inMovie = Math.round((duration * scale) / prefix.readUInt32BE(12));
  boxOf([moov], 'mvhd').prefix.writeUInt32BE(inMovie, 16);
  boxOf([moov], 'tkhd').prefix.writeUInt32BE(inMovie, 20);
  return writeMovie({ ...first, moov, samples: [...first.samples, ...later] });
}

type Edit = (files: readonly Buffer[], args: readonly EditArgument[]) => Buffer;

/** An edit of one file with one argument. */
const one =
  <T extends EditArgument>(edit: (bytes: Buffer, argument: T) => Buffer): Edit =>
  ([bytes = Buffer.alloc(0)], [argument]) =>
    edit(bytes, argument as T);

const EDITS = {
  /** Keeps a share of the bytes. */
  cut: one<number>((bytes, share) => bytes.subarray(0, Math.floor(bytes.length * share))),
  /** Drops a share of the bytes of an MPEG-TS file at its start, in whole packets; the first three (tables) stay. */
  'begin at': one<number>((bytes, share) => {
    const from = Math.floor((bytes.length * share) / 188) * 188;
    return Buffer.concat([bytes.subarray(0, 3 * 188), bytes.subarray(from)]);
  }),
  /** Puts bytes without a sync byte between two packets in the middle. */
  garbage: one<number>((bytes, length) => {
    const at = Math.floor(bytes.length / 2 / 188) * 188;
    return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(length, 0x55), bytes.subarray(at)]);
  }),
  /** Takes boxes out. */
  'remove boxes': one<string>((bytes, type) => {
    if (boxesOf(parseBoxes(bytes), type).length === 0) throw new RangeError(`the file has no box "${type}"`);
    return withMoov(bytes, (moov) => removeBoxes([moov], type)[0] ?? moov);
  }),
  /** Sets the edit list to [duration, media time, rate] lines: movie's ticks, media's ticks, 1 = normal. */
  'edit list': one<readonly (readonly number[])[]>((bytes, edits) => {
    const numbers = edits.flatMap(([duration = 0, time = 0, rate = 1]) => [
      duration,
      time,
      rate * FIXED_POINT_ONE,
    ]);
    const list = tableBox('elst', [edits.length, ...numbers]);
    return withMoov(bytes, (moov) => {
      const track = boxOf([moov], 'trak');
      const [header, ...rest] = track.children.filter(({ type }) => type !== 'edts');
      const edts = { type: 'edts', prefix: Buffer.alloc(0), children: [list] };
      track.children = header === undefined ? [edts] : [header, edts, ...rest];
      return moov;
    });
  }),
  /** Sets the matrix of the track header to a, b, c, d. */
  matrix: one<readonly (readonly number[])[]>((bytes, [matrix = []]) =>
    withMoov(bytes, (moov) => {
      const { prefix } = boxOf([moov], 'tkhd');
      [0, 4, 12, 16].forEach((at, index) =>
        prefix.writeInt32BE(Math.round((matrix[index] ?? 0) * FIXED_POINT_ONE), 40 + at),
      );
      return moov;
    }),
  ),
  /** Writes a 32-bit number into the contents of a box. */
  'set number': ([bytes = Buffer.alloc(0)], [type, at, value]) =>
    withMoov(bytes, (moov) => {
      boxOf([moov], String(type)).prefix.writeUInt32BE(Number(value), Number(at));
      return moov;
    }),
  /** Sets the duration of the last sample, in ticks. */
  'last duration': one<number>((bytes, duration) =>
    withSamples(bytes, (samples) => changed(samples, samples.length - 1, { duration })),
  ),
  /** Gives each second frame the time of the one before it. */
  twins: one((bytes) =>
    withSamples(bytes, (samples) =>
      samples.map((sample, index) => ({ ...sample, duration: index % 2 === 0 ? 0 : sample.duration * 2 })),
    ),
  ),
  'empty sample': one<number>((bytes, index) =>
    withSamples(bytes, (samples) => changed(samples, index, { data: Buffer.alloc(0) })),
  ),
  /** The sample before the missing one lasts longer, so that the times of the others stay. */
  'missing sample': one<number>((bytes, index) =>
    withSamples(bytes, (samples) => {
      const [before, missing] = [samples[index - 1]?.duration ?? 0, samples[index]?.duration ?? 0];
      return changed(samples, index - 1, { duration: before + missing }).toSpliced(index, 1);
    }),
  ),
  'first samples missing': one<number>((bytes, count) =>
    withSamples(bytes, (samples) => samples.slice(count)),
  ),
  'damaged sample': one<number>((bytes, index) =>
    withSamples(bytes, (samples) => {
      const data = Buffer.from(samples[index]?.data ?? []);
      for (let at = data.length >> 1; at < data.length; at++) data[at] = (at * 73 + 41) & 0xff;
      return changed(samples, index, { data });
    }),
  ),
  /** Puts the tables first, with a chunk for each sample. */
  'tables first': one((bytes) => writeMovie(readMovie(bytes), 'first')),
  'all keys': one((bytes) =>
    withSamples(bytes, (samples) => samples.map((each) => ({ ...each, isKey: true }))),
  ),
  'no keys': one((bytes) => {
    const movie = readMovie(bytes);
    return writeMovie({ ...movie, samples: movie.samples.map((each) => ({ ...each, isKey: false })) });
  }),
  'no sequence headers': one((bytes) =>
    withSamples(bytes, (samples) =>
      samples.map((sample, index) =>
        index > 0 && sample.isKey ? { ...sample, data: withoutSequenceHeader(sample.data) } : sample,
      ),
    ),
  ),
  /** Takes the VUI out of the parameter set in avcC. */
  'no VUI': one((bytes) =>
    withMoov(bytes, (moov) => {
      const box = boxOf([moov], 'avcC');
      const end = 8 + box.prefix.readUInt16BE(6);
      const sps = withoutVui(box.prefix.subarray(8, end));
      const length = Buffer.alloc(2);
      length.writeUInt16BE(sps.length);
      box.prefix = Buffer.concat([box.prefix.subarray(0, 6), length, sps, box.prefix.subarray(end)]);
      return moov;
    }),
  ),
  /** Moves the parameter sets from avcC in front of each key frame (avc3). */
  'in-band parameter sets': one((bytes) => {
    const movie = readMovie(bytes);
    const box = boxOf([movie.moov], 'avcC');
    const spsEnd = 8 + box.prefix.readUInt16BE(6);
    const ppsEnd = spsEnd + 3 + box.prefix.readUInt16BE(spsEnd + 1);
    const sets = [box.prefix.subarray(8, spsEnd), box.prefix.subarray(spsEnd + 3, ppsEnd)].map((set) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(set.length);
      return Buffer.concat([length, set]);
    });
    box.prefix = Buffer.concat([
      box.prefix.subarray(0, 5),
      Buffer.from([0xe0, 0]),
      box.prefix.subarray(ppsEnd),
    ]);
    boxOf([movie.moov], 'avc1').type = 'avc3';
    const samples = movie.samples.map((sample) =>
      sample.isKey ? { ...sample, data: Buffer.concat([...sets, sample.data]) } : sample,
    );
    return writeMovie({ ...movie, samples });
  }),
  /** Sets the level in vpcC to 0. */
  'level 0': one((bytes) =>
    withMoov(bytes, (moov) => {
      boxOf([moov], 'vpcC').prefix.writeUInt8(0, 5);
      return moov;
    }),
  ),
  /** Sets colr to primaries, transfer, matrix and the flag of the full range. */
  colr: one<readonly (readonly number[])[]>((bytes, [colours = []]) => {
    const [primaries = 2, transfer = 2, matrix = 2, full = 0] = colours;
    const prefix = Buffer.from([...Buffer.from('nclx'), 0, primaries, 0, transfer, 0, matrix, full * 128]);
    return withBox(bytes, 'avc1', { type: 'colr', prefix, children: [] });
  }),
  'two descriptions': ([first = Buffer.alloc(0), second = Buffer.alloc(0)]) =>
    withTwoDescriptions(readMovie(first), readMovie(second)),
  /** Takes the elements of an id out of WebM or MKV. */
  'remove elements': one<string>(withoutElements),
  'empty block': one<number>(withEmptyBlock),
  'damaged block': one<number>(withDamagedBlock),
} satisfies Record<string, Edit>;

export type EditName = keyof typeof EDITS;

/** Runs an edit. */
export const runEdit = (name: EditName, files: readonly Buffer[], args: readonly EditArgument[]): Buffer =>
  (EDITS[name] as Edit)(files, args);
