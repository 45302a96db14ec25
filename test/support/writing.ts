/** A writer into memory, and what is in the file in the end. */
import type { OutputFormat } from 'mediabunny';
import { BufferTarget, WebMOutputFormat } from 'mediabunny';
import { VideoFramePool } from '../../src/index.ts';
import type { FrameWriterOptions, SampleInfo, VideoStreamConfig } from '../../src/media/index.ts';
import { FrameWriter, openVideo } from '../../src/media/index.ts';

export const WIDTH = 320;
export const HEIGHT = 180;

/** A writer with one stream of pictures, which is writing, and the file that it has written once it has ended. */
export async function writingTo(
  format: OutputFormat = new WebMOutputFormat(),
  config: Partial<VideoStreamConfig> = {},
  options: Partial<FrameWriterOptions> = {},
): Promise<{ writer: FrameWriter; file(): Blob }> {
  const target = new BufferTarget();
  const writer = new FrameWriter({ format, target, ...options });
  await writer.addVideoStream({ codec: 'vp8', width: WIDTH, height: HEIGHT, ...config });
  await writer.beginWriting();
  return {
    writer,
    file() {
      if (target.buffer === null) throw new Error('nothing was written');
      return new Blob([target.buffer]);
    },
  };
}

/** Writes a frame that is nobody else's, and closes it. */
export function put(writer: FrameWriter, frame: VideoFrame, info: SampleInfo = {}): Promise<void> {
  const written = writer.writeSample(0, frame, info);
  frame.close();
  return written;
}

/** The colour in the middle of each picture of a file, as a canvas shows it. */
export async function shownColours(file: Blob): Promise<number[][]> {
  const pool = new VideoFramePool({ capacity: 3 });
  await using reader = await openVideo(file);
  const context = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  const colours: number[][] = [];
  for await (const handle of reader.frames({ pool })) {
    context.drawImage(handle.frame, 0, 0, WIDTH, HEIGHT);
    handle.release();
    colours.push(Array.from(context.getImageData(WIDTH / 2, HEIGHT / 2, 1, 1).data.subarray(0, 3)));
  }
  return colours;
}

/** A frame of a canvas of one colour. */
export function filled(color: string, timestamp: number, width = WIDTH, height = HEIGHT): VideoFrame {
  const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false });
  if (context === null) throw new Error('no 2D context');
  context.fillStyle = color;
  context.fillRect(0, 0, width, height);
  return new VideoFrame(context.canvas, { timestamp });
}

/** A frame of planes of one colour. */
export function planes(
  [y, u, v]: readonly [number, number, number],
  timestamp: number,
  colorSpace: VideoColorSpaceInit,
  width = WIDTH,
  height = HEIGHT,
): VideoFrame {
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const data = new Uint8Array(width * height + 2 * chroma).fill(y);
  data.fill(u, width * height, width * height + chroma);
  data.fill(v, width * height + chroma);
  return new VideoFrame(data, {
    format: 'I420',
    codedWidth: width,
    codedHeight: height,
    timestamp,
    colorSpace,
  });
}
