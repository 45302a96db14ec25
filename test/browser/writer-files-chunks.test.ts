/** Videos that were encoded elsewhere, remuxed by writeChunk() without loss. */
import type { AudioCodec, EncodedPacket, InputTrack, VideoCodec } from 'mediabunny';
import { ALL_FORMATS, BlobSource, EncodedPacketSink, Input, Mp4OutputFormat } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import { clip, CLIPS, numbersOf } from '../media/clips.ts';
import { clipBlob } from '../support/packets.ts';
import { readBack } from '../support/probe-files.ts';
import type { Kind } from '../support/probe-kinds.ts';
import { kindOf } from '../support/probe-kinds.ts';
import { probed } from '../support/probe.ts';
import { sampled } from '../support/sampled.ts';
import { made } from '../support/writer/making.ts';

/** A packet. Times in seconds: exact in the container's ticks. The duration is 0 if the file has none. */
type RawPacket = Pick<EncodedPacket, 'timestamp' | 'duration' | 'type' | 'data'>;

interface Described<Codec, Config> {
  getCodec(): Promise<Codec | null>;
  getDecoderConfig(): Promise<Config | null>;
}

/** A track: its codec, its decoder's configuration, and its packets in decode order. */
interface RawTrack<Codec, Config> {
  readonly codec: Codec;
  readonly config: Config;
  readonly packets: readonly RawPacket[];
}

/** A demuxed video. */
interface RawFilm {
  readonly rotation: 0 | 90 | 180 | 270;
  readonly video: RawTrack<VideoCodec, VideoDecoderConfig>;
  readonly audio: RawTrack<AudioCodec, AudioDecoderConfig> | null;
}

/** Demuxes a track. Null if there is none. */
async function trackOf<Codec, Config>(
  track: (Described<Codec, Config> & InputTrack) | null,
): Promise<RawTrack<Codec, Config> | null> {
  const [config, codec] = [await track?.getDecoderConfig(), await track?.getCodec()];
  if (!track || !config || !codec) return null;
  const packets: RawPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
  return { codec, config, packets };
}

/** Demuxes a file. */
async function takenApart(file: Blob): Promise<RawFilm> {
  using input = new Input({ formats: ALL_FORMATS, source: new BlobSource(file) });
  const pictures = await input.getPrimaryVideoTrack();
  const [video, audio] = [await trackOf(pictures), await trackOf(await input.getPrimaryAudioTrack())];
  if (!pictures || !video) throw new Error('no pictures');
  return { rotation: await pictures.getRotation(), video, audio };
}

/** Constructor argument of a packet's chunk. */
const initOf = ({ timestamp, duration, type, data }: RawPacket): EncodedVideoChunkInit => ({
  timestamp: Math.round(timestamp * 1e6),
  ...(duration > 0 ? { duration: Math.round(duration * 1e6) } : {}),
  type,
  data,
});

/** Muxes a video into a file of another kind: packet by packet, in decode order. */
async function putTogether({ rotation, video, audio }: RawFilm, kind: Kind): Promise<Blob> {
  const { writer, file } = made({}, kind.make());
  const { codedWidth: width = 0, codedHeight: height = 0 } = video.config;
  await writer.addVideoStream({ codec: video.codec, width, height, rotation, input: 'chunks' });
  if (audio !== null) {
    const { numberOfChannels, sampleRate } = audio.config;
    await writer.addAudioStream({ codec: audio.codec, numberOfChannels, sampleRate, input: 'chunks' });
  }
  await writer.beginWriting();
  const tracks = [
    { track: video, Chunk: EncodedVideoChunk },
    ...(audio === null ? [] : [{ track: audio, Chunk: EncodedAudioChunk }]),
  ];
  await Promise.all(
    tracks.map(async ({ track: { packets, config: decoderConfig }, Chunk }, stream) => {
      for (const [place, packet] of packets.entries())
        await writer.writeChunk(
          stream,
          new Chunk(initOf(packet)),
          place === 0 ? { decoderConfig } : undefined,
        );
    }),
  );
  return file();
}

/** mediabunny marks one key frame of each fragment: these are as short as a group of pictures. */
const FRAGMENTED: Kind = {
  ...kindOf('fragmented MP4'),
  make: () => new Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: 0 }),
};

const KINDS = [kindOf('MP4'), FRAGMENTED, kindOf('MOV'), kindOf('WebM'), kindOf('MKV')];

const NAMES = { h264: 'avc', vp8: 'vp8', vp9: 'vp9', av1: 'av1' } as const;

