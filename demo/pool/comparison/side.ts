/** One half of the comparison: the picture, the last six pictures, and what can be said of them. */
import { element } from '../../view/elements.ts';
import { showText } from '../show-text.ts';
import { THUMBNAIL, THUMBNAILS } from './loop-options.ts';

/** After so long without a picture it is called frozen. */
const FROZEN_MS = 1000;

/** The count is written each so many pictures: text that changes with each of them cannot be read. */
const COUNTED = 10;

/** Where one loop shows what it has. */
export class Side {
  readonly #screen: CanvasRenderingContext2D | null;
  readonly #thumbnails: CanvasRenderingContext2D | null;
  readonly #text: HTMLElement;
  readonly #counted: HTMLElement;
  readonly #figure: HTMLElement;
  readonly #frozenWords: string;
  #count = 0;
  #watch: ReturnType<typeof setTimeout> | undefined;

  /** @param frozenWords - What is said where no picture has come for a second. */
  constructor(id: 'naive' | 'pooled', frozenWords: string) {
    this.#figure = element(`${id}-side`, HTMLElement);
    this.#screen = element(`${id}-screen`, HTMLCanvasElement).getContext('2d');
    const thumbnails = element(`${id}-thumbnails`, HTMLCanvasElement);
    thumbnails.width = THUMBNAIL.width * THUMBNAILS;
    thumbnails.height = THUMBNAIL.height;
    this.#thumbnails = thumbnails.getContext('2d');
    this.#text = element(`${id}-text`, HTMLElement);
    this.#counted = element(`${id}-count`, HTMLElement);
    this.#frozenWords = frozenWords;
  }

  /** How many pictures were shown. */
  get count(): number {
    return this.#count;
  }

  /** Whether no picture comes any more. */
  get isFrozen(): boolean {
    return this.#figure.dataset['state'] === 'frozen';
  }

  /** Nothing of the last run is shown any more: the clip is being loaded. */
  clear(): void {
    this.#count = 0;
    for (const context of [this.#screen, this.#thumbnails])
      context?.clearRect(0, 0, context.canvas.width, context.canvas.height);
    this.#showCount();
    this.#say('loading', 'Loads the clip.');
  }

  /** The first picture is awaited. */
  begin(): void {
    this.#say('playing', 'Plays.');
    this.#expect();
  }

  /** Shows a picture and the last six, which are only read. */
  show(picture: CanvasImageSource, last: readonly CanvasImageSource[]): void {
    const { width, height } = THUMBNAIL;
    this.#count++;
    if (this.#screen !== null)
      this.#screen.drawImage(picture, 0, 0, this.#screen.canvas.width, this.#screen.canvas.height);
    for (const [index, one] of last.entries())
      this.#thumbnails?.drawImage(one, index * width, 0, width, height);
    if (this.#count % COUNTED === 0) this.#showCount();
    this.#say('playing', 'Plays.');
    this.#expect();
  }

  /** Nothing more is to come. */
  end(words: string): void {
    clearTimeout(this.#watch);
    this.#showCount();
    this.#say('over', words);
  }

  #expect(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      this.#showCount();
      this.#say('frozen', this.#frozenWords);
    }, FROZEN_MS);
  }

  #showCount(): void {
    showText(this.#counted, `${this.#count} pictures`);
  }

  #say(state: 'loading' | 'playing' | 'frozen' | 'over', words: string): void {
    this.#figure.dataset['state'] = state;
    showText(this.#text, words);
  }
}
