import { describe, expect, test } from 'vitest';
import { isInvisible } from '../../src/bitstream/vpx.ts';
import { canStartAt } from '../../src/bitstream/random-access.ts';
import { clip, CLIPS } from '../media/clips.ts';
import type { Stream } from '../support/stream-vectors.ts';
import { shortStream, streamOfClip } from '../support/stream-vectors.ts';

const VIDEOS = CLIPS.filter(({ codec }) => codec !== null).map(({ file }) => file);

const IDR_ONLY = { allowsRecoveryPoints: false };
const WITH_RECOVERY = { allowsRecoveryPoints: true };

const startsOf = ({ config, packets }: Stream, options = IDR_ONLY): boolean[] =>
  packets.map(({ data }) => canStartAt(config, data, options));

const keysOf = ({ packets }: Stream): boolean[] => packets.map(({ isKey }) => isKey);

/** The packets without NAL units of these H.264 types; units have lengths of four bytes. */
function withoutUnits(data: Uint8Array, types: readonly number[]): Uint8Array {
  const kept: number[] = [];
  for (let at = 0; at + 4 < data.length;) {
    const length = new DataView(data.buffer, data.byteOffset).getUint32(at);
    const unit = data.subarray(at, at + 4 + length);
    if (!types.includes((unit[4] ?? 0) & 31)) kept.push(...unit);
    at += 4 + length;
  }
  return Uint8Array.from(kept);
}

/** Replaces four-byte lengths with start codes, and puts these units first. */
function asAnnexB(data: Uint8Array, before: readonly Uint8Array[]): Uint8Array {
  const bytes = before.flatMap((unit) => [0, 0, 1, ...unit]);
  for (let at = 0; at + 4 < data.length;) {
    const length = new DataView(data.buffer, data.byteOffset).getUint32(at);
    bytes.push(0, 0, 1, ...data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return Uint8Array.from(bytes);
}

/** The two parameter sets of an `avcC` with one of each. */
function setsOf(description: Uint8Array): [Uint8Array, Uint8Array] {
  const view = new DataView(description.buffer, description.byteOffset);
  const first = view.getUint16(6);
  const second = view.getUint16(8 + first + 1);
  return [description.slice(8, 8 + first), description.slice(11 + first, 11 + first + second)];
}

describe('a decoder can start', () => {
  test.each(VIDEOS.filter((file) => file !== 'h264_opengop.mp4'))(
    'at the key packets of %s alone',
    async (file) => {
      const stream = await streamOfClip(file);
      expect(startsOf(stream)).toEqual(keysOf(stream));
    },
  );

  test('in open groups of H.264 at the IDR picture, and at recovery points if they count', async () => {
    const stream = await streamOfClip('h264_opengop.mp4');
    expect(startsOf(stream).filter(Boolean)).toHaveLength(1);
    expect(startsOf(stream)[0]).toBe(true);
    expect(startsOf(stream, WITH_RECOVERY)).toEqual(keysOf(stream));
  });

  test('at no recovery point whose packet has lost its message', async () => {
    const { config, packets } = await streamOfClip('h264_opengop.mp4');
    const later = packets.filter(({ isKey }) => isKey)[1];
    const data = withoutUnits(later?.data ?? new Uint8Array(), [6]);
    expect(data.length).toBeGreaterThan(0);
    expect(canStartAt(config, data, WITH_RECOVERY)).toBe(false);
  });

  test('at random access points of HEVC with their parameter sets', () => {
    const stream = shortStream('hevc');
    expect(startsOf(stream)).toEqual(keysOf(stream));
  });

  test('at an IDR picture in Annex B only if both parameter sets come with it', async () => {
    const { config, packets } = await streamOfClip('h264_bframes.mp4');
    const [sequence, picture] = setsOf(new Uint8Array(config.description as Uint8Array<ArrayBuffer>));
    const data = packets[0]?.data ?? new Uint8Array();
    const starts = (...sets: Uint8Array[]): boolean =>
      canStartAt({ codec: config.codec }, asAnnexB(withoutUnits(data, [7, 8]), sets), IDR_ONLY);
    expect([starts(sequence, picture), starts(sequence), starts(picture), starts()]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('at a key frame of AV1 only if the sequence header comes with it', async () => {
    const { config, packets } = await streamOfClip('av1.mp4');
    const data = packets[0]?.data ?? new Uint8Array();
    expect(canStartAt(config, data, IDR_ONLY)).toBe(true);
    expect(canStartAt(config, withoutSequence(data), IDR_ONLY)).toBe(false);
  });

  test('nowhere in a codec that is not parsed', () => {
    expect(canStartAt({ codec: 'theora' }, new Uint8Array(64), WITH_RECOVERY)).toBe(false);
  });
});

/** An AV1 packet without its sequence header. Units here are short: their sizes take one or two bytes. */
function withoutSequence(data: Uint8Array): Uint8Array {
  const kept: number[] = [];
  for (let at = 0; at < data.length;) {
    const size = data[at + 1] ?? 0;
    const isLong = size >= 128;
    const length = isLong ? (size & 127) + 128 * (data[at + 2] ?? 0) : size;
    const end = at + (isLong ? 3 : 2) + length;
    if ((data[at] ?? 0) >> 3 !== 1) kept.push(...data.subarray(at, end));
    at = end;
  }
  return Uint8Array.from(kept);
}

describe('packets without a frame', () => {
  test.each(VIDEOS)('%s: are those after its frames', async (file) => {
    const { config, packets } = await streamOfClip(file);
    const { frames } = clip(file);
    const invisible = packets.filter(({ data }) => isInvisible(config.codec, data));
    expect(packets.length - invisible.length).toBe(frames);
  });

  test('of VP9 can end like a superframe by chance', async () => {
    const { config, packets } = await streamOfClip('vp9_hidden_split.webm');
    const hidden = packets.find(({ data }) => isInvisible(config.codec, data));
    const data = Uint8Array.from([...(hidden?.data ?? []), 0b1100_0001]);
    expect(isInvisible(config.codec, data)).toBe(true);
  });

  test('of VP9 are superframes of invisible frames alone', async () => {
    const { config, packets } = await streamOfClip('vp9_hidden_split.webm');
    const hidden = packets.find(({ data }) => isInvisible(config.codec, data))?.data ?? new Uint8Array();
    const shown = packets[0]?.data ?? new Uint8Array();
    const both = (a: Uint8Array, b: Uint8Array): boolean => isInvisible(config.codec, superframe([a, b]));
    expect([both(hidden, hidden), both(hidden, shown)]).toEqual([true, false]);
  });

  test('do not include an empty packet', () => {
    for (const codec of ['vp8', 'vp09.00.10.08']) expect(isInvisible(codec, new Uint8Array())).toBe(false);
  });
});

/** Frames with an index whose sizes take two bytes each. */
function superframe(frames: readonly Uint8Array[]): Uint8Array {
  const marker = 0b1100_1000 | (frames.length - 1);
  const sizes = frames.flatMap(({ length }) => [length & 255, length >> 8]);
  return Uint8Array.from([...frames.flatMap((frame) => [...frame]), marker, ...sizes, marker]);
}
