/** Writers for the cases, and what is in their files. Works in a worker, too. */
import type { OutputFormat } from 'mediabunny';
import {
  ALL_FORMATS,
  BlobSource,
  BufferTarget,
  EncodedPacketSink,
  Input,
  WebMOutputFormat,
} from 'mediabunny';
import type { FrameWriterOptions, VideoStreamConfig } from '../../../src/media/index.ts';
import { FrameWriter } from '../../../src/media/index.ts';

export const WIDTH = 64;
export const HEIGHT = 36;
const FRAME_US = 40_000;

/** What a writer told, in order: the callback's name and what it was given. */
export type Told = (readonly [name: string, ...given: unknown[]])[];

export interface Made {
  readonly writer: FrameWriter;
  readonly target: BufferTarget;
  readonly told: Told;
}

/** A writer with nothing in it; its callbacks are written down. */
export function made(
  options: Partial<FrameWriterOptions> = {},
  format: OutputFormat = new WebMOutputFormat(),
): Made {
  const target = new BufferTarget();
  const told: Told = [];
  const writer = new FrameWriter({
    format,
    target,
    callbacks: {
      onFinalize: (status) => told.push(['onFinalize', status.state]),
      onMarker: (stream, context) => told.push(['onMarker', stream, context]),
      onStreamError: (stream, error) => told.push(['onStreamError', stream, (error as Error).message]),
      onFormatChange: (stream, { width, height }) => told.push(['onFormatChange', stream, width, height]),
    },
    ...options,
  });
  return { writer, target, told };
}

/** The same with one stream of VP8, which is writing. */
export async function writing(
  options: Partial<FrameWriterOptions> = {},
  config: Partial<VideoStreamConfig> = {},
  format?: OutputFormat,
): Promise<Made> {
  const begun = made(options, format);
  await begun.writer.addVideoStream({ codec: 'vp8', width: WIDTH, height: HEIGHT, ...config });
  await begun.writer.beginWriting();
  return begun;
}

/** A frame of one colour, the caller's. */
export function picture(number: number, width = WIDTH, height = HEIGHT): VideoFrame {
  const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false });
  if (context === null) throw new Error('no 2D context');
  context.fillStyle = `rgb(${(number * 7) % 256} 80 120)`;
  context.fillRect(0, 0, width, height);
  return new VideoFrame(context.canvas, { timestamp: number * FRAME_US, duration: FRAME_US });
}

/** Writes the picture of this number, and closes it. */
export function put(writer: FrameWriter, number: number, stream = 0): Promise<void> {
  const frame = picture(number);
  const written = writer.writeSample(stream, frame);
  frame.close();
  return written;
}

/** Writes so many pictures, each when there is room. */
export async function putMany(writer: FrameWriter, count: number, from = 0): Promise<void> {
  for (let number = from; number < from + count; number++) await put(writer, number);
}

/** A tenth of a second of sound, the caller's. */
export const sound = (number: number): AudioData =>
  new AudioData({
    format: 'f32-planar',
    sampleRate: 48_000,
    numberOfChannels: 1,
    numberOfFrames: 4800,
    timestamp: number * 100_000,
    data: new Float32Array(4800),
  });

/** The packets of the first stream of pictures: times in µs, and which are key frames. */
export async function packetsOf({ target }: Made): Promise<{ times: number[]; keys: number[] }> {
  if (target.buffer === null) throw new Error('nothing was written');
  using input = new Input({ formats: ALL_FORMATS, source: new BlobSource(new Blob([target.buffer])) });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('no pictures');
  const times: number[] = [];
  const keys: number[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) {
    if (packet.type === 'key') keys.push(times.length);
    times.push(packet.microsecondTimestamp);
  }
  return { times, keys };
}

/** The times of so many pictures. */
export const timesOf = (count: number): number[] =>
  Array.from({ length: count }, (_, number) => number * FRAME_US);
