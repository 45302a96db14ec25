/** One half of the comparison: the current frame, the last six frames and a status line. */
import { element } from '../../view/elements.ts';
import { showText } from '../show-text.ts';
import { THUMBNAIL, THUMBNAILS } from './loop-options.ts';

/** Time without a frame after which playback counts as frozen, in ms. */
const FROZEN_MS = 1000;

/** The count is updated at this interval of frames: text that changes with each frame is unreadable. */
const COUNTED = 10;

/** Display of one loop. */
export class Side {
  readonly #screen: CanvasRenderingContext2D | null;
  readonly #thumbnails: CanvasRenderingContext2D | null;
  readonly #text: HTMLElement;
  readonly #countText: HTMLElement;
  readonly #figure: HTMLElement;
  readonly #frozenText: string;
  #count = 0;
  #watch: ReturnType<typeof setTimeout> | undefined;

  /** @param frozenText - Status after a second without a frame. */
  constructor(id: 'naive' | 'pooled', frozenText: string) {
    this.#figure = element(`${id}-side`, HTMLElement);
    this.#screen = element(`${id}-screen`, HTMLCanvasElement).getContext('2d');
    const thumbnails = element(`${id}-thumbnails`, HTMLCanvasElement);
    thumbnails.width = THUMBNAIL.width * THUMBNAILS;
    thumbnails.height = THUMBNAIL.height;
    this.#thumbnails = thumbnails.getContext('2d');
    this.#text = element(`${id}-text`, HTMLElement);
    this.#countText = element(`${id}-count`, HTMLElement);
    this.#frozenText = frozenText;
  }

  /** Number of frames shown. */
  get count(): number {
    return this.#count;
  }

  /** Whether playback is frozen. */
  get isFrozen(): boolean {
    return this.#figure.dataset['state'] === 'frozen';
  }

  /** Clears the last run while the clip is loading. */
  clear(): void {
    this.#count = 0;
    for (const context of [this.#screen, this.#thumbnails])
      context?.clearRect(0, 0, context.canvas.width, context.canvas.height);
    this.#showCount();
    this.#setState('loading', 'Loading the clip');
  }

  /** Starts waiting for the first frame. */
  begin(): void {
    this.#setState('playing', 'Playing');
    this.#expectFrame();
  }

  /** Shows a frame and the last six frames, which are only read. */
  show(frame: CanvasImageSource, last: readonly CanvasImageSource[]): void {
    const { width, height } = THUMBNAIL;
    this.#count++;
    if (this.#screen !== null)
      this.#screen.drawImage(frame, 0, 0, this.#screen.canvas.width, this.#screen.canvas.height);
    for (const [index, one] of last.entries())
      this.#thumbnails?.drawImage(one, index * width, 0, width, height);
    if (this.#count % COUNTED === 0) this.#showCount();
    this.#setState('playing', 'Playing');
    this.#expectFrame();
  }

  /** Shows the final status. */
  end(status: string): void {
    clearTimeout(this.#watch);
    this.#showCount();
    this.#setState('over', status);
  }

  #expectFrame(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      this.#showCount();
      this.#setState('frozen', this.#frozenText);
    }, FROZEN_MS);
  }

  #showCount(): void {
    showText(this.#countText, `${this.#count} frames`);
  }

  #setState(state: 'loading' | 'playing' | 'frozen' | 'over', status: string): void {
    this.#figure.dataset['state'] = state;
    showText(this.#text, status);
  }
}
