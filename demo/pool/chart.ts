/** Free, lent and decoding slots over the last 20 seconds. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { element } from '../view/elements.ts';

const SECONDS = 20;
const HEIGHT = 132;

/** One look at the pool. */
export interface Sample {
  readonly free: number;
  readonly lent: number;
  readonly decoding: number;
}

/** A chart that samples are added to. */
export interface SlotsChart {
  add(sample: Sample): void;
}

/** Draws the chart into the page, in the page's own colours, and redraws it when those change. */
export function makeChart(): SlotsChart {
  const host = element('chart', HTMLDivElement);
  const times: number[] = [];
  const samples: Sample[] = [];
  const data = (): uPlot.AlignedData => [
    times,
    samples.map(({ free }) => free),
    samples.map(({ lent }) => lent),
    samples.map(({ decoding }) => decoding),
  ];
  let plot = draw(host, data());
  const redraw = (): void => {
    plot.destroy();
    plot = draw(host, data());
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT })).observe(host);
  return {
    add(sample) {
      const now = performance.now() / 1000;
      times.push(now);
      samples.push(sample);
      while ((times[0] ?? now) < now - SECONDS) {
        times.shift();
        samples.shift();
      }
      if (document.visibilityState === 'visible') plot.setData(data());
    },
  };
}

function draw(host: HTMLElement, data: uPlot.AlignedData): uPlot {
  const style = getComputedStyle(host);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const line = (label: string, name: string): uPlot.Series => ({
    label,
    stroke: colour(name),
    width: 1.5,
    ...(stepped === undefined ? {} : { paths: stepped }),
    points: { show: false },
  });
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  return new uPlot(
    {
      width: host.clientWidth,
      height: HEIGHT,
      cursor: { show: false },
      legend: { show: false },
      padding: [8, 0, 8, 0],
      scales: {
        x: { time: false, range: (_, __, to) => [to - SECONDS, to] },
        y: { range: (_, __, to) => [0, Math.max(4, to)] },
      },
      axes: [
        { ...axis, show: false },
        { ...axis, size: 28, incrs: [1, 2, 4, 8, 16] },
      ],
      series: [{}, line('free', '--free'), line('lent', '--lent'), line('decoding', '--decoding')],
    },
    data,
    host,
  );
}
