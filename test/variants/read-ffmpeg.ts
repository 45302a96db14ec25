/** Reads a file with ffmpeg: presentation times, marks, colours and size. */
import { lookAt } from './look.ts';
import { runProgram, words } from './programs.ts';
import type { FfmpegReading, Look } from './reading.ts';

/** Decoders that give alpha; ffmpeg's own ones for VP8 and VP9 ignore it. */
const ALPHA_DECODERS: Readonly<Record<string, string>> = { vp8: 'libvpx', vp9: 'libvpx-vp9' };

/** The fields of ffprobe's stream that are read here. */
interface Stream {
  readonly codec_name: string;
  readonly width: number;
  readonly height: number;
  readonly sample_aspect_ratio?: string;
  readonly color_space?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

/** Frame as the showinfo filter logs it, with the time base of its filter graph. */
const SHOWN = /config in time_base: (\d+)\/(\d+)|\] n: *\d+ pts: *(-?\d+|NOPTS) .* s:(\d+)x(\d+) /gu;

/** Whole µs, truncated towards zero as WebCodecs does. */
const microseconds = (ticks: string, numerator: string, denominator: string): number =>
  Number((BigInt(ticks) * BigInt(numerator) * 1_000_000n) / BigInt(denominator));

const failed = (failure: string): FfmpegReading => ({
  failure,
  size: null,
  patches: [],
  frames: [],
  isTagged: false,
});

export async function readWithFfmpeg(path: string): Promise<FfmpegReading> {
  const probe = await runProgram('ffprobe', [
    ...words('-v error -select_streams v:0 -show_streams -of json'),
    path,
  ]);
  const report = JSON.parse(probe.stdout.toString() || '{}') as { streams?: Stream[] };
  const stream = report.streams?.[0];
  if (stream === undefined) return failed(probe.stderr.trim().slice(0, 200));
  const decoder = stream.tags?.['alpha_mode'] === '1' ? ALPHA_DECODERS[stream.codec_name] : undefined;
  const { stdout, stderr } = await runProgram('ffmpeg', [
    ...words('-hide_banner -v info -copyts -threads 1'),
    ...(decoder === undefined ? [] : ['-c:v', decoder]),
    '-i',
    path,
    ...words('-map 0:v:0 -fps_mode passthrough -vf showinfo -f rawvideo -pix_fmt rgba'),
    ...words('-sws_flags accurate_rnd+full_chroma_int pipe:1'),
  ]);
  return readingOf(stream, stdout, stderr);
}

function readingOf(stream: Stream, stdout: Buffer, log: string): FfmpegReading {
  let [numerator, denominator] = ['1', '1'];
  let first: { width: number; height: number } | null = null;
  const times: number[] = [];
  for (const [, over, under, ticks, width, height] of log.matchAll(SHOWN)) {
    if (over !== undefined && under !== undefined) [numerator, denominator] = [over, under];
    if (ticks === undefined) continue;
    times.push(ticks === 'NOPTS' ? NaN : microseconds(ticks, numerator, denominator));
    first ??= { width: Number(width), height: Number(height) };
  }
  if (first === null) return failed(`no frame: ${log.trim().split('\n').at(-1) ?? ''}`);
  const looks = looksIn(stdout, first);
  if (looks.length !== times.length) {
    throw new Error(`ffmpeg has shown ${times.length} frames and written ${looks.length}`);
  }
  return {
    failure: null,
    size: displaySize(stream, first),
    patches: looks[0]?.patches ?? [],
    frames: times.map((time, index) => ({ time, mark: looks[index]?.mark ?? null })),
    isTagged: !['unknown', undefined].includes(stream.color_space),
  };
}

/** Later frames of another size are scaled to the size of the first. */
function looksIn(pixels: Buffer, { width, height }: { width: number; height: number }): Look[] {
  const length = width * height * 4;
  return Array.from({ length: Math.floor(pixels.length / length) }, (_, index) => {
    const data = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset + index * length, length);
    return lookAt({ data, width, height });
  });
}

/** The filter graph has turned the picture already; the pixels' shape belongs to the stored picture. */
function displaySize(
  { sample_aspect_ratio: ratio, side_data_list: sides }: Stream,
  size: { width: number; height: number },
) {
  const [over = 1, under = 1] = (ratio ?? '1:1').split(':').map(Number);
  const shape = over === 0 || under === 0 ? 1 : over / under;
  const isTurned = (sides ?? []).some(({ rotation = 0 }) => Math.abs(rotation) % 180 === 90);
  // As browsers do, so that no side gets smaller.
  const [wider, higher] = shape < 1 ? [1, 1 / shape] : [shape, 1];
  return isTurned
    ? { width: Math.round(size.width * higher), height: Math.round(size.height * wider) }
    : { width: Math.round(size.width * wider), height: Math.round(size.height * higher) };
}
