/** Pictures as `<video>` shows them, and how far others are from them. */
import { onTestFinished } from 'vitest';

/** The RGBA pixels that `<video>` shows of a file at a time in µs. */
export async function shownByVideo(file: Blob, timestamp: number): Promise<ImageData> {
  const url = URL.createObjectURL(file);
  const video = document.createElement('video');
  onTestFinished(() => {
    // An element that keeps its file keeps a decoder too.
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(url);
  });
  video.muted = true;
  await new Promise<void>((resolve, reject) => {
    video.addEventListener('error', () => reject(new Error(video.error?.message ?? 'the video failed')));
    video.addEventListener('seeked', () => resolve());
    video.addEventListener('loadeddata', () => (video.currentTime = timestamp / 1e6), { once: true });
    video.preload = 'auto';
    video.src = url;
  });
  const { videoWidth: width, videoHeight: height } = video;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (context === null) throw new Error('no 2D context');
  context.drawImage(video, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** RGBA pixels of a picture, row by row. */
export interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** The most by which a channel of one picture differs from the same one of another; `Infinity` if the sizes differ. */
export function farthestChannel(one: Pixels, other: Pixels): number {
  if (one.width !== other.width || one.height !== other.height) return Infinity;
  return one.data.reduce((most, value, at) => Math.max(most, Math.abs(value - (other.data[at] ?? Infinity))), 0);
}
