/** Small pictures of frames, upright and whole. */
import type { Orientation } from '../view/upright.ts';
import { drawUpright, uprightSize } from '../view/upright.ts';

/** Size in pixels; the page shows them smaller, so that they are sharp on dense screens too. */
const WIDTH = 160;
const HEIGHT = 90;

/** A canvas, and the picture on it. Words for who does not see it stand beside it. */
export class SmallPicture {
  /** For the page. */
  readonly canvas = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D | null;

  constructor() {
    this.canvas.width = WIDTH;
    this.canvas.height = HEIGHT;
    this.canvas.setAttribute('aria-hidden', 'true');
    this.#context = this.canvas.getContext('2d');
  }

  /** Draws a frame; it is only read. */
  draw(frame: VideoFrame, orientation: Orientation): void {
    if (this.#context === null) return;
    const [width, height] = uprightSize(frame.displayWidth, frame.displayHeight, orientation);
    const scale = Math.min(WIDTH / width, HEIGHT / height);
    this.clear();
    drawUpright(this.#context, frame, orientation, width * scale, height * scale);
  }

  /** Shows nothing. */
  clear(): void {
    this.#context?.clearRect(0, 0, WIDTH, HEIGHT);
  }
}
