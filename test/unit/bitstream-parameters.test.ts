import { describe, expect, test } from 'vitest';
import { reorderDepthOf, streamParameters } from '../../src/bitstream/stream-parameters.ts';
import { clip, CLIPS } from '../media/clips.ts';
import { BitWriter } from '../support/bit-writer.ts';
import { shortStream, streamOfClip } from '../support/stream-vectors.ts';

const BT709 = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false };

/** Frames that decoders of the H.264 clips hold back, from ffprobe's has_b_frames. */
const DEPTHS: Record<string, number> = { 'h264_baseline.mp4': 0, 'h264_resize.m2t': 0 };

const VIDEOS = CLIPS.filter(({ codec }) => codec !== null).map(({ file }) => file);
const H264 = VIDEOS.filter((file) => clip(file).codec === 'h264');
const OTHERS = VIDEOS.filter((file) => clip(file).codec !== 'h264');

const parametersOf = ({ config, packets }: ReturnType<typeof shortStream>) =>
  streamParameters(config, packets[0]?.data ?? null);

/** A sequence parameter set of H.264 of 64x64 pixels, with these fields replaced. */
function sequenceUnit({
  profile = 77,
  constraints = 0,
  level = 30,
  orderType = 0,
  rows = 4,
  restriction = [] as number[],
}) {
  const bits = new BitWriter().u(8, profile).u(8, constraints).u(8, level).ue(0).ue(0).ue(orderType);
  if (orderType === 0) bits.ue(4);
  bits
    .ue(4)
    .u(1, 0)
    .ue(3)
    .ue(rows - 1)
    .u(1, 1)
    .u(1, 1)
    .u(1, 0);
  if (restriction.length === 0) return Uint8Array.from([0x67, ...bits.u(1, 0).bytes()]);
  // Usability information with only the bitstream restriction.
  bits.u(1, 1).u(4, 0).u(1, 0).u(2, 0).u(1, 0).u(1, 1).u(1, 1).ue(2).ue(1).ue(10).ue(10);
  for (const number of restriction) bits.ue(number);
  return Uint8Array.from([0x67, ...bits.bytes()]);
}

const annexB = (...units: Uint8Array[]): Uint8Array =>
  Uint8Array.from(units.flatMap((unit) => [0, 0, 0, 1, ...unit]));

const ofSequence = (options: Parameters<typeof sequenceUnit>[0]) =>
  streamParameters({ codec: 'avc3.4d401e' }, annexB(sequenceUnit(options)));

