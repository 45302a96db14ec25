/** The picture: draws a frame upright and at its real proportions. */
import type { FrameHandle } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { element } from './elements.ts';
import type { Orientation } from './upright.ts';
import { drawUpright } from './upright.ts';

/** Where the picture is. */
export const screen = element('screen', HTMLCanvasElement);
const context = screen.getContext('2d');

/** Sets the canvas to the upright picture's size. */
export function fitScreen({ displayWidth, displayHeight }: VideoReader): void {
  screen.width = displayWidth;
  screen.height = displayHeight;
}

/** Sets the canvas to a frame's size, where it has another: a camera that is turned gives others in mid-stream. */
export function fitFrame({ frame: { displayWidth, displayHeight } }: FrameHandle): void {
  if (screen.width !== displayWidth) screen.width = displayWidth;
  if (screen.height !== displayHeight) screen.height = displayHeight;
}

/** Shows nothing, at the size that it has. */
export function clearScreen(): void {
  context?.clearRect(0, 0, screen.width, screen.height);
}

/** Draws a frame; it is only read. Its own size may differ from the canvas's, when a stream changes size. */
export function draw({ frame }: FrameHandle, orientation: Orientation): void {
  if (context !== null) drawUpright(context, frame, orientation, screen.width, screen.height);
}

/** When the page paints next, in milliseconds; while the page is hidden, when it is shown again. */
export function nextPaint(signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancelAnimationFrame(request);
      reject(signal.reason as Error);
    };
    const request = requestAnimationFrame((now) => {
      signal.removeEventListener('abort', onAbort);
      resolve(now);
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
