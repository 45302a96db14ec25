/** What is decoded: a 1080p clip that the bench makes itself, small clips of the tests, and a real one where there is one. */
import type { EncodedPacket, VideoCodec } from 'mediabunny';
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
import { blobAt, clipBlob, trackOfBlob } from '../../support/packets.ts';
import type { Track } from '../../support/packets.ts';
import { paint } from './paint.ts';

/** A clip as a file and as chunks, the same ones. Each chunk gives one frame. */
export interface BenchClip extends Track {
  readonly blob: Blob;
}

/** What the bench makes. At 8 Mbit/s 1080p looks like video from the web. */
const MADE = { width: 1920, height: 1080, frames: 90, fps: 30, bitrate: 8e6 };

/** How often 1080p clips are shown in a row: about a second of decoding, or two. */
const TIMES = 2;

/** A moving picture, encoded here and now, as H.264 if this browser has an encoder for it and else as VP8. */
export async function madeClip(): Promise<BenchClip> {
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
}

/** The real clip. */
export const realClip = async (url: string): Promise<BenchClip> => looped(await blobAt(url), TIMES);

/** A clip of the tests, shown so often that starting the decoder is a small part of it. */
export const testClip = async (file: string, times: number): Promise<BenchClip> =>
  looped(await clipBlob(file), times);

/** The packets of a file, over and over, as a new file. */
async function looped(blob: Blob, times: number): Promise<BenchClip> {
  using input = new Input({ formats: ALL_FORMATS, source: new BlobSource(blob) });
  const track = await input.getPrimaryVideoTrack();
  const decoderConfig = await track?.getDecoderConfig();
  const codec = await track?.getCodec();
  if (track === null || !decoderConfig || !codec) throw new Error('no such video');
  const packets: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
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
