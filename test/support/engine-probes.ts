/** Feature probes that test the current engine by trying each feature. */
import { VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { collect, collector } from './accounting.ts';
import type { Answer, FactName } from './engine-facts.mjs';
import { colourFrame, pixelAt } from './frames.ts';
import { clipBlob, trackOf } from './packets.ts';
import { painted, readsTrack, showsTrack } from './probe-tracks.ts';
import { ask, sendsFrames, sendsStreams } from './probe-worker.ts';
import { farthestChannel, NEAR, shownByVideo, turnedPixels } from './shown-by-video.ts';
import { outcomeOf, tasks } from './streams.ts';
import { withTrackMatrix } from './track-matrix.ts';
import { SOUND, sound } from './writer/making.ts';

/** Width and height of small frames, in pixels. */
const SIDE = 16;

const ORANGE = [200, 90, 30] as const;

/** Whether the action neither throws nor rejects. */
const works = async (deed: () => unknown): Promise<boolean> => {
  try {
    await deed();
    return true;
  } catch {
    return false;
  }
};

/** Examines the first frame of a decoder. Null if no frame is put out. */
async function decoded<T>(file: string, look: (frame: VideoFrame) => T): Promise<T | null> {
  const { config, chunks } = await trackOf(file, 8);
  const seen: T[] = [];
  const decoder = new VideoDecoder({
    output(frame) {
      seen.push(look(frame));
      frame.close();
    },
    error() {},
  });
  await works(() => {
    decoder.configure(config);
    for (const chunk of chunks) decoder.decode(chunk);
    return decoder.flush();
  });
  if (decoder.state !== 'closed') decoder.close();
  return seen[0] ?? null;
}

const decodes = (file: string) => async (): Promise<boolean> => (await decoded(file, () => true)) ?? false;

/** Whether a frame can be made from grey memory of a format, and has that format. */
const makes =
  (format: VideoPixelFormat, bytes: number, side = SIDE) =>
  (): Promise<boolean> =>
    works(() => {
      const init = { format, codedWidth: side, codedHeight: side, timestamp: 0 };
      const frame = new VideoFrame(new Uint8Array(bytes), init);
      const made = frame.format;
      frame.close();
      if (made !== format) throw new Error(`it is ${made}`);
    });

/**
 * Whether an encoder gives chunks for its samples, and no error. The video and audio classes share these members, so one type
 * stands for both.
 */
async function encodes(
  type: typeof VideoEncoder,
  config: VideoEncoderConfig,
  samples: readonly VideoFrame[],
): Promise<boolean> {
  // WebKitGTK aborts if the first call of a page is an encoder's.
  await VideoDecoder.isConfigSupported({ codec: 'vp8' });
  let chunks = 0;
  let hasFailed = false;
  const encoder = new type({ output: () => void chunks++, error: () => void (hasFailed = true) });
  const isFlushed = await works(() => {
    encoder.configure(config);
    for (const sample of samples) encoder.encode(sample);
    return encoder.flush();
  });
  for (const sample of samples) sample.close();
  if (encoder.state !== 'closed') encoder.close();
  return chunks > 0 && isFlushed && !hasFailed;
}

/** Whether two pictures become chunks. The size is even, and valid for every encoder. */
const encodesPictures = (codec: string) => (): Promise<boolean> => {
  const size = { width: 320, height: 180 };
  const frames = [0, 40_000].map((timestamp) => colourFrame([60, 90, 120], { ...size, timestamp }));
  return encodes(VideoEncoder, { codec, ...size, bitrate: 500_000 }, frames);
};

/**
 * Whether a tenth of a second of silence becomes chunks. This is enough for an encoder that keeps 20 ms back and adds padding.
 */
const encodesSound = (codec: string) => (): Promise<boolean> => {
  const config = { ...SOUND, codec, bitrate: 64_000 } as unknown as VideoEncoderConfig;
  return encodes(AudioEncoder as unknown as typeof VideoEncoder, config, [sound(0) as unknown as VideoFrame]);
};

/** Whether a black I420 frame becomes 0 0 0 255 everywhere in RGBA. The destination memory begins with other values. */
async function convertsToRgba(): Promise<boolean> {
  const size = SIDE * SIDE;
  const planes = new Uint8Array(size * 1.5).fill(16, 0, size).fill(128, size);
  const frame = new VideoFrame(planes, { format: 'I420', codedWidth: SIDE, codedHeight: SIDE, timestamp: 0 });
  const pixels = new Uint8Array(size * 4).fill(7);
  const isRight = await works(async () => {
    await frame.copyTo(pixels, { format: 'RGBA' });
    if (!pixels.every((value, at) => Math.abs(value - (at % 4 === 3 ? 255 : 0)) < 4))
      throw new Error('wrong');
  });
  frame.close();
  return isRight;
}

/** Whether an I420A frame with alpha 0 everywhere leaves a canvas unchanged. */
async function drawsPlanarAlpha(): Promise<boolean> {
  const size = SIDE * SIDE;
  const planes = new Uint8Array(size * 2.5).fill(128, 0, size * 1.5);
  const context = drawing();
  const isMade = await works(() => {
    const format = 'I420A';
    const frame = new VideoFrame(planes, { format, codedWidth: SIDE, codedHeight: SIDE, timestamp: 0 });
    context.drawImage(frame, 0, 0);
    frame.close();
  });
  return isMade && pixelAt(context, 8, 8)[3] === 0;
}

/** The format of the first frame of a transparent file of I420. */
async function firstTransparent(): Promise<string> {
  const pool = new VideoFramePool({ capacity: 1 });
  await using reader = await openVideo(await clipBlob('vp8_alpha.webm'));
  const handle = await reader.frameAt(0, { pool });
  const { format } = handle.frame;
  handle.release();
  return format ?? 'none';
}

/** Whether a frame transfers its memory, so that the caller loses it. */
function takesMemory(): boolean {
  const { buffer } = new Uint8Array(SIDE * SIDE * 4);
  const init = { format: 'RGBA', codedWidth: SIDE, codedHeight: SIDE, timestamp: 0 } as const;
  // TypeScript lacks `transfer` here.
  new VideoFrame(buffer, { ...init, transfer: [buffer] } as VideoFrameBufferInit).close();
  return buffer.byteLength === 0;
}

/** Whether a frame that is stored upright and has a rotation of 90° reports a rotated display size. */
function turnsFrames(): boolean {
  const frame = colourFrame(ORANGE, { width: 64, height: 32, rotation: 90 } as object);
  const { displayWidth, displayHeight } = frame;
  frame.close();
  return displayWidth === 32 && displayHeight === 64;
}

/** Whether `<video>` mirrors a picture whose track is mirrored left to right. */
async function mirrorsVideos(): Promise<boolean> {
  const stored = await clipBlob('h264_baseline.mp4');
  const shown = await shownByVideo(await withTrackMatrix(stored, [-1, 0, 0, 1]), 0);
  const mirrored = turnedPixels(await shownByVideo(stored, 0), { rotation: 0, flip: true });
  return farthestChannel(shown, mirrored) <= NEAR;
}

/** Makes the 2D context of a small canvas. */
function drawing(): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d');
  if (context === null) throw new Error('no 2D context');
  return context;
}

