/** One thumbnail of the film strip: a button with an image, and the share of the canvas that the image came from. */
import type { CanvasStorage, FrameHandle } from '../../src/index.ts';
import { clock, shortClock } from '../view/time.ts';

/** Size in pixels. The page shows it smaller, so that it is sharp on high-density screens. */
export const THUMBNAIL = { width: 160, height: 90 } as const;

const SECOND = 1_000_000;

/** Button that shows and seeks to a time of the video. */
export class Thumbnail {
  /** Element for the page. */
  readonly button = document.createElement('button');
  readonly #context: CanvasRenderingContext2D | null;
  #copy: FrameHandle<CanvasStorage> | null = null;
  #time = 0;

  /** @param seek - Called with the thumbnail's time, in µs, when it is clicked. */
  constructor(seek: (time: number) => void) {
    const canvas = document.createElement('canvas');
    canvas.width = THUMBNAIL.width;
    canvas.height = THUMBNAIL.height;
    this.#context = canvas.getContext('2d');
    this.button.type = 'button';
    this.button.append(canvas);
    this.button.addEventListener('click', () => seek(this.#time));
    this.clear();
  }

  /** Time in µs. */
  get time(): number {
    return this.#time;
  }

  /**
   * Sets the time; the image follows later.
   *
   * @param time - In µs.
   * @param step - Distance to the next thumbnail in µs. Labels show hundredths if it is less than a second.
   */
  setTime(time: number, step: number): void {
    this.#time = time;
    this.button.disabled = false;
    this.button.setAttribute('aria-label', `Seek to ${step < SECOND ? clock(time) : shortClock(time)}`);
  }

  /** Shows a frame. The thumbnail owns the share until `clear()`. */
  show(copy: FrameHandle<CanvasStorage>): void {
    this.#copy?.release();
    this.#copy = copy;
    this.#context?.drawImage(copy.canvas, 0, 0);
    this.button.dataset['time'] = String(copy.timestamp);
  }

  /** Sets whether it represents the current position. */
  mark(isCurrent: boolean): void {
    if (isCurrent) this.button.setAttribute('aria-current', 'true');
    else this.button.removeAttribute('aria-current');
  }

  /** Releases the share and clears the thumbnail. */
  clear(): void {
    this.#copy?.release();
    this.#copy = null;
    this.#context?.clearRect(0, 0, THUMBNAIL.width, THUMBNAIL.height);
    this.mark(false);
    this.button.disabled = true;
    this.button.setAttribute('aria-label', 'No thumbnail yet');
    delete this.button.dataset['time'];
  }
}
