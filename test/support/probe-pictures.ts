/** Pictures and sound for writers. Every picture carries its number, as in the test clips. */
import { markBlocks, markHeight, MARK_BLOCKS } from '../media/marks.mjs';

/** Options of a picture. Times are in µs. */
export interface PictureOptions {
  readonly timestamp: number;
  readonly duration?: number;
  readonly width?: number;
  readonly height?: number;
  /** Rotation in degrees clockwise that makes the number upright, together with `flip`. */
  readonly rotation?: 0 | 90 | 180 | 270;
  /** Whether the picture must also be mirrored left to right after the rotation. */
  readonly flip?: boolean;
}

/** Draws a picture with its number over the whole canvas. */
export function drawNumber(
  context: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D,
  number: number,
  { rotation = 0, flip = false }: Pick<PictureOptions, 'rotation' | 'flip'> = {},
): void {
  const { width, height } = context.canvas;
  const [across, down] = rotation % 180 === 0 ? [width, height] : [height, width];
  context.save();
  context.translate(width / 2, height / 2);
  context.rotate((-rotation * Math.PI) / 180);
  if (flip) context.scale(-1, 1);
  context.translate(-across / 2, -down / 2);
  context.fillStyle = `hsl(${(number * 37) % 360} 60% 45%)`;
  context.fillRect(0, 0, across, down);
  context.fillStyle = 'white';
  context.fillRect((number * 11) % across, down / 2, across / 8, down / 4);
  const edge = across / MARK_BLOCKS;
  for (const [block, isWhite] of markBlocks(number).entries()) {
    context.fillStyle = isWhite ? 'white' : 'black';
    context.fillRect(block * edge, 0, edge + 1, markHeight(down));
  }
  context.restore();
}

/** Makes the 2D context of an opaque canvas. */
export function opaque(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false });
  if (context === null) throw new Error('no 2D context');
  return context;
}

/** Makes a frame of a canvas, owned by the caller. */
export function numberedFrame(
  number: number,
  { width = 320, height = 180, rotation = 0, flip = false, ...times }: PictureOptions,
): VideoFrame {
  const context = opaque(width, height);
  drawNumber(context, number, { rotation, flip });
  return new VideoFrame(context.canvas, times);
}

/** Makes a frame of planes in limited range, with its own colour space. The caller owns it. */
export function numberedPlanes(
  number: number,
  { width = 320, height = 180, ...times }: Omit<PictureOptions, 'rotation' | 'flip'>,
  init: Partial<VideoFrameBufferInit>,
): VideoFrame {
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const data = new Uint8Array(width * height + 2 * chroma).fill(128);
  const blocks = markBlocks(number);
  const strip = markHeight(height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isWhite = blocks[Math.floor((x * MARK_BLOCKS) / width)] === true;
      data[y * width + x] = y >= strip ? 60 + ((x + y + number) % 100) : isWhite ? 235 : 16;
    }
  }
  return new VideoFrame(data, { format: 'I420', codedWidth: width, codedHeight: height, ...times, ...init });
}

/** Sample rate of all sound here, in Hz. */
export const SAMPLE_RATE = 48_000;

/** Makes a tone of this duration in µs, owned by the caller. */
export function tone(timestamp: number, duration: number): AudioData {
  const numberOfFrames = Math.round((duration * SAMPLE_RATE) / 1e6);
  const first = (timestamp * SAMPLE_RATE) / 1e6;
  const data = Float32Array.from(
    { length: numberOfFrames },
    (_, at) => 0.5 * Math.sin(((first + at) * 2 * Math.PI * 440) / SAMPLE_RATE),
  );
  const shape = { format: 'f32-planar', sampleRate: SAMPLE_RATE, numberOfChannels: 1 } as const;
  return new AudioData({ ...shape, numberOfFrames, timestamp, data });
}
