/** One place of the film strip: a button with a picture in it, and the share of the canvas that the picture came from. */
import type { CanvasStorage, FrameHandle } from '../../src/index.ts';
import { clock, shortClock } from '../view/time.ts';

/** Size of every thumbnail in pixels; the page shows it smaller, so that it is sharp on dense screens too. */
export const THUMBNAIL = { width: 160, height: 90 } as const;

const SECOND = 1_000_000;

/** A button that shows what is seen at a time of the video. */
export class Thumbnail {
  /** For the page. */
  readonly button = document.createElement('button');
  readonly #context: CanvasRenderingContext2D | null;
  #picture: FrameHandle<CanvasStorage> | null = null;
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

  /** In µs. */
  get time(): number {
    return this.#time;
  }

  /**
   * Stands for a time, still without a picture.
   *
   * @param time - In µs.
   * @param step - How far the next thumbnail is, in µs: names of times less than a second apart have hundredths.
   */
  standFor(time: number, step: number): void {
    this.#time = time;
    this.button.disabled = false;
    this.button.setAttribute('aria-label', `Seek to ${step < SECOND ? clock(time) : shortClock(time)}`);
  }

  /** Shows a picture. The share is the thumbnail's from here on, until `clear()`. */
  show(picture: FrameHandle<CanvasStorage>): void {
    this.#picture?.release();
    this.#picture = picture;
    this.#context?.drawImage(picture.canvas, 0, 0);
    this.button.dataset['time'] = String(picture.timestamp);
  }

  /** Marks it as the part of the video that is on the screen, or not. */
  mark(isCurrent: boolean): void {
    if (isCurrent) this.button.setAttribute('aria-current', 'true');
    else this.button.removeAttribute('aria-current');
  }

  /** Gives its share back and stands for nothing. */
  clear(): void {
    this.#picture?.release();
    this.#picture = null;
    this.#context?.clearRect(0, 0, THUMBNAIL.width, THUMBNAIL.height);
    this.mark(false);
    this.button.disabled = true;
    this.button.setAttribute('aria-label', 'No picture yet');
    delete this.button.dataset['time'];
  }
}
