/** Files written by `FrameWriter`, and read back by `openVideo()`. */
import { VideoFramePool } from '../../src/index.ts';
import type { FrameWriter, VideoReader, VideoStreamConfig } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { readMark } from './marks.ts';
import type { Kind } from './probe-kinds.ts';
import type { PictureOptions } from './probe-pictures.ts';
import { numberedFrame, tone } from './probe-pictures.ts';
import type { Made } from './writer/making.ts';
import { write, writing } from './writer/making.ts';

/** A picture that was read: what is in its pixels, and its times in µs. */
export interface ReadPicture {
  readonly number: number;
  /** Red, green and blue, up to 255, below the middle of the picture. */
  readonly ground: readonly number[];
  readonly timestamp: number;
  readonly duration: number | null;
  readonly colorSpace: VideoColorSpaceInit;
}

/** A file as it was read back. */
export interface ReadBack extends Pick<
  VideoReader,
  'codec' | 'rotation' | 'displayWidth' | 'displayHeight' | 'duration' | 'firstTimestamp'
> {
  readonly pictures: readonly ReadPicture[];
}

/** What stands upright in a frame that must be turned. */
function seen(frame: VideoFrame, rotation: number): Pick<ReadPicture, 'number' | 'ground'> {
  const { displayWidth, displayHeight } = frame;
  const [width, height] =
    rotation % 180 === 0 ? [displayWidth, displayHeight] : [displayHeight, displayWidth];
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  context.translate(width / 2, height / 2);
  context.rotate((rotation * Math.PI) / 180);
  context.drawImage(frame, -displayWidth / 2, -displayHeight / 2, displayWidth, displayHeight);
  const pixels = context.getImageData(0, 0, width, height);
  const ground = (Math.floor(height * 0.9) * width + Math.floor(width / 2)) * 4;
  return { number: readMark(pixels), ground: [...pixels.data.subarray(ground, ground + 3)] };
}

/** Reads all of a file by this library. */
export async function readBack(file: Blob): Promise<ReadBack> {
  const pool = new VideoFramePool({ capacity: 3 });
  await using reader = await openVideo(file);
  const pictures: ReadPicture[] = [];
  for await (const handle of reader.frames({ pool })) {
    using shown = handle;
    const { timestamp, duration } = shown;
    const colorSpace = shown.frame.colorSpace.toJSON();
    pictures.push({ ...seen(shown.frame, reader.rotation), timestamp, duration, colorSpace });
  }
  pool.assertNoLeaks();
  const { codec, rotation, displayWidth, displayHeight, duration, firstTimestamp } = reader;
  return { pictures, codec, rotation, displayWidth, displayHeight, duration, firstTimestamp };
}

/** Numbers and times, in µs, of the pictures of a file. */
export const numbersOf = async (file: Blob): Promise<[number: number, timestamp: number][]> =>
  (await readBack(file)).pictures.map(({ number, timestamp }) => [number, timestamp]);

/** A writer that has begun a file of a kind. Pictures are 320 × 180 by VP8 unless the stream says otherwise. */
export const begun = (
  kind: Kind,
  pictures: Partial<VideoStreamConfig> = {},
  options?: Parameters<typeof writing>[0],
): Promise<Made> => writing(options, { width: 320, height: 180, ...pictures }, kind.make());

/** What is written: pictures with the numbers from 0 on. Times in µs. */
export interface Film {
  /** When each picture begins. */
  readonly times: readonly number[];
  /** When the last one ends. */
  readonly end: number;
}

/** Writes pictures, of which only the last one says how long it is shown. */
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
