/** One slot in the list of slots: a thumbnail and the names of its holders. */
import type { HolderReport } from '../../src/index.ts';
import { shortClock } from '../view/time.ts';
import type { Orientation } from '../view/upright.ts';
import { showText } from './show-text.ts';
import { ThumbnailCanvas } from './thumbnail-canvas.ts';

const WORDS = { free: 'free', reserved: 'decoding' };

/** Item of the list of slots. */
export class SlotCell {
  /** Element for the page. */
  readonly item = document.createElement('li');
  readonly #thumbnail = new ThumbnailCanvas();
  readonly #names = document.createElement('span');
  #drawn = NaN;

  constructor() {
    this.item.append(this.#thumbnail.canvas, this.#names);
  }

  /** Timestamp of the frame in the thumbnail, in µs; NaN if there is none. */
  get drawn(): number {
    return this.#drawn;
  }

  /** Draws a frame with this timestamp. The frame is only read. */
  draw(frame: VideoFrame, timestamp: number, orientation: Orientation): void {
    this.#thumbnail.draw(frame, orientation);
    this.#drawn = timestamp;
  }

  /** Shows the state of the slot. The thumbnail of an earlier loan is dimmed. */
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

  /** Clears the thumbnail. */
  clear(): void {
    this.#thumbnail.clear();
    this.#drawn = NaN;
  }
}
