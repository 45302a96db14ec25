/** Screen of the player: draws a frame upright and with the correct aspect ratio. */
import type { FrameHandle } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { element } from './elements.ts';
import type { Orientation } from './upright.ts';
import { drawUpright } from './upright.ts';

/** Canvas that shows the current frame. */
export const screen = element('screen', HTMLCanvasElement);
const context = screen.getContext('2d');

/** Sets the canvas to the size of the upright video. */
export function fitScreen({ displayWidth, displayHeight }: VideoReader): void {
  screen.width = displayWidth;
  screen.height = displayHeight;
}

/** Sets the canvas to a frame's size if it differs: a camera that is rotated changes the size of its frames. */
export function fitFrame({ frame: { displayWidth, displayHeight } }: FrameHandle): void {
  if (screen.width !== displayWidth) screen.width = displayWidth;
  if (screen.height !== displayHeight) screen.height = displayHeight;
}

/** Clears the canvas and keeps its size. */
export function clearScreen(): void {
  context?.clearRect(0, 0, screen.width, screen.height);
}

/** Draws a frame, which is only read. Its size may differ from the canvas if a stream changes size. */
export function draw({ frame }: FrameHandle, orientation: Orientation): void {
  if (context !== null) drawUpright(context, frame, orientation, screen.width, screen.height);
}

/** Resolves with the time of the next paint, in ms. In a hidden page it waits until the page is visible. */
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
