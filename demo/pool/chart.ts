/** One chart over the last half minute, with its current values as text. */
// Must be the first import, before uPlot loads.
import './intl-workaround.ts';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { History, Sample } from './history.ts';
import { SECONDS } from './history.ts';
import type { Colour, Palette } from './palette.ts';
import { showText } from './show-text.ts';

/** Sizes in CSS pixels. Only the last chart shows the time axis. */
const PLOT_HEIGHT = 72;
const AXIS_HEIGHT = 26;
const AXIS_WIDTH = 34;

/** One line of a chart. */
export interface Line {
  readonly of: keyof Sample;
  readonly label: string;

  readonly colour: Colour;
  /** Formats a value. */
  format(value: number): string;
}

/** Options of a chart. */
export interface ChartOptions {
  readonly name: string;
  readonly title: string;
  readonly lines: readonly Line[];
  /** Minimum of the upper end of the y scale. */
  readonly atLeast: number;
  /** Whether lines are stepped rather than sloped. */
  readonly stepped: boolean;
  /** Whether the chart shows the time axis. */
  readonly hasTimes: boolean;
}

/** A `<figure>` with title, current values and lines. */
export class Chart {
  /** Element for the page. */
  readonly figure = document.createElement('figure');
  readonly #options: ChartOptions;
  readonly #history: History;
  readonly #host = document.createElement('div');
  readonly #values: HTMLElement[] = [];
  readonly #palette: Palette;
  #plot: uPlot | null = null;

  constructor(options: ChartOptions, history: History, palette: Palette) {
    this.#options = options;
    this.#history = history;
    this.#palette = palette;
    const { name, title, lines } = options;
    this.figure.dataset['chart'] = name;
    const caption = document.createElement('figcaption');
    const heading = document.createElement('span');
    heading.textContent = title;
    caption.append(heading);
    for (const { label, colour } of lines) {
      const key = document.createElement('span');
      key.className = 'key';
      key.style.setProperty('--key', `var(${colour})`);
      const value = document.createElement('b');
      this.#values.push(value);
      key.append(lines.length > 1 ? `${label} ` : '', value);
      caption.append(key);
    }
    this.#host.setAttribute('role', 'img');
    this.#host.setAttribute('aria-label', `${title}, last ${SECONDS} seconds`);
    this.figure.append(caption, this.#host);
    new ResizeObserver(() => this.#fit()).observe(this.#host);
  }

  /** Shows the history. */
  update(): void {
    const { newest } = this.#history;
    for (const [index, { of, format }] of this.#options.lines.entries()) {
      const value = newest?.[of] ?? null;
      const place = this.#values[index];
      if (place !== undefined) showText(place, value === null ? '–' : format(value));
    }
    this.#plot?.setData(this.#data());
  }

  #data(): uPlot.AlignedData {
    return [this.#history.ages(), ...this.#options.lines.map(({ of }) => this.#history.column(of))];
  }

  /** Fits the chart to the available width; creates it once there is any. */
  #fit(): void {
    const width = this.#host.clientWidth;
    if (width === 0) return;
    const height = PLOT_HEIGHT + (this.#options.hasTimes ? AXIS_HEIGHT : 0);
    if (this.#plot === null) this.#plot = this.#draw(width, height);
    else this.#plot.setSize({ width, height });
  }

  #draw(width: number, height: number): uPlot {
    const { lines, atLeast, stepped, hasTimes } = this.#options;
    // Read at each drawing: the page's colours follow the system's colour scheme.
    const colour = (name: Colour) => (): string => this.#palette.colourOf(name);
    const paths = stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
    const axis = {
      stroke: colour('--quiet'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: `11px ${getComputedStyle(this.#host).fontFamily}`,
    };
    return new uPlot(
      {
        width,
        height,
        cursor: { show: false },
        legend: { show: false },
        padding: [6, 14, hasTimes ? 0 : 6, 0],
        scales: {
          x: { time: false, range: () => [-SECONDS, 0] },
          y: { range: (_, __, to) => [0, Math.max(atLeast, to ?? 0)] },
        },
        axes: [
          {
            ...axis,
            size: hasTimes ? AXIS_HEIGHT : 0,
            splits: () => [-30, -20, -10, 0],
            values: (_, splits) => (hasTimes ? splits.map(formatTime) : splits.map(() => '')),
          },
          { ...axis, size: AXIS_WIDTH, space: 24, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000] },
        ],
        series: [
          {},
          ...lines.map(({ label, colour: name }) => ({
            label,
            stroke: colour(name),
            width: 1.5,
            ...(paths === undefined ? {} : { paths }),
            points: { show: false },
          })),
        ],
      },
      this.#data(),
      this.#host,
    );
  }
}

const formatTime = (seconds: number): string => (seconds === 0 ? 'now' : `${seconds} s`.replace('-', '−'));
