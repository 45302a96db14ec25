/** Segments: the file can be cut at the end of each. */
import type { EncodedPacket, VideoCodec } from 'mediabunny';
import { ALL_FORMATS, BlobSource, EncodedPacketSink, Input, Mp4OutputFormat } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import { expectWritten } from '../support/probe-expect.ts';
import { begun } from '../support/probe-files.ts';
import type { Kind } from '../support/probe-kinds.ts';
import { kindOf, KINDS_BY_CODEC } from '../support/probe-kinds.ts';
import { numberedFrame } from '../support/probe-pictures.ts';
import { markOf } from '../support/picture.ts';
import { sampled } from '../support/sampled.ts';
import { write } from '../support/writer/making.ts';

/**
 * Segments of more than a second: mediabunny's fragments are not shorter by default, and it marks only the first key frame of
 * each.
 */
const STEP = 400_000;
const COUNT = 9;

/** The pictures that a new segment begins with, and all key frames. */
const CUTS = [3, 7];
const KEYS = [0, ...CUTS];

/** Decodes the rest after everything before a packet is cut off: the numbers in the pixels. */
async function decodedFrom(file: Blob, place: number): Promise<{ keys: number[]; numbers: number[] }> {
  using input = new Input({ formats: ALL_FORMATS, source: new BlobSource(file) });
  const track = await input.getPrimaryVideoTrack();
  const config = await track?.getDecoderConfig();
  if (!track || !config) throw new Error('no pictures');
  const sink = new EncodedPacketSink(track);
  const packets: EncodedPacket[] = [];
  const options = { verifyKeyPackets: true };
  for await (const packet of sink.packets(undefined, undefined, options)) packets.push(packet);
  const numbers: number[] = [];
  const decoder = new VideoDecoder({
    output(frame) {
      numbers.push(markOf(frame));
      frame.close();
    },
    // The flush rejects with it.
    error() {},
  });
  decoder.configure(config);
  for (const packet of packets.slice(place)) decoder.decode(packet.toEncodedVideoChunk());
  await decoder.flush();
  decoder.close();
  return { keys: packets.flatMap(({ type }, at) => (type === 'key' ? [at] : [])), numbers };
}

async function expectCuts(kind: Kind, codec: VideoCodec, step: number): Promise<void> {
  // No key frames except the requested ones.
  const { writer, file } = await begun(kind, { codec, keyFrameInterval: Infinity });
  const times = Array.from({ length: COUNT }, (_, place) => place * step);
  for (const [number, timestamp] of times.entries()) {
    if (CUTS.includes(number)) writer.notifyEndOfSegment(0);
    await write(writer, numberedFrame(number, { timestamp, duration: step }));
  }
  // No picture follows the last one, and none is created for it.
  writer.notifyEndOfSegment(0);
  expect(writer.getStatistics(0).segments).toBe(CUTS.length + 1);
  const blob = await file();
  const { probe } = await expectWritten(blob, kind, { times, end: COUNT * step });
  expect(probe.packets.flatMap(({ flags }, place) => (flags.startsWith('K') ? [place] : []))).toEqual(KEYS);
  for (const cut of CUTS) {
    const { keys, numbers } = await decodedFrom(blob, cut);
    expect(keys).toEqual(KEYS);
    expect(numbers).toEqual(times.map((_, number) => number).slice(cut));
  }
}

describe('after notifyEndOfSegment()', () => {
  test.each(sampled(KINDS_BY_CODEC))(
    'the next picture is a key frame, at which $name with $codec can be cut',
    async ({ kind, codec }) => expectCuts(kind, codec, STEP),
  );

  test('a fragmented MP4 can be cut into short segments if its fragments may be as short', async () => {
    const format = { fastStart: 'fragmented', minimumFragmentDuration: 0 } as const;
    const kind = { ...kindOf('fragmented MP4'), make: () => new Mp4OutputFormat(format) };
    await expectCuts(kind, 'avc', 40_000);
  });
});
