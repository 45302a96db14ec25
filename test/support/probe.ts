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
  readonly duration?: number;
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
  return {
    complaints,
    pictures,
    video,
    audio: said.streams.find(({ codec_type }) => codec_type === 'audio'),
    packets: own.filter((each) => each.type === 'packet'),
    frames: own.filter((each) => each.type === 'frame'),
    duration: Number(said.format.duration),
  };
}

/** The first stream of sound as ffmpeg decodes it, mixed to one channel, sample after sample. */
export async function soundByFfmpeg(file: Blob): Promise<Float32Array> {
  const bytes = Uint8Array.from(atob(await commands.readSound(await base64Of(file))), (letter) =>
    letter.charCodeAt(0),
  );
  return new Float32Array(bytes.buffer);
}

/** Commands take text alone. */
async function base64Of(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let letters = '';
  // Piece by piece: a function takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(letters);
}
