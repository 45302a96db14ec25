/** Transparent files compared with the `<video>` element, over a background, in this thread and in a worker. */
import { describe, expect, test } from 'vitest';
import { openVideo } from '../../src/media/index.ts';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { alphaBlob, alphaOf, seenIn } from '../support/alpha-clips.ts';
import { poolOf } from '../support/decoding.ts';
import { blobAt, clipBlob } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import { WAYS } from '../support/readers.ts';
import { takeAll } from '../support/taking.ts';

/** Tolerance of a pixel against the element's, of 255. */
const NEAR = 3;

/** In µs. Times of WebM are whole milliseconds. */
const ROUNDING = 1_500;

/** A picture over a background of one colour. */
function overBackground(
  source: VideoFrame | HTMLVideoElement,
  width: number,
  height: number,
): Uint8ClampedArray {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  context.fillStyle = 'rgb(10, 200, 90)';
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

/** The element with a file, captured at times in µs. */
async function videoElement(blob: Blob) {
  const video = document.createElement('video');
  video.muted = true;
  const url = URL.createObjectURL(blob);
  const seen = (event: string): Promise<void> =>
    new Promise((resolve, reject) => {
      video.addEventListener(event, () => resolve(), { once: true });
      video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
    });
  const loaded = seen('loadeddata');
  video.src = url;
  await loaded;
  return {
    /** Pixels of the frame of a time, while it is displayed. */
    async at(timestamp: number): Promise<Uint8ClampedArray> {
      const presented = new Promise<void>((resolve) => {
        const look: VideoFrameRequestCallback = (_, { mediaTime }) => {
          if (Math.abs(mediaTime * 1e6 - timestamp) < ROUNDING) resolve();
          else video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
      });
      const sought = seen('seeked');
      video.currentTime = (timestamp + ROUNDING) / 1e6;
      await Promise.all([sought, presented]);
      return overBackground(video, video.videoWidth, video.videoHeight);
    },
    close(): void {
      video.removeAttribute('src');
      video.load();
      URL.revokeObjectURL(url);
    },
  };
}

/** The largest distance of a sample from the other picture's. */
function distance(one: Uint8ClampedArray, other: Uint8ClampedArray): number {
  expect(one.length).toBe(other.length);
  let most = 0;
  for (let at = 0; at < one.length; at++) most = Math.max(most, Math.abs((one[at] ?? 0) - (other[at] ?? 0)));
  return most;
}

/** A file of test/media. The bundler finds files of one folder only. */
const fileBlob = (file: string): Promise<Blob> =>
  file === 'cases/alpha.webm'
    ? blobAt(new URL('../media/cases/alpha.webm', import.meta.url).href)
    : clipBlob(file);

const FILES = ['cases/alpha.webm', 'vp8_alpha.webm', 'vp9_alpha_odd.webm'];

describe.each(WAYS)('$way', ({ open }) => {
  describe.each(FILES)('%s', (file) => {
    test.each([1, 3])('frameAt() shows what <video> shows, at capacity %i', async (capacity) => {
      const pool = poolOf({ capacity });
      await using reader = await open(await fileBlob(file));
      expect(reader.hasAlpha).toBe(true);
      const video = await videoElement(await fileBlob(file));
      for (const time of [1_010_000, 510_000, 10_000, 1_910_000]) {
        const handle = await reader.frameAt(time, { pool });
        const { frame } = handle;
        expect(frame.format).toBe('I420A');
        const shown = overBackground(frame, frame.displayWidth, frame.displayHeight);
        expect(distance(shown, await video.at(handle.timestamp)), `at ${time} µs`).toBeLessThanOrEqual(NEAR);
        handle.release();
      }
      video.close();
    });

    test.each([1, 3])('frames() gives every frame, at capacity %i', async (capacity) => {
      const pool = poolOf({ capacity });
      await using reader = await open(await fileBlob(file));
      const alphas = new Set<number>();
      const seen = await takeAll(reader.frames({ pool }), ({ timestamp, frame }) => {
        expect(frame.format).toBe('I420A');
        const { width = 0, height = 0 } = frame.visibleRect ?? {};
        expect([width, height]).toEqual([reader.displayWidth, reader.displayHeight]);
        const pixels = drawn(frame);
        for (let at = 3; at < pixels.length; at += 4 * 37) alphas.add(pixels[at] ?? 0);
        return timestamp;
      });
      expect(seen.length).toBe(file.startsWith('cases') ? 90 : 60);
      expect([alphas.has(0), alphas.has(255)]).toEqual([true, true]);
    });

    test('alpha: discard gives opaque frames', async () => {
      const pool = poolOf({ capacity: 2 });
      await using reader = await open(await fileBlob(file), { alpha: 'discard' });
      expect(reader.hasAlpha).toBe(true);
      const handle = await reader.frameAt(500_000, { pool });
      expect(handle.frame.format).toBe('I420');
      handle.release();
    });
  });

  test.each(['vp8_alpha.webm', 'vp9_alpha_odd.webm'])('%s has its numbers in its pixels', async (file) => {
    const pool = poolOf({ capacity: 4 });
    await using reader = await open(await fileBlob(file));
    const timestamps: number[] = [];
    const numbers = await takeAll(reader.frames({ pool }), ({ timestamp, frame }) => {
      timestamps.push(timestamp);
      return markOf(frame);
    });
    expect(timestamps).toEqual(timestampsOf(clip(file)));
    expect(numbers).toEqual(numbersOf(clip(file)));
  });
});

/** RGBA pixels on a transparent canvas. */
function drawn(frame: VideoFrame): Uint8ClampedArray {
  const { displayWidth: width, displayHeight: height } = frame;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context?.drawImage(frame, 0, 0);
  return context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
}

describe('alpha whose first packet is not a key frame', () => {
  test('is opaque up to its first key frame', async () => {
    const blob = await alphaBlob({ frames: 20, alphaKeys: [10], hasAlpha: (number) => number > 0 });
    const pool = poolOf({ capacity: 2 });
    await using reader = await openVideo(blob);
    const alphas = await takeAll(reader.frames({ pool }), ({ frame }) => seenIn(frame).alpha);
    expect(alphas.slice(0, 10)).toEqual(Array(10).fill(255));
    for (const [number, alpha] of alphas.entries())
      if (number >= 10) expect(Math.abs(alpha - alphaOf(number))).toBeLessThanOrEqual(NEAR);
  });
});
