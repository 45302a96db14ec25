/** Charts of the pool, in a column over the same half minute. */
import './charts.css';
import { element } from '../view/elements.ts';
import { redrawInterval } from './reduced-motion.ts';
import type { ChartOptions } from './chart.ts';
import { Chart } from './chart.ts';
import { History } from './history.ts';
import { Palette } from './palette.ts';

/** Minimum redraw interval in ms. Samples arrive slightly less often, so each of them is drawn. */
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
      { of: 'free', label: 'free', colour: '--free', format: count },
      { of: 'lent', label: 'lent', colour: '--lent', format: count },
    ],
  },
  {
    name: 'decoder',
    title: 'Decoder',
    atLeast: 4,
    stepped: true,
    lines: [
      { of: 'decoding', label: 'decoding', colour: '--decoding', format: count },
      { of: 'waiting', label: 'waiting', colour: '--free', format: count },
    ],
  },
  {
    name: 'memory',
    title: 'Memory',
    atLeast: 2,
    stepped: true,
    lines: [{ of: 'memory', label: 'memory', colour: '--lent', format: (value) => `${value.toFixed(1)} MB` }],
  },
  {
    name: 'frames',
    title: 'Frames',
    atLeast: 30,
    stepped: false,
    lines: [
      { of: 'drawn', label: 'drawn', colour: '--lent', format: rate },
      { of: 'dropped', label: 'dropped', colour: '--decoding', format: rate },
    ],
  },
  {
    name: 'latency',
    title: 'Decode-to-display latency',
    atLeast: 50,
    stepped: false,
    lines: [
      { of: 'latency', label: 'latency', colour: '--lent', format: (value) => `${Math.round(value)} ms` },
    ],
  },
];

/** All charts and their history. */
export class Charts {
  /** History of the charts. Call `update()` after adding to it. */
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

  /** Redraws the charts with new samples; does nothing while the page is hidden. */
  update(): void {
    const now = performance.now();
    if (document.visibilityState !== 'visible' || now < this.#nextAt) return;
    this.#nextAt = now + redrawInterval(DRAWN_MS);
    this.#palette.read();
    for (const chart of this.#charts) chart.update();
  }
}
