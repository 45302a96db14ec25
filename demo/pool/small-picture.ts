/** Small pictures of frames, upright and whole. */

/** Size in pixels; the page shows them smaller, so that they are sharp on dense screens too. */
const WIDTH = 160;
const HEIGHT = 90;

/** By how many degrees clockwise a film is turned when shown. */
export type Rotation = 0 | 90 | 180 | 270;

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
  draw(frame: VideoFrame, rotation: Rotation): void {
    const context = this.#context;
    if (context === null) return;
    const { displayWidth, displayHeight } = frame;
    const sideways = rotation % 180 !== 0;
    const scale = Math.min(
      WIDTH / (sideways ? displayHeight : displayWidth),
      HEIGHT / (sideways ? displayWidth : displayHeight),
    );
    const across = displayWidth * scale;
    const down = displayHeight * scale;
    this.clear();
    context.save();
    context.translate(WIDTH / 2, HEIGHT / 2);
    context.rotate((rotation * Math.PI) / 180);
    context.drawImage(frame, -across / 2, -down / 2, across, down);
    context.restore();
  }

  /** Shows nothing. */
  clear(): void {
    this.#context?.clearRect(0, 0, WIDTH, HEIGHT);
  }
}
