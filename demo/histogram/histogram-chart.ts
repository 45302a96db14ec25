/** Draws counts: three translucent hills, one over the other. */
import type { Counts } from './histogram-counts.ts';
import { BINS, countsOf } from './histogram-counts.ts';

const HILLS = ['red', 'green', 'blue'] as const;

/** A canvas that counts are drawn on. */
export interface HistogramChart {
  /** Draws counts, or nothing for null. */
  draw(counts: Counts | null): void;
}

/** Draws in the page's colours and the screen's pixels, and again when either changes. */
export function makeHistogramChart(canvas: HTMLCanvasElement): HistogramChart {
  const context = canvas.getContext('2d');
  let shown: Counts | null = null;
  const redraw = (): void => {
    if (context === null) return;
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    if (shown !== null) drawHills(context, shown);
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

function drawHills(context: CanvasRenderingContext2D, counts: Counts): void {
  const { canvas } = context;
  const { width, height } = canvas;
  const style = getComputedStyle(canvas);
  // Roots: a picture with a black border would else be one needle, and the rest flat.
  const most = Math.sqrt(Math.max(1, ...HILLS.flatMap((channel) => [...countsOf(counts, channel)])));
  context.globalCompositeOperation =
    style.getPropertyValue('--blend').trim() === 'screen' ? 'screen' : 'multiply';
  for (const channel of HILLS) {
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