/** Whether the right half of a frame can be drawn alone. It is white, and the left half is black. */
function drawsParts(): boolean {
  const context = drawing();
  context.fillRect(0, 0, SIDE, SIDE);
  context.fillStyle = 'white';
  context.fillRect(SIDE / 2, 0, SIDE / 2, SIDE);
  const frame = new VideoFrame(context.canvas, { timestamp: 0 });
  context.drawImage(frame, SIDE / 2, 0, SIDE / 2, SIDE, 0, 0, SIDE, SIDE);
  frame.close();
  const [left = 0] = pixelAt(context, 1, 1);
  return left > 250;
}

/** Whether a frame of a half transparent red canvas keeps the full red. */
function keepsTranslucent(): boolean {
  const context = drawing();
  context.fillStyle = 'rgb(200 100 50 / 50%)';
  context.fillRect(0, 0, SIDE, SIDE);
  const frame = new VideoFrame(context.canvas, { timestamp: 0 });
  const drawn = drawing();
  drawn.drawImage(frame, 0, 0);
  frame.close();
  const [red = 0] = pixelAt(drawn, 8, 8);
  return red > 180;
}

async function collects(): Promise<boolean> {
  if (collector() === null) return false;
  const dropped = new WeakRef((() => ({}))());
  await collect();
  return dropped.deref() === undefined;
}

