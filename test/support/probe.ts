/** Readings by ffprobe and ffmpeg of a file that a test has made in the browser. */
import { commands } from 'vitest/browser';

/** The contents of a picture: its number, and the colour (red, green, blue, up to 255) of its background. */
interface SeenPicture {
  readonly number: number;
  readonly ground: readonly number[];
}

declare module 'vitest/browser' {
  interface BrowserCommands {
    probeFile(
      base64: string,
      aspect: number,
    ): Promise<{ json: string; complaints: string; pictures: SeenPicture[] }>;
    readSound(base64: string): Promise<string>;
  }
}

/** A stream, in ffprobe's names. Times are in ticks of `time_base`. */
interface ProbedStream {
  readonly index: number;
  readonly codec_type: 'video' | 'audio';
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly time_base: string;
  readonly start_pts?: number;
  /** In seconds. */
  readonly start_time?: string;
  readonly duration_ts?: number;
  readonly nb_read_frames: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly color_primaries?: string;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

/** A packet, or a decoded picture or sound, in ffprobe's names. */
type Probed = {
  readonly stream_index: number;
  /** Missing for a time below 0 in Matroska, which ffprobe does not accept. */
  readonly pts?: number;
} & (
  { readonly type: 'packet'; readonly flags: string } | { readonly type: 'frame'; readonly key_frame: 0 | 1 }
);

/**
 * Reads and decodes a file by ffprobe and ffmpeg; `aspect` is the upright picture's width divided by its height. `complaints` is
 * their error output: empty for a good file. `packets` (in decoding order), `frames` and `pictures` (in presentation order) are
 * of the first video stream, `keys` are the indices of the key frames in `frames`, and `duration` is in seconds.
 */
export async function probed(file: Blob, aspect = 16 / 9) {
  const { json, complaints, pictures } = await commands.probeFile(await base64Of(file), aspect);
  const report = JSON.parse(json) as {
    streams: ProbedStream[];
    packets_and_frames: Probed[];
    format: { duration: string };
  };
  const video = report.streams.find(({ codec_type }) => codec_type === 'video');
  if (video === undefined) throw new Error(`ffprobe finds no pictures: ${complaints}`);
  const own = report.packets_and_frames.filter(({ stream_index }) => stream_index === video.index);
  const packets = own.filter((each) => each.type === 'packet');
  const frames = own.filter((each) => each.type === 'frame');
  const keys = frames.flatMap(({ key_frame }, place) => (key_frame === 1 ? [place] : []));
  const audio = report.streams.find(({ codec_type }) => codec_type === 'audio');
  const duration = Number(report.format.duration);
  return { complaints, pictures, video, audio, packets, frames, keys, duration };
}

/** The first audio stream as ffmpeg decodes it, mixed to one channel, sample after sample. */
export async function soundByFfmpeg(file: Blob): Promise<Float32Array> {
  const response = await fetch(`data:;base64,${await commands.readSound(await base64Of(file))}`);
  return new Float32Array(await response.arrayBuffer());
}

/** Commands accept only text. */
async function base64Of(file: Blob): Promise<string> {
  const reader = new FileReader();
  reader.readAsDataURL(file);
  await new Promise((resolve) => reader.addEventListener('loadend', resolve));
  return String(reader.result).replace(/^.*,/u, '');
}
