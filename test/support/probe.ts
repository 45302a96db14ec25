/** What ffprobe and ffmpeg say of a file that a test has made in the browser. */
import { commands } from 'vitest/browser';

declare module 'vitest/browser' {
  interface BrowserCommands {
    probeFile(
      base64: string,
      aspect: number,
    ): Promise<{ json: string; complaints: string; pictures: SeenPicture[] }>;
    readSound(base64: string): Promise<string>;
  }
}

/** What a picture shows: its number, and the colour (red, green, blue, up to 255) of its ground. */
export interface SeenPicture {
  readonly number: number;
  readonly ground: readonly number[];
}

/** A stream, by ffprobe's names; times in ticks of `time_base`. */
export interface ProbedStream {
  readonly index: number;
  readonly codec_type: 'video' | 'audio';
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly time_base: string;
  readonly start_pts?: number;
  /** Seconds. */
  readonly start_time?: string;
  readonly duration_ts?: number;
  readonly nb_read_frames: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly color_primaries?: string;
  readonly sample_rate?: string;
  readonly side_data_list?: readonly { readonly side_data_type: string; readonly rotation?: number }[];
}

/** A packet of a stream, by ffprobe's names. */
export interface ProbedPacket {
  readonly stream_index: number;
  /** Missing where it is below 0 in Matroska, which ffprobe does not take for a time. */
  readonly pts?: number;
  readonly flags: string;
}

/** A decoded picture or sound, by ffprobe's names. */
export interface ProbedFrame {
  readonly stream_index: number;
  /** Missing where the packet's is. */
  readonly pts?: number;
  readonly key_frame: 0 | 1;
}

/** One file. */
export interface Probed {
  /** What ffprobe and ffmpeg wrote to their error output while they read all of it: nothing, of a good file. */
  readonly complaints: string;
  /** As ffmpeg decodes them and turns them upright, in presentation order. */
  readonly pictures: readonly SeenPicture[];
  readonly video: ProbedStream;
  readonly audio: ProbedStream | undefined;
  /** Of the stream of pictures, in decoding order. */
  readonly packets: readonly ProbedPacket[];
  /** Of the stream of pictures, in presentation order. */
  readonly frames: readonly ProbedFrame[];
  /** Places of the key frames in `frames`. */
  readonly keys: readonly number[];
  /** Seconds, as the container says. */
  readonly duration: number;
}

/** Reads and decodes a file by ffprobe and ffmpeg; `aspect` is the upright picture's width to its height. */
export async function probed(file: Blob, aspect = 16 / 9): Promise<Probed> {
  const { json, complaints, pictures } = await commands.probeFile(await base64Of(file), aspect);
  const said = JSON.parse(json) as {
    streams: ProbedStream[];
    packets_and_frames: (({ type: 'packet' } & ProbedPacket) | ({ type: 'frame' } & ProbedFrame))[];
    format: { duration: string };
  };
  const video = said.streams.find(({ codec_type }) => codec_type === 'video');
  if (video === undefined) throw new Error(`ffprobe finds no pictures: ${complaints}`);
  const own = said.packets_and_frames.filter(({ stream_index }) => stream_index === video.index);
  const frames = own.filter((each) => each.type === 'frame');
  return {
    complaints,
    pictures,
    video,
    audio: said.streams.find(({ codec_type }) => codec_type === 'audio'),
    packets: own.filter((each) => each.type === 'packet'),
    frames,
    keys: frames.flatMap(({ key_frame }, place) => (key_frame === 1 ? [place] : [])),
    duration: Number(said.format.duration),
  };
}

/** The first stream of sound as ffmpeg decodes it, mixed to one channel, sample after sample. */
export async function soundByFfmpeg(file: Blob): Promise<Float32Array> {
  const response = await fetch(`data:;base64,${await commands.readSound(await base64Of(file))}`);
  return new Float32Array(await response.arrayBuffer());
}

/** Commands take text alone. */
async function base64Of(file: Blob): Promise<string> {
  const reader = new FileReader();
  reader.readAsDataURL(file);
  await new Promise((resolve) => reader.addEventListener('loadend', resolve));
  return String(reader.result).replace(/^.*,/u, '');
}