/** Whether a canvas reports that its context is lost. */
function reportsLostContext(): boolean {
  const context: { isContextLost?(): boolean } | null = new OffscreenCanvas(1, 1).getContext('2d');
  return context?.isContextLost?.() === false;
}

/** Whether streams are iterable. TypeScript assumes that every stream is. */
const iteratesStreams = (): Promise<boolean> =>
  works(async () => {
    const stream = new ReadableStream<number>({ start: (controller) => controller.close() });
    for await (const each of stream) throw new Error(`its pixels were empty, and became ${each}`);
  });

async function hasGpuDevice(): Promise<boolean> {
  const gpu = (navigator as Partial<Navigator>).gpu;
  const device = await (await gpu?.requestAdapter())?.requestDevice();
  device?.destroy();
  return device !== undefined;
}

/** Makes a pipe that reads. `give()` throws if its source has ended, and `written` is the final number of chunks. */
async function pipe() {
  let count = 0;
  let give = (): void => {};
  const readable = new ReadableStream<number>(
    { start: (controller) => void (give = () => controller.enqueue(1)) },
    { highWaterMark: 0 },
  );
  const ending = new AbortController();
  const written = outcomeOf(
    readable.pipeTo(new WritableStream({ write: () => void count++ }), { signal: ending.signal }),
  ).then(() => count);
  await tasks(1);
  return { give, abort: () => ending.abort(), written };
}

/** Whether a chunk is written that arrived in the same task as the abort, before it. */
async function pipesWriteWhatTheyRead(): Promise<boolean> {
  const { give, abort, written } = await pipe();
  give();
  abort();
  return (await written) === 1;
}

/** Whether a source can still give a chunk one task after the pipe was aborted. */
async function pipesReadOn(): Promise<boolean> {
  const { give, abort, written } = await pipe();
  abort();
  await tasks(1);
  const wasTaken = await works(give);
  await written;
  return wasTaken;
}

/** The probe of each fact. */
export const PROBES: Record<FactName, () => Answer | Promise<Answer>> = {
  decodesH264: decodes('h264_baseline.mp4'),
  decodesVp8: decodes('vp8.webm'),
  decodesVp9: decodes('vp9.webm'),
  decodesAv1: decodes('av1.mp4'),
  encodesH264: encodesPictures('avc1.42001f'),
  encodesVp8: encodesPictures('vp8'),
  encodesVp9: encodesPictures('vp09.00.10.08'),
  encodesOpus: encodesSound('opus'),
  encodesAac: encodesSound('mp4a.40.2'),
  decodedFormat: async () => (await decoded('h264_baseline.mp4', ({ format }) => format)) ?? 'none',
  convertsToRgba,
  makesI422: makes('I422', SIDE * SIDE * 2),
  makesI444: makes('I444', SIDE * SIDE * 3),
  // TypeScript lacks the deep formats.
  makesI420P10: makes('I420P10' as VideoPixelFormat, SIDE * SIDE * 3),
  drawsPlanarAlpha,
  transparentFormat: firstTransparent,
  makesOddPlanes: makes('I420', 15 * 15 + 2 * 8 * 8, 15),
  takesMemory,
  turnsFrames,
  drawsParts,
  keepsTranslucent,
  reportsLostContext,
  sendsFrames,
  sendsStreams,
  iteratesStreams,
  pipesWriteWhatTheyRead,
  pipesReadOn,
  readsTracks: () => painted(readsTrack),
  // TypeScript does not know that tracks are transferable.
  readsTracksInWorkers: () => painted((track) => ask({ track }, [track as unknown as Transferable])),
  mirrorsVideos,
  showsTracks: () => painted(showsTrack),
  sharesMemory: () => crossOriginIsolated && new SharedArrayBuffer(8) instanceof SharedArrayBuffer,
  paintsByGpu: () => document.createElement('canvas').getContext('webgl2') !== null,
  hasGpuDevice,
  // The compiler would transform the syntax.
  knowsUsing: () => works(() => Function('{ using nothing = null; }')()),
  collects,
};
