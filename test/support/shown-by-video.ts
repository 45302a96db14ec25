/** Pictures as `<video>` shows them, and the differences of other pictures from them. */
import { onTestFinished } from 'vitest';

/** Maximum difference of a channel (0 to 255) between two ways of one engine to the same picture. */
export const NEAR = 3;

/** The RGBA pixels that `<video>` shows of a file at a time in µs: 0, or a time in a later frame than the first. */
export async function shownByVideo(file: Blob, timestamp: number): Promise<ImageData> {
  const url = URL.createObjectURL(file);
  const video = document.createElement('video');
  onTestFinished(() => {
    // An element that keeps its file also keeps a decoder.
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(url);
  });
  video.muted = true;
  video.preload = 'auto';
  video.src = url;
  await reached(video, 'loadeddata');
  // Either event may be dispatched before the frame can be drawn.
  let shown = drawn(video);
  while (shown.data[3] === 0) shown = await drawnNext(video);
  if (timestamp === 0) return shown;
  const first = shown;
  video.currentTime = timestamp / 1e6;
  await reached(video, 'seeked');
  shown = drawn(video);
  while (farthestChannel(shown, first) === 0) shown = await drawnNext(video);
  return shown;
}

/** Waits for an event of a video, and rejects on its error. */
const reached = (video: HTMLVideoElement, event: 'loadeddata' | 'seeked'): Promise<void> =>
  new Promise((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener('error', () => reject(new Error(video.error?.message ?? 'the video failed')));
  });

const drawnNext = (video: HTMLVideoElement): Promise<ImageData> =>
  new Promise((resolve) => requestAnimationFrame(() => resolve(drawn(video))));

function drawn(video: HTMLVideoElement): ImageData {
  const { videoWidth: width, videoHeight: height } = video;
  const context = drawing(width, height);
  context.drawImage(video, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** Rotates opaque pixels clockwise, and then mirrors them left to right if `flip`. */
export function turnedPixels(
  pixels: ImageData,
  { rotation, flip }: { readonly rotation: number; readonly flip: boolean },
): ImageData {
  const { width, height } = pixels;
  const stored = drawing(width, height);
  stored.putImageData(pixels, 0, 0);
  const [across, down] = rotation % 180 === 0 ? [width, height] : [height, width];
  const context = drawing(across, down);
  context.translate(across / 2, down / 2);
  if (flip) context.scale(-1, 1);
  context.rotate((rotation * Math.PI) / 180);
  context.drawImage(stored.canvas, -width / 2, -height / 2);
  return context.getImageData(0, 0, across, down);
}

function drawing(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  return context;
}

/** RGBA pixels of a picture, row by row. */
export interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** The largest difference of any channel between two pictures; `Infinity` if the sizes differ. */
export function farthestChannel(one: Pixels, other: Pixels): number {
  if (one.width !== other.width || one.height !== other.height) return Infinity;
  let most = 0;
  for (const [at, value] of one.data.entries())
    most = Math.max(most, Math.abs(value - (other.data[at] ?? Infinity)));
  return most;
}
