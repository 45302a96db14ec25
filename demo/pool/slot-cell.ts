/** One slot as the page shows it: a small picture, and whoever holds it. */
import type { FrameHandle, HolderReport } from '../../src/index.ts';
import { shortClock } from '../view/time.ts';
import { showText } from './show-text.ts';

/** By how many degrees clockwise a film is turned when shown. */
export type Rotation = 0 | 90 | 180 | 270;

/** Size of a cell's picture in pixels; the page shows it smaller, so that it is sharp on dense screens too. */
const WIDTH = 144;
const HEIGHT = 81;

const WORDS = { free: 'free', reserved: 'decoding' };

/** An item of the list of slots. */
export class SlotCell {
  /** For the page. */
  readonly item = document.createElement('li');
  readonly #context: CanvasRenderingContext2D | null;
  readonly #names = document.createElement('span');
  /** Time of the frame that is drawn, in µs; NaN where there is none. */
  #drawn = NaN;

  constructor() {
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    // The names beside it say what it is of.
    canvas.setAttribute('aria-hidden', 'true');
    this.#context = canvas.getContext('2d');
    this.item.append(canvas, this.#names);
  }

  /** Draws the frame, once a loan; it is only read. */
  draw({ frame, timestamp }: FrameHandle, rotation: Rotation): void {
    const context = this.#context;
    if (context === null || this.#drawn === timestamp) return;
    const { displayWidth, displayHeight } = frame;
    const sideways = rotation % 180 !== 0;
    const scale = Math.min(
      WIDTH / (sideways ? displayHeight : displayWidth),
      HEIGHT / (sideways ? displayWidth : displayHeight),
    );
    const across = displayWidth * scale;
    const down = displayHeight * scale;
    context.save();
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.translate(WIDTH / 2, HEIGHT / 2);
    context.rotate((rotation * Math.PI) / 180);
    context.drawImage(frame, -across / 2, -down / 2, across, down);
    context.restore();
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
    this.#context?.clearRect(0, 0, WIDTH, HEIGHT);
    this.#drawn = NaN;
  }
}
