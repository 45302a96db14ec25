/** Thumbnail canvas: shows a whole frame, upright. */
import type { Orientation } from '../view/upright.ts';
import { drawUpright, uprightSize } from '../view/upright.ts';

/** Size in pixels. The page shows it smaller, so that it is sharp on high-density screens. */
const WIDTH = 160;
const HEIGHT = 90;

/** A canvas with one thumbnail. Its text alternative is next to it. */
export class ThumbnailCanvas {
  /** Element for the page. */
  readonly canvas = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D | null;

  constructor() {
    this.canvas.width = WIDTH;
    this.canvas.height = HEIGHT;
    this.canvas.setAttribute('aria-hidden', 'true');
    this.#context = this.canvas.getContext('2d');
  }

  /** Draws a frame, which is only read. */
  draw(frame: VideoFrame, orientation: Orientation): void {
    if (this.#context === null) return;
    const [width, height] = uprightSize(frame.displayWidth, frame.displayHeight, orientation);
    const scale = Math.min(WIDTH / width, HEIGHT / height);
    this.clear();
    drawUpright(this.#context, frame, orientation, width * scale, height * scale);
  }

  /** Clears the canvas. */
  clear(): void {
    this.#context?.clearRect(0, 0, WIDTH, HEIGHT);
  }
}
