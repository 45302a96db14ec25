/** Clips of the bench: one of 1080p that it encodes itself, small ones of the tests, and a real one if there is one. */
import type { EncodedPacket, InputVideoTrack, VideoCodec } from 'mediabunny';
import {
  ALL_FORMATS,
  BlobSource,
  BufferTarget,
  CanvasSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  getFirstEncodableVideoCodec,
  Input,
  Mp4OutputFormat,
  Output,
  WebMOutputFormat,
} from 'mediabunny';
import { blobAt, clipBlob, trackOf, trackOfBlob } from '../../support/packets.ts';
import type { Track } from '../../support/packets.ts';
import type { Settings } from './case.ts';
import { paint } from './paint.ts';

/** A clip as a file and as chunks, the same ones. Each chunk gives one frame. */
export interface BenchClip extends Track {
  readonly blob: Blob;
}

/** A clip by the words that name it in cases and rows. */
export interface NamedClip {
  readonly what: string;
  load(): Promise<BenchClip>;
}

/** The encoded clip. At 8 Mbit/s 1080p looks like video from the web. */
const MADE = { width: 1920, height: 1080, frames: 90, fps: 30, bitrate: 8e6 };

/** Repetitions of 1080p clips in a row: about a second of decoding, or two. */
const TIMES = 2;

/** A moving picture, encoded here and now, as H.264 if this browser has an encoder for it and else as VP8. */
export const madeClip: NamedClip = {
  what: '1080p, made here',
  async load() {
    const { width, height, frames, fps, bitrate } = MADE;
    const codec = await getFirstEncodableVideoCodec(['avc', 'vp8'], { width, height, bitrate });
    if (codec === null) throw new Error('this browser encodes neither H.264 nor VP8');
    const canvas = new OffscreenCanvas(width, height);
    const source = new CanvasSource(canvas, { codec, bitrate, latencyMode: 'realtime' });
    const made = await written(codec, source, async () => {
      for (let frame = 0; frame < frames; frame++) {
        paint(canvas, frame);
        await source.add(frame / fps, 1 / fps);
      }
    });
    return looped(made.blob, TIMES);
  },
};

/** The clips of 1080p: one that is encoded here, and the real one if there is one. */
export const largeClips = ({ realClip: url }: Settings): NamedClip[] => [
  madeClip,
  ...(url === null ? [] : [{ what: 'VP8 1080p, real', load: async () => looped(await blobAt(url), TIMES) }]),
];

/** A clip of the tests, repeated until starting the decoder is a small part of it. */
export const testClip = async (file: string, times: number): Promise<BenchClip> =>
  looped(await clipBlob(file), times);

/** The video track of a file, by mediabunny. Its file stays open. */
export async function videoTrackOf(blob: Blob): Promise<InputVideoTrack> {
  const input = new Input({ formats: ALL_FORMATS, source: new BlobSource(blob) });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('no video');
  return track;
}

/** One decoded frame, as a decoder makes it. */
export async function decodedFrame(): Promise<VideoFrame> {
  const { config, chunks } = await trackOf('vp8.webm', 1);
  return new Promise((resolve, reject) => {
    const decoder = new VideoDecoder({ output: resolve, error: reject });
    decoder.configure(config);
    for (const chunk of chunks) decoder.decode(chunk);
    decoder.flush().then(() => decoder.close(), reject);
  });
}

/** The packets of a file, over and over, as a new file. */
async function looped(blob: Blob, times: number): Promise<BenchClip> {
  const track = await videoTrackOf(blob);
  const decoderConfig = await track.getDecoderConfig();
  const codec = await track.getCodec();
  if (!decoderConfig || !codec) throw new Error('no such video');
  const packets: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
  track.input.dispose();
  const starts = packets.map(({ timestamp }) => timestamp);
  const length =
    Math.max(...packets.map((packet) => packet.timestamp + packet.duration)) - Math.min(...starts);
  const source = new EncodedVideoPacketSource(codec);
  return written(codec, source, async () => {
    for (let time = 0; time < times; time++) {
      for (const packet of packets) {
        const moved = packet.clone({ timestamp: packet.timestamp + time * length });
        await source.add(moved, { decoderConfig });
      }
    }
  });
}

/** Writes a file of one video track. */
async function written(
  codec: VideoCodec,
  source: CanvasSource | EncodedVideoPacketSource,
  fill: () => Promise<void>,
): Promise<BenchClip> {
  const target = new BufferTarget();
  const format = codec === 'avc' ? new Mp4OutputFormat() : new WebMOutputFormat();
  const output = new Output({ format, target });
  output.addVideoTrack(source);
  await output.start();
  await fill();
  await output.finalize();
  if (target.buffer === null) throw new Error('nothing was written');
  const blob = new Blob([target.buffer]);
  return { blob, ...(await trackOfBlob(blob)) };
}