describe('stream parameters', () => {
  test.each(H264)('%s: are read from its sequence parameter set', async (file) => {
    const { config, packets } = await streamOfClip(file);
    const [[, width, height] = []] = clip(file).sizes;
    const depth = DEPTHS[file] ?? 2;
    expect(streamParameters(config, packets[0]?.data ?? null)).toEqual({
      width,
      height,
      pixelAspect: file === 'h264_anamorphic.mp4' ? [4, 3] : null,
      colorSpace: BT709,
      isInterlaced: false,
      reorderDepth: depth,
      maxReorderDepth: depth,
    });
  });

  test.each(OTHERS)('%s: are read from its first packet, and no packet is kept back', async (file) => {
    const { config, packets } = await streamOfClip(file);
    const { codec, sizes } = clip(file);
    const [[, width, height] = []] = sizes;
    const colorSpace = { av1: BT709, vp8: {}, vp9: { matrix: 'bt709', fullRange: false } }[String(codec)];
    expect(streamParameters(config, packets[0]?.data ?? null)).toEqual({
      width,
      height,
      pixelAspect: null,
      colorSpace,
      isInterlaced: false,
      reorderDepth: 0,
      maxReorderDepth: 0,
    });
  });

  test('are those of the parameter sets that a transport stream has in its packets', async () => {
    const { config, packets } = await streamOfClip('h264_resize.m2t');
    const later = packets.filter(({ isKey }) => isKey).at(-1);
    const { codec } = config;
    expect(streamParameters({ codec }, later?.data ?? null)).toMatchObject({ width: 160, height: 90 });
  });

  test('of HEVC are read past the profile, the cropping and the reference sets', () => {
    expect(parametersOf(shortStream('hevc'))).toEqual({
      width: 322,
      height: 182,
      pixelAspect: [4, 3],
      colorSpace: { primaries: 'bt2020', transfer: 'pq', matrix: 'bt2020-ncl', fullRange: false },
      isInterlaced: false,
      reorderDepth: 2,
      maxReorderDepth: 2,
    });
  });

  test('count the rows of both fields of interlaced H.264', () => {
    expect(parametersOf(shortStream('interlaced'))).toEqual({
      width: 96,
      height: 64,
      pixelAspect: [16, 11],
      colorSpace: { primaries: 'smpte170m', transfer: 'smpte170m', matrix: 'smpte170m', fullRange: true },
      isInterlaced: true,
      reorderDepth: 2,
      maxReorderDepth: 2,
    });
  });

  test.each([
    ['vp9rgb', { width: 64, height: 64, colorSpace: { matrix: 'rgb', fullRange: true } }],
    ['vp9hdr', { width: 64, height: 48, colorSpace: { matrix: 'bt2020-ncl', fullRange: true } }],
  ] as const)('of %s are read by its profile', (name, expected) => {
    expect(parametersOf(shortStream(name))).toMatchObject(expected);
  });

  test('of a codec that is not parsed are null', () => {
    expect(streamParameters({ codec: 'theora' }, new Uint8Array(64))).toBeNull();
  });

  test('of a truncated description are null, whatever its packets have', async () => {
    const { config } = await streamOfClip('h264_bframes.mp4');
    const description = new Uint8Array(config.description as ArrayBuffer).subarray(0, 20);
    expect(streamParameters({ ...config, description }, annexB(sequenceUnit({})))).toBeNull();
  });
});

describe('the reorder depth', () => {
  test('of H.264 that does not specify it is null, and bounded by its level', () => {
    expect(ofSequence({ level: 30 })).toMatchObject({ reorderDepth: null, maxReorderDepth: 16 });
    // Level 1 has 396 macroblocks: 4 columns of 20 fit 4 times.
    expect(ofSequence({ level: 10, rows: 20 })).toMatchObject({ reorderDepth: null, maxReorderDepth: 4 });
    // Level 1.1 has 900, unless constraint 3 makes it level 1b.
    expect(ofSequence({ level: 11, rows: 20 })).toMatchObject({ maxReorderDepth: 11 });
    expect(ofSequence({ level: 11, rows: 20, constraints: 0x10 })).toMatchObject({ maxReorderDepth: 4 });
  });

  test('of H.264 is taken from its usability information', () => {
    expect(ofSequence({ restriction: [3, 4] })).toMatchObject({ reorderDepth: 3, maxReorderDepth: 3 });
  });

  test('of H.264 is unknown when more frames are reordered than buffered', () => {
    expect(ofSequence({ restriction: [5, 4] })).toMatchObject({ reorderDepth: null });
    expect(ofSequence({ restriction: [17, 17] })).toMatchObject({ reorderDepth: null });
  });

  test('of Baseline, of order type 2 and of intra profiles is 0', () => {
    expect(ofSequence({ profile: 66 })).toMatchObject({ reorderDepth: 0, maxReorderDepth: 0 });
    expect(ofSequence({ orderType: 2 })).toMatchObject({ reorderDepth: 0, maxReorderDepth: 0 });
    expect(parametersOf(shortStream('intra'))).toMatchObject({ reorderDepth: 0 });
  });

  test('of VP8, VP9 and AV1 is known without a packet', () => {
    for (const codec of ['vp8', 'vp09.00.10.08', 'av01.0.00M.08'])
      expect(reorderDepthOf({ codec }, null)).toBe(0);
  });

  test('of H.264 is known from the description alone, and without one from a packet', async () => {
    const { config } = await streamOfClip('h264_bframes.mp4');
    expect(reorderDepthOf(config, null)).toBe(2);
    expect(reorderDepthOf({ codec: config.codec }, null)).toBeNull();
    expect(reorderDepthOf({ codec: 'avc3.4d401e' }, annexB(sequenceUnit({ restriction: [1, 2] })))).toBe(1);
  });
});
