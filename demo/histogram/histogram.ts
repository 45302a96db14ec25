/**
 * Histogram panel: brightness of the frame on the screen, counted in a worker a few times a second.
 *
 * Ownership: the player keeps the frame; a small copy of it in memory is held until the worker has answered. If the
 * page is cross-origin isolated that memory is shared, and the worker reads it in place.
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

/** Holder name of the histogram. */
const HOLDER = 'histogram';

/** Size of the copies in pixels: enough for counting, and cheap to read back. */
const SIZE = { codedWidth: 160, codedHeight: 90 } as const;

/** Minimum interval between two histograms. */
const INTERVAL_MS = 200;

/** Time without a new frame after which the frame on the screen is counted. */
const IDLE_MS = 120;

/** Histogram of the frame on the screen. */
export class Histogram {
  /** Pool of the memory that the worker reads. */
  readonly memory: VideoFramePool<MemoryStorage>;
  readonly #section = element('histogram', HTMLElement);
  readonly #canvas = element('histogram-chart', HTMLCanvasElement);
  readonly #text = element('histogram-text', HTMLParagraphElement);
  readonly #screen: HTMLCanvasElement;
  readonly #chart: HistogramChart;
  readonly #counter = new Counter();
  /** Aborts the count in progress for the current video. */
  #stop = new AbortController();
  #isBusy = false;
  #hasFailed = false;
  #nextAt = 0;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param screen - Canvas on which the offered frames are drawn. */
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
      ? 'The worker reads shared memory, without a copy'
      : 'The worker reads a copy: the page is not cross-origin isolated';
    this.clear();
    addEventListener('pagehide', () => this.clear());
  }

  /**
   * Takes a frame on the screen into account. The frame is only read, during the call and, through an own share, while
   * it is copied.
   */
  offer(handle: FrameHandle): void {
    clearTimeout(this.#idleTimer);
    const { timestamp } = handle;
    if (this.#isBusy || performance.now() < this.#nextAt) {
      this.#idleTimer = setTimeout(() => this.#countScreen(timestamp), IDLE_MS);
    } else {
      void this.#count((options) => handle.copyTo(this.memory, options));
    }
  }

  /** Clears the histogram. Memory in use is released at once, without waiting for the worker. */
  clear(): void {
    this.#stop.abort();
    // Before the memory is released: a terminated worker no longer reads it. The next request starts a new one.
    this.#counter.close();
    this.#stop = new AbortController();
    clearTimeout(this.#idleTimer);
    this.#nextAt = 0;
    this.#chart.draw(null);
    this.#setText('No frame');
    delete this.#section.dataset['time'];
  }

  /**
   * Counts the pixels on the screen. Their frame was released earlier: holding a share for so long would take a slot
   * from the player.
   */
  #countScreen(timestamp: number): void {
    if (this.#isBusy) {
      this.#idleTimer = setTimeout(() => this.#countScreen(timestamp), IDLE_MS);
    } else {
      void this.#count((options) => {
        const frame = new VideoFrame(this.#screen, { timestamp });
        const copy = this.memory.copyFrom(frame, options);
        frame.close();
        return copy;
      });
    }
  }

  async #count(
    takeCopy: (options: {
      fit: 'fill';
      signal: AbortSignal;
      holder: string;
    }) => Promise<FrameHandle<MemoryStorage>>,
  ): Promise<void> {
    if (this.#hasFailed) return;
    const { signal } = this.#stop;
    this.#isBusy = true;
    this.#nextAt = performance.now() + INTERVAL_MS;
    try {
      const copy = await takeCopy({ fit: 'fill', signal, holder: HOLDER });
      try {
        const counts = await this.#counter.count(copy.data);
        if (!signal.aborted) this.#show(counts, copy.timestamp);
      } finally {
        copy.release();
      }
    } catch (error) {
      if (signal.aborted) return;
      // A permanent failure would repeat a few times a second: report it once.
      this.#hasFailed = true;
      this.clear();
      this.#setText(`No histogram: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#isBusy = false;
    }
  }

  #show(counts: Counts, timestamp: number): void {
    this.#chart.draw(counts);
    const percent = (channel: 'red' | 'green' | 'blue' | 'luma'): string =>
      `${Math.round(meanPercent(counts, channel))} %`;
    this.#setText(
      `Mean brightness ${percent('luma')}`,
      `red ${percent('red')}, green ${percent('green')}, blue ${percent('blue')}`,
    );
    this.#section.dataset['time'] = String(timestamp);
  }

  #setText(summary: string, more?: string): void {
    this.#text.textContent = summary;
    const all = more === undefined ? summary : `${summary}: ${more}`;
    this.#canvas.setAttribute('aria-label', `Histogram. ${all}`);
  }
}
