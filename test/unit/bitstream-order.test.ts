import { describe, expect, test } from 'vitest';
import { PictureOrder } from '../../src/bitstream/picture-order.ts';
import { CLIPS } from '../media/clips.ts';
import { BitWriter } from '../support/bit-writer.ts';
import type { Stream } from '../support/stream-vectors.ts';
import { shortStream, streamOfClip } from '../support/stream-vectors.ts';

/** The times of packets as their bitstream orders them, sequence after sequence. */
function presented({ config, packets }: Stream): number[] {
  const order = new PictureOrder(config);
  const sequences: { order: number; timestamp: number }[][] = [];
  for (const { data, timestamp } of packets) {
    const picture = order.order(data);
    if (picture === null) throw new Error(`no order at ${timestamp}`);
    if (picture.startsSequence) sequences.push([]);
    sequences.at(-1)?.push({ order: picture.order, timestamp });
  }
  return sequences.flatMap((one) => one.sort((a, b) => a.order - b.order).map(({ timestamp }) => timestamp));
}

const inOrder = ({ packets }: Stream): number[] =>
  packets.map(({ timestamp }) => timestamp).sort((a, b) => a - b);

const H264 = CLIPS.filter(({ codec }) => codec === 'h264').map(({ file }) => file);

describe('the picture order', () => {
  test.each(H264)('of %s is that of its times', async (file) => {
    const stream = await streamOfClip(file);
    expect(presented(stream)).toEqual(inOrder(stream));
  });

  test.each(['hevc', 'interlaced', 'poc2'] as const)('of the stream %s is that of its times', (name) => {
    const stream = shortStream(name);
    expect(presented(stream)).toEqual(inOrder(stream));
  });

  test('begins a sequence at IDR pictures only, not at other key frames of open groups', async () => {
    const { config, packets } = await streamOfClip('h264_opengop.mp4');
    const order = new PictureOrder(config);
    const starts = packets.map(({ data }) => order.order(data)?.startsSequence);
    expect(starts.filter(Boolean)).toHaveLength(1);
    expect(packets.filter(({ isKey }) => isKey).length).toBeGreaterThan(1);
  });

  test('of HEVC begins a sequence at its first random access point, not at open ones', () => {
    const { config, packets } = shortStream('hevc');
    const starts = (from: number): boolean[] => {
      const order = new PictureOrder(config);
      return packets.slice(from).map(({ data }) => order.order(data)?.startsSequence === true);
    };
    expect(starts(0).filter(Boolean)).toHaveLength(1);
    const second = packets.findIndex(({ isKey }, i) => isKey && i > 0);
    expect(starts(second)[0]).toBe(true);
  });

  test('continues when the low part wraps around, upwards and back', () => {
    // Low parts of 4 bits, of frames in decode order; those between two others are not references.
    const codes = [0, 8, 4, 0, 12, 8];
    const references = [true, true, false, true, false, true];
    const tails = codes.map((code) => new BitWriter().u(4, code));
    expect(ordersOf(orderedStream(0, tails, references))).toEqual([0, 8, 4, 16, 12, 24]);
  });

  test('of type 1 follows the cycle of expected differences', () => {
    const deltas = [0, 0, 0, 0, 2];
    const references = [true, true, false, true, true];
    // Two frames to a cycle of 4 + 6; a non-reference frame is shown 3 earlier.
    const stream = orderedStream(
      1,
      deltas.map((delta) => new BitWriter().se(delta)),
      references,
    );
    expect(ordersOf(stream)).toEqual([0, 4, 4 - 3, 10, 14 + 2]);
  });

  test('is null for a codec without reordering, and for a slice without parameter sets', async () => {
    const { config, packets } = await streamOfClip('vp9.webm');
    const data = packets[0]?.data ?? new Uint8Array();
    expect(new PictureOrder(config).order(data)).toBeNull();
    const h264 = await streamOfClip('h264_bframes.mp4');
    const { codec } = h264.config;
    const first = h264.packets[0]?.data ?? new Uint8Array();
    expect(new PictureOrder({ codec }).order(first)).toBeNull();
    expect(new PictureOrder({ codec, description: new Uint8Array([1, 2, 3]) }).order(first)).toBeNull();
  });
});

/** H.264 packets in Annex B, with ascending frame numbers, whose slice headers end with the given fields. */
function orderedStream(type: 0 | 1, tails: BitWriter[], references: boolean[]): Uint8Array[] {
  const set = new BitWriter().u(8, 77).u(8, 0).u(8, 30).ue(0).ue(4).ue(type);
  if (type === 0) set.ue(0);
  else set.u(1, 0).se(-3).se(0).ue(2).se(4).se(6);
  const sequence = set.ue(4).u(1, 0).ue(3).ue(3).u(1, 1).u(1, 1).u(1, 0).u(1, 0).bytes();
  const picture = new BitWriter().ue(0).ue(0).u(1, 0).u(1, 0).ue(0).bytes();
  const start = [0, 0, 0, 1];
  return tails.map((tail, i) => {
    const isIdr = i === 0;
    const header = (references[i] === true ? 0x60 : 0) | (isIdr ? 5 : 1);
    const bits = new BitWriter().ue(0).ue(7).ue(0).u(8, frameNumber(references, i));
    if (isIdr) bits.ue(0);
    const slice = bits.append(tail).bytes();
    return Uint8Array.from([
      ...(isIdr ? [...start, 0x67, ...sequence, ...start, 0x68, ...picture] : []),
      ...start,
      header,
      ...slice,
    ]);
  });
}

/** frame_num counts the preceding references. */
const frameNumber = (references: boolean[], at: number): number =>
  references.slice(0, at).filter(Boolean).length;

function ordersOf(packets: Uint8Array[]): (number | undefined)[] {
  const order = new PictureOrder({ codec: 'avc3.4d001e' });
  return packets.map((packet) => order.order(packet)?.order);
}
