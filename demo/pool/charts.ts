/** The charts of the pool: small ones, one under the other, over the same half minute. */
import './charts.css';
import { element } from '../view/elements.ts';
import { redrawInterval } from './reduced-motion.ts';
import type { ChartOptions } from './chart.ts';
import { Chart } from './chart.ts';
import { History } from './history.ts';
import { Palette } from './palette.ts';

/** Samples come a little less often, and each of them is drawn. */
const DRAWN_MS = 200;

const count = (value: number): string => String(value);
const rate = (value: number): string => `${Math.round(value)}/s`;

const CHARTS: readonly Omit<ChartOptions, 'hasTimes'>[] = [
  {
    name: 'slots',
    title: 'Slots',
    atLeast: 4,
    stepped: true,
    lines: [
      { of: 'free', label: 'free', colour: '--free', words: count },
      { of: 'lent', label: 'lent', colour: '--lent', words: count },
    ],
  },
  {
    name: 'decoder',
    title: 'Decoder',
    atLeast: 4,
    stepped: true,
    lines: [
      { of: 'decoding', label: 'inside', colour: '--decoding', words: count },
      { of: 'waiting', label: 'waiting', colour: '--free', words: count },
    ],
  },
  {
    name: 'memory',
    title: 'Memory',
    atLeast: 2,
    stepped: true,
    lines: [{ of: 'memory', label: 'memory', colour: '--lent', words: (value) => `${value.toFixed(1)} MB` }],
  },
  {
    name: 'frames',
    title: 'Frames',
    atLeast: 30,
    stepped: false,
    lines: [
      { of: 'drawn', label: 'drawn', colour: '--lent', words: rate },
      { of: 'dropped', label: 'dropped', colour: '--decoding', words: rate },
    ],
  },
  {
    name: 'latency',
    title: 'From decoded to drawn',
    atLeast: 50,
    stepped: false,
    lines: [
      { of: 'latency', label: 'latency', colour: '--lent', words: (value) => `${Math.round(value)} ms` },
    ],
  },
];

/** All of them, and what they show. */
export class Charts {
  /** What they show; whoever adds to it calls `update()`. */
  readonly history = new History();
  readonly #palette = new Palette();
  readonly #charts: readonly Chart[];
  #nextAt = 0;

  constructor() {
    this.#charts = CHARTS.map(
      (options, index) =>
        new Chart({ ...options, hasTimes: index === CHARTS.length - 1 }, this.history, this.#palette),
    );
    element('chart', HTMLDivElement).append(...this.#charts.map(({ figure }) => figure));
  }

  /** Draws what has come; nothing while the page is hidden. */
  update(): void {
    const now = performance.now();
    if (document.visibilityState !== 'visible' || now < this.#nextAt) return;
    this.#nextAt = now + redrawInterval(DRAWN_MS);
    this.#palette.read();
    for (const chart of this.#charts) chart.update();
  }
}
