/** One slot as the page shows it: a small picture, and whoever holds it. */
import type { HolderReport } from '../../src/index.ts';
import { shortClock } from '../view/time.ts';
import type { Orientation } from '../view/upright.ts';
import { showText } from './show-text.ts';
import { SmallPicture } from './small-picture.ts';

const WORDS = { free: 'free', reserved: 'decoding' };

/** An item of the list of slots. */
export class SlotCell {
  /** For the page. */
  readonly item = document.createElement('li');
  readonly #picture = new SmallPicture();
  readonly #names = document.createElement('span');
  #drawn = NaN;

  constructor() {
    this.item.append(this.#picture.canvas, this.#names);
  }

  /** Time of the frame whose picture it shows, in µs; NaN where there is none. */
  get drawn(): number {
    return this.#drawn;
  }

  /** Draws the frame of this time; it is only read. */
  draw(frame: VideoFrame, timestamp: number, orientation: Orientation): void {
    this.#picture.draw(frame, orientation);
    this.#drawn = timestamp;
  }

  /** Says what the slot is now; the picture of an earlier loan is only hinted at. */
  show(reports: readonly HolderReport[]): void {
    const state = reports[0]?.state ?? 'free';
    const { dataset } = this.item;
    dataset['state'] = state;
    const time = state === 'lent' ? reports[0]?.timestamp : undefined;
    dataset['picture'] = time !== undefined && time === this.#drawn ? 'now' : 'before';
    if (time === undefined) delete dataset['clock'];
    else dataset['clock'] = shortClock(time);
    const names = reports.map(({ holder }) => holder ?? 'unnamed').join(', ');
    showText(this.#names, state === 'lent' ? names : WORDS[state]);
  }

  /** Shows no picture. */
  clear(): void {
    this.#picture.clear();
    this.#drawn = NaN;
  }
}
