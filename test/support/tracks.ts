/** Live tracks whose pictures carry numbers in their pixels. */
import { afterEach, expect, onTestFinished } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { trackFrames } from '../../src/index.ts';
import { platformProcessor } from '../../src/tracks/track-processor.ts';
import { frameAccount } from './frame-account.ts';
import { markOf } from './picture.ts';
import { drawNumber } from './probe-pictures.ts';

/** Duration of two pictures at 60 Hz. An engine skips a picture that is painted sooner after the last one. */
const PAUSE_MS = 35;

/** The platform's class, before a test hides it. */
const Processor = platformProcessor();

/**
 * A captured canvas, stopped when the test ends. A picture counts as shown when the witness has received it. The witness reads a
 * clone of the track if the engine has a processor.
 */
export class NumberedCanvas {
  readonly track: MediaStreamTrack;
  readonly #context: CanvasRenderingContext2D;
  readonly #clone: MediaStreamTrack;
  readonly #witness: ReadableStreamDefaultReader<VideoFrame> | null;
  /** Number of pictures shown, which is also the number of the next one. */
  shown = 0;
  /** Number of frames that the witness received. An engine gives the last frame again when another reader starts. */
  witnessed = 0;

  constructor() {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 320, height: 180 });
    const context = canvas.getContext('2d', { alpha: false });
    const [track] = canvas.captureStream().getVideoTracks();
    if (context === null || track === undefined) throw new Error('this canvas cannot be captured');
    this.#context = context;
    this.track = track;
    this.#clone = track.clone();
    const processor = Processor && new Processor({ track: this.#clone, maxBufferSize: 1 });
    this.#witness = processor?.readable.getReader() ?? null;
    onTestFinished(() => this.stop());
  }

  /** Shows the next picture, or several in sequence. */
  async show(count = 1): Promise<void> {
    for (let left = count; left > 0; left--) {
      drawNumber(this.#context, this.shown++);
      while (this.#witness !== null && (await this.#witnessed()) !== this.shown - 1);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** Shows the next picture to a caller that is already waiting for it. */
  async showTo<T>(awaited: Promise<T>): Promise<T> {
    await this.show();
    return awaited;
  }

  /** Shows pictures until the promise settles. An element misses the pictures before it has started to play. */
  async showUntil<T>(awaited: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    awaited.then(settle, settle);
    await this.showWhile(() => !isSettled);
    return awaited;
  }

  /** Shows pictures while the condition holds. An element may skip any of them on a busy machine. */
  async showWhile(holds: () => boolean): Promise<void> {
    while (holds()) await this.show();
  }

  /** The number of the next picture that the witness receives. */
  async #witnessed(): Promise<number> {
    const frame = (await this.#witness?.read())?.value;
    if (frame === undefined) throw new Error('the canvas was stopped');
    this.witnessed++;
    const mark = markOf(frame);
    frame.close();
    return mark;
  }

  /** Ends the track as the app itself does, without an event. */
  stop(): void {
    this.track.stop();
    this.#clone.stop();
  }
}

const readings: AsyncIterableIterator<FrameHandle>[] = [];

afterEach(async () => {
  for (const frames of readings.splice(0)) await frames.return?.();
});

/** Reads a track into a pool, until the test ends. */
export function readTrack(...given: Parameters<typeof trackFrames>): AsyncIterableIterator<FrameHandle> {
  const frames = trackFrames(...given);
  readings.push(frames);
  return frames;
}

/** Simulates an engine without a processor, until the test ends. */
export function hideProcessor(): void {
  const scope = globalThis as { MediaStreamTrackProcessor?: typeof Processor };
  delete scope.MediaStreamTrackProcessor;
  onTestFinished(() => {
    if (Processor !== undefined) scope.MediaStreamTrackProcessor = Processor;
  });
}

/** Takes a frame, and transfers it to the caller. */
export async function hold(frames: AsyncIterator<FrameHandle>): Promise<FrameHandle> {
  const { value } = (await frames.next()) as IteratorResult<FrameHandle, undefined>;
  if (value === undefined) throw new Error('the frames have ended');
  return value;
}

/** Takes a frame, and returns the number in its pixels. */
export async function takeMark(frames: AsyncIterator<FrameHandle>): Promise<number> {
  using handle = await hold(frames);
  return markOf(handle.frame);
}

/** Takes several frames in sequence, and returns their numbers. */
export async function takeMarks(frames: AsyncIterator<FrameHandle>, count: number): Promise<number[]> {
  const marks: number[] = [];
  while (marks.length < count) marks.push(await takeMark(frames));
  return marks;
}

/** Asserts that the track is live and no longer read: only the witness opens frames of the pictures that are shown now. */
export async function expectUnread(canvas: NumberedCanvas): Promise<void> {
  const others = frameAccount().opened - canvas.witnessed;
  await canvas.show(3);
  expect(frameAccount().opened - canvas.witnessed).toBe(others);
  expect(canvas.track.readyState).toBe('live');
}

/** Takes `count` frames, passes each to `look` before its release, and leaves the iteration. Returns their times. */
export async function watch(
  frames: AsyncIterable<FrameHandle>,
  count: number,
  look: (handle: FrameHandle) => void | Promise<void> = () => {},
): Promise<number[]> {
  const times: number[] = [];
  for await (const handle of frames) {
    await look(handle);
    times.push(handle.timestamp);
    handle.release();
    if (times.length === count) break;
  }
  return times;
}

/** Asserts that the times strictly increase. */
export const expectGrowing = (times: readonly number[]): void =>
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));

/** Opens the camera, which is a fake that shows a moving picture. It is stopped when the test ends. */
export async function camera(constraints: MediaTrackConstraints = {}): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: constraints });
  const [track] = stream.getVideoTracks();
  if (track === undefined) throw new Error('there is no camera');
  onTestFinished(() => track.stop());
  return track;
}
