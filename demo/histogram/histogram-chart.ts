/** Chart of a histogram: three translucent areas on top of each other. */
import type { Counts } from './histogram-counts.ts';
import { BINS, countsOf } from './histogram-counts.ts';

const AREAS = ['red', 'green', 'blue'] as const;

/** A canvas with a histogram. */
export interface HistogramChart {
  /** Draws counts; null clears the chart. */
  draw(counts: Counts | null): void;
}

/** Creates a chart in the page's colours at the screen's resolution. It redraws itself when either changes. */
export function makeHistogramChart(canvas: HTMLCanvasElement): HistogramChart {
  const context = canvas.getContext('2d');
  let shown: Counts | null = null;
  const redraw = (): void => {
    if (context === null) return;
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    if (shown !== null) drawAreas(context, shown);
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  new ResizeObserver(redraw).observe(canvas);
  return {
    draw(counts) {
      shown = counts;
      redraw();
    },
  };
}

function drawAreas(context: CanvasRenderingContext2D, counts: Counts): void {
  const { canvas } = context;
  const { width, height } = canvas;
  const style = getComputedStyle(canvas);
  // Square roots: otherwise a black border would be one spike and everything else flat.
  const most = Math.sqrt(Math.max(1, ...AREAS.flatMap((channel) => [...countsOf(counts, channel)])));
  context.globalCompositeOperation =
    style.getPropertyValue('--blend').trim() === 'screen' ? 'screen' : 'multiply';
  for (const channel of AREAS) {
    context.fillStyle = style.getPropertyValue(`--${channel}`).trim();
    context.beginPath();
    context.moveTo(0, height);
    for (const [bin, count] of countsOf(counts, channel).entries()) {
      context.lineTo(((bin + 0.5) / BINS) * width, height * (1 - Math.sqrt(count) / most));
    }
    context.lineTo(width, height);
    context.fill();
  }
}
