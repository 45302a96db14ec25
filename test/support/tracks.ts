/** Live tracks whose pictures are told apart by the numbers in their pixels. */
import type { FrameHandle } from '../../src/index.ts';
import { platformProcessor } from '../../src/stream/track-processor.ts';
import { markOf } from './picture.ts';
import { drawNumber } from './probe-pictures.ts';

/** Two pictures at 60 Hz: what is painted sooner after the last picture, an engine leaves out. */
const PAUSE_MS = 35;

/** The platform's, before a test hides it. */
const Processor = platformProcessor();

/**
 * A captured canvas. A picture counts as shown when a witness has it, who reads a clone of the track, where
 * there is a way to read it.
 */
export class NumberedCanvas {
  readonly track: MediaStreamTrack;
  readonly #context: CanvasRenderingContext2D;
  readonly #clone: MediaStreamTrack;
  readonly #witness: ReadableStreamDefaultReader<VideoFrame> | null;
  /** How many pictures were shown: the number of the next one. */
  shown = 0;
  /** How many frames the witness was given. An engine gives the last one again when somebody else begins to read. */
  witnessed = 0;

  constructor(width = 320, height = 180) {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d', { alpha: false });
    const [track] = canvas.captureStream().getVideoTracks();
    if (context === null || track === undefined) throw new Error('this canvas cannot be captured');
    this.#context = context;
    this.track = track;
    this.#clone = track.clone();
    const processor = Processor && new Processor({ track: this.#clone, maxBufferSize: 1 });
    this.#witness = processor?.readable.getReader() ?? null;
  }

  /** Shows the next picture, or several one after the other. */
  async show(count = 1): Promise<void> {
    for (let left = count; left > 0; left--) {
      drawNumber(this.#context, this.shown++);
      while (this.#witness !== null && (await this.#witnessed()) !== this.shown - 1);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /**
   * Shows pictures until something comes of it. An element misses those that are shown before it has begun to play.
   */
  async showUntil<T>(awaited: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    awaited.then(settle, settle);
    while (!isSettled) await this.show();
    return awaited;
  }

  /** The number of the next picture that the witness is given. */
  async #witnessed(): Promise<number> {
    const frame = (await this.#witness?.read())?.value;
    if (frame === undefined) throw new Error('the canvas was stopped');
    this.witnessed++;
    const mark = markOf(frame);
    frame.close();
    return mark;
  }

  /** Ends the canvas's part as the app itself would, which no event of the track tells. */
  stop(): void {
    this.track.stop();
    this.#clone.stop();
  }
}

/** Stages an engine that has no processor. Returns what shows it again. */
export function hideProcessor(): () => void {
  const scope = globalThis as { MediaStreamTrackProcessor?: typeof Processor };
  delete scope.MediaStreamTrackProcessor;
  return () => {
    if (Processor !== undefined) scope.MediaStreamTrackProcessor = Processor;
  };
}

/** Takes a frame, and tells the number in its pixels. */
export async function takeMark(frames: AsyncIterator<FrameHandle>): Promise<number> {
  const { value } = (await frames.next()) as IteratorResult<FrameHandle, undefined>;
  if (value === undefined) throw new Error('the frames have ended');
  const mark = markOf(value.frame);
  value.release();
  return mark;
}

/** The camera, which is a fake one and shows a moving picture. The caller stops it. */
export async function camera(constraints: MediaTrackConstraints = {}): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: constraints });
  const [track] = stream.getVideoTracks();
  if (track === undefined) throw new Error('there is no camera');
  return track;
}
