/** Files written by `FrameWriter`, and read back by `openVideo()`. */
import type { Target } from 'mediabunny';
import { BufferTarget } from 'mediabunny';
import { VideoFramePool } from '../../src/index.ts';
import type { VideoReader, VideoStreamConfig } from '../../src/media/index.ts';
import { FrameWriter, openVideo } from '../../src/media/index.ts';
import { readMark } from './marks.ts';
import type { Kind } from './probe-kinds.ts';
import { numberedFrame, SAMPLE_RATE, tone } from './probe-pictures.ts';

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

/** A stream of pictures, 320 × 180 unless another size is given. */
export type Pictures = Partial<VideoStreamConfig> & Pick<VideoStreamConfig, 'codec'>;

/** A writer into memory that has begun, of pictures as stream 0 and Opus as stream 1 where there is sound. */
export async function begun(
  kind: Kind,
  pictures: Pictures,
  { hasSound = false } = {},
): Promise<{ writer: FrameWriter; file(): Promise<Blob> }> {
  const target = new BufferTarget();
  const writer = await begunInto(target, kind, pictures, hasSound);
  const file = async (): Promise<Blob> => {
    await writer.finalize();
    if (target.buffer === null) throw new Error('the target has no bytes');
    return new Blob([target.buffer]);
  };
  return { writer, file };
}

/** As `begun()`, into any target. */
export async function begunInto(
  target: Target,
  kind: Kind,
  pictures: Pictures,
  hasSound = false,
): Promise<FrameWriter> {
  const writer = new FrameWriter({ format: kind.make(), target });
  await writer.addVideoStream({ width: 320, height: 180, ...pictures });
  if (hasSound) {
    await writer.addAudioStream({ codec: 'opus', numberOfChannels: 1, sampleRate: SAMPLE_RATE });
  }
  await writer.beginWriting();
  return writer;
}

/** Writes a frame that this call takes over. */
export async function writeFrame(writer: FrameWriter, frame: VideoFrame): Promise<void> {
  const written = writer.writeSample(0, frame);
  frame.close();
  await written;
}

/** Writes a tone from one time to another, in µs. */
export async function writeTone(writer: FrameWriter, from: number, to: number): Promise<void> {
  const sound = tone(from, to - from);
  const written = writer.writeSample(1, sound);
  sound.close();
  await written;
}

/** Writes a tone from time 0 on, in pieces. */
export async function writeTones(writer: FrameWriter, until: number): Promise<void> {
  const piece = 100_000;
  for (let at = 0; at < until; at += piece) await writeTone(writer, at, Math.min(until, at + piece));
}

/** Writes pictures with the numbers from 0 on, at these times in µs; only the last one says how long it is shown. */
export async function writeNumbers(
  writer: FrameWriter,
  times: readonly number[],
  {
    lastDuration,
    ...shape
  }: { lastDuration: number; width?: number; height?: number; rotation?: 0 | 90 | 180 | 270 },
): Promise<void> {
  for (const [number, timestamp] of times.entries()) {
    const isLast = number === times.length - 1;
    const options = { timestamp, ...(isLast ? { duration: lastDuration } : {}), ...shape };
    await writeFrame(writer, numberedFrame(number, options));
  }
}
