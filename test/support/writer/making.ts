/** Writers into memory, samples for them, and readings of their files. Also works in a worker. */
import type { OutputFormat } from 'mediabunny';
import { BufferTarget, WebMOutputFormat } from 'mediabunny';
import type {
  FrameWriterOptions,
  SampleInfo,
  VideoStreamConfig,
  WriterSample,
} from '../../../src/media/index.ts';
import { FrameWriter } from '../../../src/media/index.ts';
import { trackOfBlob } from '../packets.ts';
import { opaque } from '../probe-pictures.ts';

export const WIDTH = 64;
export const HEIGHT = 36;
/** Interval between two pictures, in µs. */
export const FRAME_US = 40_000;

/** Stream configurations of most tests. */
export const VIDEO = { codec: 'vp8', width: WIDTH, height: HEIGHT } as const;
export const SOUND = { codec: 'opus', numberOfChannels: 1, sampleRate: 48_000 } as const;

export interface Made {
  readonly writer: FrameWriter;
  readonly target: BufferTarget;
  /** Callbacks of the writer in order: the callback's name and its arguments. */
  readonly callbackLog: (readonly [name: string, ...given: unknown[]])[];
  /** Returns the file, and finalizes it first if necessary. */
  file(): Promise<Blob>;
  /** The packets of the first video stream: their times in µs, and the indices of the key frames. */
  packets(): Promise<{ times: number[]; keys: number[] }>;
}

/** Makes a writer without streams. Its callbacks are recorded. */
export function made(
  options: Partial<FrameWriterOptions> = {},
  format: OutputFormat = new WebMOutputFormat(),
): Made {
  const target = new BufferTarget();
  const callbackLog: Made['callbackLog'] = [];
  const writer = new FrameWriter({
    format,
    target,
    callbacks: {
      onFinalize: (status) => callbackLog.push(['onFinalize', status.state]),
      onMarker: (stream, context) => callbackLog.push(['onMarker', stream, context]),
      onStreamError: (stream, error) => callbackLog.push(['onStreamError', stream, (error as Error).message]),
      onFormatChange: (stream, { width, height }) =>
        callbackLog.push(['onFormatChange', stream, width, height]),
    },
    ...options,
  });
  const file = async (): Promise<Blob> => {
    if (writer.state === 'writing') await writer.finalize();
    if (target.buffer === null) throw new Error('nothing was written');
    return new Blob([target.buffer]);
  };
  const packets: Made['packets'] = async () => {
    const { chunks } = await trackOfBlob(await file());
    return {
      times: chunks.map(({ timestamp }) => timestamp),
      keys: chunks.flatMap(({ type }, place) => (type === 'key' ? [place] : [])),
    };
  };
  return { writer, target, callbackLog, file, packets };
}

/** Makes a writer with a video stream as stream 0, and an audio stream as stream 1 if `hasSound`. It has begun writing. */
export async function writing(
  { hasSound = false, ...options }: Partial<FrameWriterOptions> & { hasSound?: boolean } = {},
  config: Partial<VideoStreamConfig> = {},
  format?: OutputFormat,
): Promise<Made> {
  const begun = made(options, format);
  await begun.writer.addVideoStream({ ...VIDEO, ...config });
  if (hasSound) await begun.writer.addAudioStream(SOUND);
  await begun.writer.beginWriting();
  return begun;
}

/** Makes a frame of one colour, owned by the caller. */
export function picture(number: number, width = WIDTH, height = HEIGHT): VideoFrame {
  const shape = { width, height, duration: FRAME_US };
  return filled(`rgb(${(number * 7) % 256} 80 120)`, number * FRAME_US, shape);
}

/** Makes a frame of a canvas of one colour, 320 × 180 by default. */
export function filled(
  color: string,
  timestamp: number,
  { width = 320, height = 180, ...init }: { width?: number; height?: number; duration?: number } = {},
): VideoFrame {
  const context = opaque(width, height);
  context.fillStyle = color;
  context.fillRect(0, 0, width, height);
  return new VideoFrame(context.canvas, { timestamp, ...init });
}

/** Writes a frame or sound, and closes it in the same call. */
export function write(
  writer: FrameWriter,
  sample: Extract<WriterSample, VideoFrame | AudioData>,
  { stream = 0, ...info }: SampleInfo & { stream?: number } = {},
): Promise<void> {
  const written = writer.writeSample(stream, sample, info);
  sample.close();
  return written;
}

/** Writes the picture with this number. */
export const put = (writer: FrameWriter, number: number): Promise<void> => write(writer, picture(number));

/** Writes `count` pictures, each when there is room. */
export async function putMany(writer: FrameWriter, count: number, from = 0): Promise<void> {
  for (let number = from; number < from + count; number++) await put(writer, number);
}

/** Writes `count` pictures at once. */
export const putAll = (writer: FrameWriter, count: number, from = 0): Promise<void>[] =>
  Array.from({ length: count }, (_, at) => put(writer, from + at));

/** Makes a tenth of a second of sound, owned by the caller. */
export function sound(number: number): AudioData {
  const { numberOfChannels, sampleRate } = SOUND;
  const data = new Float32Array(4800);
  const shape = { format: 'f32-planar', numberOfChannels, sampleRate, numberOfFrames: 4800 } as const;
  return new AudioData({ ...shape, timestamp: number * 100_000, data });
}

export const packetsOf = ({ packets }: Made): ReturnType<Made['packets']> => packets();

/** The times of the first `count` pictures. */
export const timesOf = (count: number): number[] =>
  Array.from({ length: count }, (_, number) => number * FRAME_US);
