/**
 * The brightness of the frame on the screen, counted in a worker a few times a second.
 *
 * Who owns what: the frame stays the player's; a small copy of it in memory is held until the worker has answered. While
 * the page is cross-origin isolated that memory is shared, and the worker reads it where it is.
 */
import './histogram.css';
import type { FrameBudget, FrameHandle, MemoryStorage } from '../../src/index.ts';
import { memoryStorage, VideoFramePool } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import type { HistogramChart } from './histogram-chart.ts';
import { makeHistogramChart } from './histogram-chart.ts';
import { Counter } from './histogram-counter.ts';
import type { Counts } from './histogram-counts.ts';
import { meanPercent } from './histogram-counts.ts';

/** The name under which the panel shows the histogram's shares. */
const HOLDER = 'histogram';

/** Size of the copies in pixels: enough to count, and little to read back. */
const SIZE = { codedWidth: 160, codedHeight: 90 } as const;

/** The least time between two histograms. */
const INTERVAL_MS = 200;

/** After so long without another frame the one on the screen stays there, and its histogram is what counts. */
const REST_MS = 120;

/** One histogram, of whatever is on the screen. */
export class Histogram {
  /** The memory that the worker reads. */
  readonly memory: VideoFramePool<MemoryStorage>;
  readonly #section = element('histogram', HTMLElement);
  readonly #canvas = element('histogram-chart', HTMLCanvasElement);
  readonly #text = element('histogram-text', HTMLParagraphElement);
  readonly #screen: HTMLCanvasElement;
  readonly #chart: HistogramChart;
  readonly #counter = new Counter();
  /** Ends what is being counted of the video that is shown. */
  #stop = new AbortController();
  #busy = false;
  #failed = false;
  #nextAt = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** @param screen - Where the frames that are offered are drawn. */
  constructor(screen: HTMLCanvasElement, budget: FrameBudget) {
    this.#screen = screen;
    this.memory = new VideoFramePool({
      capacity: 2,
      storage: memoryStorage({ format: 'RGBA', ...SIZE, shared: crossOriginIsolated }),
      name: 'histogram',
      budget,
    });
    this.#chart = makeHistogramChart(this.#canvas);
    element('histogram-memory', HTMLParagraphElement).textContent = crossOriginIsolated
      ? 'Worker reads shared memory, no copy'
      : 'Worker reads a copy: the page is not isolated';
    this.clear();
    addEventListener('pagehide', () => this.clear());
  }

  /** A frame is on the screen. It is only read, during the call and, on a share of its own, while it is copied. */
  offer(handle: FrameHandle): void {
    clearTimeout(this.#rest);
    const { timestamp } = handle;
    if (this.#busy || performance.now() < this.#nextAt) {
      this.#rest = setTimeout(() => this.#countScreen(timestamp), REST_MS);
    } else {
      void this.#count((options) => handle.copyTo(this.memory, options));
    }
  }

  /** Shows nothing. What is being counted is given back at once, without waiting for the worker. */
  clear(): void {
    this.#stop.abort();
    // Before its memory is given back: a worker that was ended reads nothing any more. The next question starts another.
    this.#counter.close();
    this.#stop = new AbortController();
    clearTimeout(this.#rest);
    this.#nextAt = 0;
    this.#chart.draw(null);
    this.#say('No picture');
    delete this.#section.dataset['time'];
  }

  /**
   * Counts the picture on the screen, whose frame was given back long ago: to keep a share of it for so long would take a
   * slot from the player.
   */
  #countScreen(timestamp: number): void {
    if (this.#busy) {
      this.#rest = setTimeout(() => this.#countScreen(timestamp), REST_MS);
    } else {
      // The pool owns the frame at once, and closes it.
      void this.#count((options) =>
        this.memory.capture(new VideoFrame(this.#screen, { timestamp }), options),
      );
    }
  }

  async #count(
    copy: (options: {
      fit: 'fill';
      signal: AbortSignal;
      holder: string;
    }) => Promise<FrameHandle<MemoryStorage>>,
  ): Promise<void> {
    if (this.#failed) return;
    const { signal } = this.#stop;
    this.#busy = true;
    this.#nextAt = performance.now() + INTERVAL_MS;
    try {
      const picture = await copy({ fit: 'fill', signal, holder: HOLDER });
      try {
        const counts = await this.#counter.count(picture.data);
        if (!signal.aborted) this.#show(counts, picture.timestamp);
      } finally {
        picture.release();
      }
    } catch (error) {
      if (signal.aborted) return;
      // What failed once fails again a few times a second: once is enough.
      this.#failed = true;
      this.clear();
      this.#say(`No histogram: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#busy = false;
    }
  }

  #show(counts: Counts, timestamp: number): void {
    this.#chart.draw(counts);
    const percent = (channel: 'red' | 'green' | 'blue' | 'luma'): string =>
      `${Math.round(meanPercent(counts, channel))} %`;
    this.#say(
      `Mean brightness ${percent('luma')}`,
      `red ${percent('red')}, green ${percent('green')}, blue ${percent('blue')}`,
    );
    this.#section.dataset['time'] = String(timestamp);
  }

  #say(summary: string, more?: string): void {
    this.#text.textContent = summary;
    const all = more === undefined ? summary : `${summary}: ${more}`;
    this.#canvas.setAttribute('aria-label', `Histogram. ${all}`);
  }
}