/** Transport streams have no header: their packets are converted, so only their pictures are compared. */
const cases = CLIPS.flatMap((entry) => {
  const { codec, file, container, frames } = entry;
  if (codec === null || container === 'ts' || frames > 60) return [];
  return KINDS.filter((kind) => kind.make().getSupportedVideoCodecs().includes(NAMES[codec]))
    .filter((kind) => entry.sound === null || kind.name !== 'WebM' || entry.sound === 'opus')
    .map((kind) => ({ file, kind, name: kind.name }));
});

/** Clips whose pictures are compared, their difficulties, and their target containers. */
const seen = Object.entries({
  'h264_bframes.mp4': ['MP4', 'fragmented MP4', 'MKV'],
  'h264_opengop.mp4': ['MOV'],
  'h264_rotated.mp4': ['MP4', 'MKV'],
  'h264_anamorphic.mp4': ['MP4', 'MKV'],
  'h264_vfr.mp4': ['MKV'],
  'h264.m2t': ['MP4', 'MKV'],
  'vp8_hidden.webm': ['MKV', 'MP4'],
  'vp8_resize.webm': ['WebM'],
  'vp8_odd.webm': ['MP4'],
  'vp9_hidden_split.webm': ['WebM'],
  'vp9_odd.webm': ['MP4'],
  'av1.mp4': ['WebM'],
  'av1.mkv': ['fragmented MP4'],
}).flatMap(([file, names]) => names.map((name) => [file, name] as const));

const bytesOf = (packets: readonly RawPacket[]): string[] => packets.map(({ data }) => data.join());

describe('writeChunk()', () => {
  test.each(sampled(cases))(
    'remuxes $file into $name: the same packets at the same times',
    async ({ file, kind }) => {
      const film = await takenApart(await clipBlob(file));
      const again = await takenApart(await putTogether(film, kind));
      expect(again.video.codec).toBe(film.video.codec);
      expect(again.rotation).toBe(film.rotation);
      expectSame(again.video.packets, film.video.packets, kind.timescale);
      // MP4 records the time to the packet decoded next. So for uneven, reordered pictures it does not record the end.
      if (kind.family === 'iso' && file !== 'h264_vfr.mp4') expect(endOf(again)).toBeCloseTo(endOf(film), 3);
      expect(again.audio?.codec).toBe(film.audio?.codec);
      expectSame(again.audio?.packets ?? [], film.audio?.packets ?? [], 1000);
    },
  );

  test.each(sampled(seen))('keeps every picture of %s in %s, and how it is shown', async (file, name) => {
    const entry = clip(file);
    const sideways = entry.rotation % 180 !== 0;
    const [width, height] = sideways ? [entry.height, entry.width] : [entry.width, entry.height];
    const kind = KINDS.find((each) => each.name === name) ?? kindOf(name);
    const blob = await putTogether(await takenApart(await clipBlob(file)), kind);
    const { pictures, rotation, displayWidth, displayHeight } = await readBack(blob);
    expect(pictures.map(({ number }) => number)).toEqual(numbersOf(entry));
    expect([rotation, displayWidth, displayHeight]).toEqual([entry.rotation, width, height]);
    const probe = await probed(blob, width / height);
    expect(probe.pictures.map(({ number }) => number)).toEqual(numbersOf(entry));
    expect(probe.complaints).toBe('');
  });

  // If an edit list ends the video, players show nothing of a last picture without a duration.
  test.each(['h264_bframes.mp4', 'h264_fragmented.mp4', 'h264.m2t', 'vp8.webm'])(
    'keeps the last picture of %s in MP4, even if no chunk has a duration',
    async (file) => {
      const { video, ...film } = await takenApart(await clipBlob(file));
      const packets = video.packets.map((packet) => ({ ...packet, duration: 0 }));
      const blob = await putTogether({ ...film, video: { ...video, packets } }, kindOf('MP4'));
      const { pictures, complaints } = await probed(blob);
      expect(complaints).toBe('');
      expect(pictures.map(({ number }) => number)).toEqual(numbersOf(clip(file)));
    },
  );
});

/** End of the last picture, in seconds. */
const endOf = ({ video }: RawFilm): number =>
  Math.max(...video.packets.map(({ timestamp, duration }) => timestamp + duration));

/** The same bytes in the same order, with times at most half a tick (or half a µs of the chunks in between) apart. */
function expectSame(again: readonly RawPacket[], packets: readonly RawPacket[], timescale: number): void {
  expect(bytesOf(again)).toEqual(bytesOf(packets));
  for (const [place, { timestamp, type }] of packets.entries()) {
    expect(again[place]?.type, `type of packet ${place}`).toBe(type);
    const apart = Math.abs((again[place]?.timestamp ?? NaN) - timestamp);
    expect(apart, `time of packet ${place}`).toBeLessThanOrEqual(0.5 / timescale + 1e-6);
  }
}
