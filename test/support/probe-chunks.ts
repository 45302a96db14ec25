/** The packets of a file, and films made of them by `FrameWriter.writeChunk()`. */
import type { AudioCodec, InputTrack, VideoCodec } from 'mediabunny';
import {
  BlobSource,
  BufferTarget,
  EncodedPacketSink,
  Input,
  MATROSKA,
  MP4,
  MPEG_TS,
  QTFF,
  WEBM,
} from 'mediabunny';
import { FrameWriter } from '../../src/media/index.ts';
import type { Kind } from './probe-kinds.ts';

/** A packet, byte by byte. */
export interface RawPacket {
  /** Seconds, as mediabunny has them: exact in the container's ticks. */
  readonly seconds: number;
  /** Seconds; 0 where the file does not say. */
  readonly duration: number;
  readonly type: 'key' | 'delta';
  readonly data: Uint8Array;
}

/** A track: what its decoder is told, and its packets in decoding order. */
export interface RawTrack<Config> {
  readonly config: Config;
  readonly packets: readonly RawPacket[];
}

/** A film, taken apart. */
export interface RawFilm {
  readonly codec: VideoCodec;
  readonly rotation: 0 | 90 | 180 | 270;
  readonly video: RawTrack<VideoDecoderConfig>;
  readonly audio: (RawTrack<AudioDecoderConfig> & { readonly codec: AudioCodec }) | null;
}

async function packetsOf(track: InputTrack): Promise<RawPacket[]> {
  const packets: RawPacket[] = [];
  for await (const { timestamp, duration, type, data } of new EncodedPacketSink(track).packets()) {
    packets.push({ seconds: timestamp, duration, type, data });
  }
  return packets;
}

/** Takes a file apart. */
export async function takenApart(file: Blob): Promise<RawFilm> {
  using input = new Input({ formats: [MP4, QTFF, WEBM, MATROSKA, MPEG_TS], source: new BlobSource(file) });
  const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
  const [config, codec] = [await video?.getDecoderConfig(), await video?.getCodec()];
  if (!video || !config || !codec) throw new Error('no pictures');
  const [soundConfig, soundCodec] = [await audio?.getDecoderConfig(), await audio?.getCodec()];
  return {
    codec,
    rotation: await video.getRotation(),
    video: { config, packets: await packetsOf(video) },
    audio:
      audio && soundConfig && soundCodec
        ? { codec: soundCodec, config: soundConfig, packets: await packetsOf(audio) }
        : null,
  };
}

const microseconds = (seconds: number): number => Math.round(seconds * 1e6);

/** What a chunk of a packet is made with. */
const initOf = ({ seconds, duration, type, data }: RawPacket): EncodedVideoChunkInit => ({
  timestamp: microseconds(seconds),
  ...(duration > 0 ? { duration: microseconds(duration) } : {}),
  type,
  data,
});

/** Puts a film together again, as a file of another kind: packet by packet, in the order of their decoding. */
export async function putTogether({ codec, rotation, video, audio }: RawFilm, kind: Kind): Promise<Blob> {
  const target = new BufferTarget();
  const writer = new FrameWriter({ format: kind.make(), target });
  const { codedWidth: width = 0, codedHeight: height = 0 } = video.config;
  await writer.addVideoStream({ codec, width, height, rotation, input: 'chunks' });
  if (audio !== null) {
    const { numberOfChannels, sampleRate } = audio.config;
    await writer.addAudioStream({ codec: audio.codec, numberOfChannels, sampleRate, input: 'chunks' });
  }
  await writer.beginWriting();
  const pictures = async (): Promise<void> => {
    for (const [place, packet] of video.packets.entries()) {
      const chunk = new EncodedVideoChunk(initOf(packet));
      await writer.writeChunk(0, chunk, place === 0 ? { decoderConfig: video.config } : undefined);
    }
  };
  const sound = async (): Promise<void> => {
    for (const [place, packet] of audio?.packets.entries() ?? []) {
      const chunk = new EncodedAudioChunk(initOf(packet));
      const decoderConfig = place === 0 ? audio?.config : undefined;
      await writer.writeChunk(1, chunk, decoderConfig === undefined ? undefined : { decoderConfig });
    }
  };
  await Promise.all([pictures(), sound()]);
  await writer.finalize();
  return new Blob([target.buffer ?? '']);
}
