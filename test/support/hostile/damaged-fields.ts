/** Damage to the fields that describe a file's contents: codecs, private data, picture sizes, times, tables. */
import type { Random } from '../../soak/random.ts';
import type { Damage, Damaged, Damages, Victim } from './mutate.ts';
import type { Part } from './parts.ts';
import { spliced } from './parts.ts';

/** Codec names: names that exist elsewhere, and invalid ones. */
const CODECS = 'avc1 avc3 hvc1 av01 vp08 vp09 encv mp4a V_VP8 V_VP9 V_AV1 V_MPEG4/ISO/AVC'.split(' ');

/** Parts that name the codec or kind of the video: sample entries, and CodecID. */
const KINDS = new Set(['avc1', 'av01', 'hdlr', '86']);

/** Parts that configure decoders. */
const PRIVATE = new Set(['avcC', 'av1C', 'colr', 'pasp', '63a2', '86']);

/** Parts with the picture size. The elements are PixelWidth, PixelHeight, DisplayWidth, DisplayHeight. */
const DIMENSIONS = new Set(['tkhd', 'avc1', 'av01', 'pasp', 'b0', 'ba', '54b0', '54ba']);

/**
 * Times and durations. The elements are TimestampScale, Duration, a cluster's and a cue's time, blocks, BlockDuration,
 * DefaultDuration.
 */
const TIMES = new Set(
  'mvhd mdhd elst stts ctts tfdt trun mehd sidx 2ad7b1 4489 e7 b3 a3 a1 9b 23e383'.split(' '),
);

/** Tables. The elements are CueClusterPosition, SeekPosition, TrackNumber, CueTrack, blocks. */
const TABLES = new Set(
  'stsd stsz stco co64 stsc stss stts ctts trun tfhd trex dref mfro tfra f1 53ac d7 f7 a3'.split(' '),
);

const NUMBERS = [
  0, 1, 2, 0x7f, 0xff, 0x7fff, 0xffff, 0x1_0000, 0x4000_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe,
  0xffff_ffff,
];

const SIDES = [0, 1, 16_385, 65_535, 65_536, 2 ** 30, 2 ** 31, 2 ** 32 - 1];

/** In the order of their seeds. */
export const FIELDS: Damages = {
  'wrong codec': inPart(KINDS, (part, { bytes, random }) => {
    const at = { 86: part.content, hdlr: part.content + 8 }[part.name] ?? part.start + 4;
    const room = part.name === '86' ? part.end - part.content : 4;
    const name = random.next() < 0.2 ? '\0\0\0\0' : random.of(CODECS);
    for (let n = 0; n < room; n++) bytes[at + n] = name.charCodeAt(n) || 0;
    return { bytes, offset: at, detail: `${part.name} is called ${JSON.stringify(name.slice(0, room))}` };
  }),

  'damaged private data': inPart(PRIVATE, (part, { bytes, random }) => {
    const length = part.end - part.content;
    if (random.next() < 0.3) {
      const rest = bytes.slice(part.content, part.content + random.below(length + 1));
      return refilled(bytes, part, rest, `${part.name} cut to ${rest.length} bytes`);
    }
    return withNoise(bytes, part, random);
  }),

  'absurd dimensions': inPart(DIMENSIONS, (part, { bytes, random }) => {
    const side = random.of(SIDES);
    if (part.size?.isEbml === true) {
      const field = new Uint8Array(4);
      new DataView(field.buffer).setUint32(0, side);
      return refilled(bytes, part, field, `${part.name} of ${side}`);
    }
    const view = new DataView(bytes.buffer);
    // A sample entry has two sides of 16 bits. A track's header has two of 32 bits at its end.
    const isEntry = part.name === 'avc1' || part.name === 'av01';
    const at = isEntry ? part.content + 24 : part.end - 8;
    for (const n of random.of([[0], [1], [0, 1]])) {
      if (isEntry) view.setUint16(at + 2 * n, side);
      else view.setUint32(at + 4 * n, side);
    }
    return { bytes, offset: at, detail: `${part.name} of ${side}` };
  }),

  'wrong times': fieldOf(TIMES),

  'wrong tables': fieldOf(TABLES),

  /** Overwrites the number of entries of a table, or the first number of any other part. */
  'wrong counts': inPart(TABLES, (part, { bytes, random }) => {
    const at = part.content + (part.size?.isEbml === true ? 0 : part.name === 'stsz' ? 8 : 4);
    const count = random.of(NUMBERS);
    writeNumber(bytes, at, Math.min(4, part.end - at), count);
    return { bytes, offset: at, detail: `${part.name} has ${count}` };
  }),
};

/** Makes damage to one of the parts with these names. */
function inPart(names: ReadonlySet<string>, apply: (part: Part, victim: Victim) => Damaged): Damage {
  return (victim) => {
    const found = victim.parts.filter(({ name, content, end }) => names.has(name) && end > content);
    return found.length === 0 ? noise(victim) : apply(victim.random.of(found), victim);
  };
}

function fieldOf(names: ReadonlySet<string>): Damage {
  return inPart(names, (part, { bytes, random }) => {
    const width = part.size?.isEbml === true ? part.end - part.content : 4;
    return overwritten(bytes, part, random, 1 + random.below(3), () => random.of(NUMBERS), width);
  });
}

/** Replaces the contents of a part. */
function refilled(bytes: Uint8Array, part: Part, contents: Uint8Array, detail: string): Damaged {
  const stretch = { start: part.content, end: part.end, parent: part };
  return { bytes: spliced(bytes, stretch, contents), offset: part.content, detail };
}

const withNoise = (bytes: Uint8Array, part: Part, random: Random): Damaged =>
  overwritten(bytes, part, random, 1 + random.below(4), () => random.of([0, 0xff, random.below(256)]), 1);

/**
 * Overwrites numbers of this many bytes, counted from the beginning of the contents. Only the first 64 places are used, because
 * they matter most.
 */
function overwritten(
  bytes: Uint8Array,
  part: Part,
  random: Random,
  count: number,
  number: () => number,
  width: number,
): Damaged {
  const step = Math.max(1, Math.min(width, 8));
  const places = Math.max(1, Math.min(64, Math.floor((part.end - part.content) / step)));
  const written: string[] = [];
  let offset = Infinity;
  for (let n = 0; n < count; n++) {
    const at = part.content + step * random.below(places);
    const value = number();
    writeNumber(bytes, at, Math.min(step, part.end - at), value);
    written.push(`${value} at ${at}`);
    offset = Math.min(offset, at);
  }
  return { bytes, offset, detail: `${part.name}: ${written.join(', ')}` };
}

function writeNumber(bytes: Uint8Array, at: number, width: number, value: number): void {
  for (let n = 0; n < width; n++) bytes[at + n] = Math.floor(value / 2 ** (8 * (width - 1 - n))) % 256;
}

/** For transport streams, which have no such named fields: the first bytes of their packets contain the tables and times. */
function noise({ bytes, parts, random }: Victim): Damaged {
  const part = random.next() < 0.5 ? random.of(parts.slice(0, 6)) : random.of(parts);
  return withNoise(bytes, { ...part, end: Math.min(part.end, part.content + 32) }, random);
}
