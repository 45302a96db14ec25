/** Files that are written by `FrameWriter` and read back by `openVideo()`. */
import { VideoFramePool } from '../../src/index.ts';
import type { FrameWriter, VideoStreamConfig } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { pixelAt } from './frames.ts';
import { markOf } from './picture.ts';
import type { Kind } from './probe-kinds.ts';
import type { PictureOptions } from './probe-pictures.ts';
import { numberedFrame, opaque, tone } from './probe-pictures.ts';
import type { Made } from './writer/making.ts';
import { write, writing } from './writer/making.ts';

/** Reads a whole file with this library. Times are in µs. */
export async function readBack(file: Blob) {
  const pool = new VideoFramePool({ capacity: 3 });
  await using reader = await openVideo(file);
  const { rotation, flip, displayWidth, displayHeight, duration, firstTimestamp } = reader;
  const pictures = [];
  for await (const handle of reader.frames({ pool })) {
    using shown = handle;
    const colorSpace = shown.frame.colorSpace.toJSON();
    const { timestamp, duration: length } = shown;
    const number = markOf(shown.frame, reader);
    pictures.push({ number, timestamp, duration: length, colorSpace });
  }
  pool.assertNoLeaks();
  return { pictures, rotation, flip, displayWidth, displayHeight, duration, firstTimestamp };
}

/** The colour (red, green, blue, up to 255) of each picture of a file at a relative position: x and y from 0 to 1. */
export async function coloursOf(
  file: Blob,
  [x, y]: readonly [number, number] = [0.5, 0.5],
): Promise<number[][]> {
  const pool = new VideoFramePool({ capacity: 3 });
  await using reader = await openVideo(file);
  const { displayWidth: width, displayHeight: height } = reader;
  const context = opaque(width, height);
  const colours: number[][] = [];
  for await (const handle of reader.frames({ pool })) {
    context.drawImage(handle.frame, 0, 0, width, height);
    handle.release();
    colours.push(pixelAt(context, width * x, height * y).slice(0, 3));
  }
  return colours;
}

/** Numbers and times, in µs, of the pictures of a file. */
export const numbersOf = async (file: Blob): Promise<[number: number, timestamp: number][]> =>
  (await readBack(file)).pictures.map(({ number, timestamp }) => [number, timestamp]);

/** A writer that has started a file of a kind. Pictures are 320 × 180 in VP8 by default. */
export const begun = (
  kind: Kind,
  pictures: Partial<VideoStreamConfig> = {},
  options?: Parameters<typeof writing>[0],
): Promise<Made> => writing(options, { width: 320, height: 180, ...pictures }, kind.make());

/** The film to write: pictures with the numbers from 0 on. Times are in µs. */
export interface Film {
  /** Start time of each picture. */
  readonly times: readonly number[];
  /** End time of the last picture. */
  readonly end: number;
}

/** Writes pictures. Only the last one has a duration. */
export async function writeNumbers(
  writer: FrameWriter,
  { times, end }: Film,
  shape: Omit<PictureOptions, 'timestamp' | 'duration'> = {},
): Promise<void> {
  for (const [number, timestamp] of times.entries()) {
    const duration = number === times.length - 1 ? { duration: end - timestamp } : {};
    await write(writer, numberedFrame(number, { timestamp, ...duration, ...shape }));
  }
}

/** Writes a tone from one time to another, in µs. */
export const writeTone = (writer: FrameWriter, from: number, to: number): Promise<void> =>
  write(writer, tone(from, to - from), { stream: 1 });

/** Writes a tone from time 0 on, in pieces. */
export async function writeTones(writer: FrameWriter, until: number): Promise<void> {
  const piece = 100_000;
  for (let at = 0; at < until; at += piece) await writeTone(writer, at, Math.min(until, at + piece));
}
