/** The demo's page as a test sees it: what is on the screen, what the panel says. */
import type { Browser, ElementHandle, Page } from 'playwright';
import { chromium } from 'playwright';
import { expect } from 'vitest';
import { browserArguments, browserPath, fakeCamera } from '../support/browser.mjs';
import { readMark } from '../support/marks.ts';

/**
 * Starts the browser in which all tests of a file run.
 *
 * @param camera - What it is told of cameras; by default that there is one, and that everybody may use it.
 */
export function launch(camera: readonly string[] = fakeCamera): Promise<Browser> {
  const executablePath = browserPath();
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...browserArguments, ...camera, '--js-flags=--expose-gc'],
  });
}

/** How long a page on a busy machine may take to come to anything. No test measures it. */
const PATIENCE_MS = 60_000;

/** One open page of the demo. */
export class DemoPage {
  readonly page: Page;
  /** Everything that the console said above an information, and every uncaught error. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  /**
   * Opens the demo and waits until the built-in clip's first frame is on the screen.
   *
   * @param prepare - What is done to the page before it is loaded.
   */
  static async open(
    browser: Browser,
    url: string,
    prepare?: (page: Page) => Promise<void>,
  ): Promise<DemoPage> {
    const demo = new DemoPage(await browser.newPage());
    demo.page.setDefaultTimeout(PATIENCE_MS);
    await prepare?.(demo.page);
    await demo.page.goto(url);
    await demo.unfold();
    await demo.reach('paused');
    await expect.poll(() => demo.mark()).toBe(0);
    return demo;
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  /** Opens the panels that are folded away. */
  unfold(): Promise<void> {
    return this.page.$$eval('details', (panels) => {
      for (const panel of panels) (panel as HTMLDetailsElement).open = true;
    });
  }

  state(): Promise<string | null> {
    return this.page.getAttribute('#player', 'data-state');
  }

  async reach(state: string): Promise<void> {
    await this.page.waitForSelector(`#player[data-state="${state}"]`);
  }

  async position(): Promise<number> {
    return Number(await this.page.getAttribute('#player', 'data-position'));
  }

  /** The number in the pixels of the screen; NaN while it shows none. */
  mark(): Promise<number> {
    return this.#markOf(null, 320);
  }

  async #markOf(canvas: ElementHandle | null, width: number): Promise<number> {
    const pixels = await this.pixels(canvas, width);
    try {
      return readMark(pixels);
    } catch {
      return NaN;
    }
  }

  /** What a canvas shows, of the screen unless another is given, so many pixels wide. */
  async pixels(
    canvas: ElementHandle | null = null,
    width = 320,
  ): Promise<{ data: Uint8ClampedArray<ArrayBuffer>; width: number; height: number }> {
    const from = canvas ?? (await this.page.waitForSelector('#screen'));
    // Copied small: a page that reads its own canvas back again and again is warned about it.
    const { text, height } = await from.evaluate((element, width) => {
      const source = element as HTMLCanvasElement;
      const height = Math.round((source.height / source.width) * width);
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      context?.drawImage(source, 0, 0, width, height);
      let text = '';
      for (const value of context?.getImageData(0, 0, width, height).data ?? [])
        text += String.fromCharCode(value);
      return { text: btoa(text), height };
    }, width);
    // As text: a list of numbers takes seconds to get here.
    return { data: new Uint8ClampedArray(Buffer.from(text, 'base64')), width, height };
  }

  /** The thumbnails from left to right. `time` is in µs, NaN while there is no picture. */
  thumbnails(): Promise<{ label: string; time: number; current: boolean; disabled: boolean }[]> {
    return this.page.$$eval('#film-strip button', (buttons) =>
      buttons.map((button) => ({
        label: button.getAttribute('aria-label') ?? '',
        time: Number((button as HTMLElement).dataset['time'] ?? NaN),
        current: button.getAttribute('aria-current') === 'true',
        disabled: (button as HTMLButtonElement).disabled,
      })),
    );
  }

  /** The numbers in the pixels of the thumbnails. */
  async thumbnailMarks(): Promise<number[]> {
    const marks: number[] = [];
    for (const canvas of await this.page.$$('#film-strip canvas'))
      marks.push(await this.#markOf(canvas, 160));
    return marks;
  }

  /** Waits until every thumbnail has a picture, and says how many there are. */
  async fillStrip(): Promise<number> {
    await expect
      .poll(async () => (await this.thumbnails()).filter(({ time }) => Number.isNaN(time)))
      .toEqual([]);
    return (await this.thumbnails()).length;
  }

  /** How many of each pool's frames or buffers are out, permits included, as the table of pools says. */
  async lent(): Promise<Record<string, number>> {
    const lines = await this.page.$$eval('#pools tr', (rows) =>
      rows.map((row) => {
        const { pool = '', lent, decoding } = (row as HTMLElement).dataset;
        return [pool, Number(lent) + Number(decoding)] as const;
      }),
    );
    return Object.fromEntries(lines);
  }

  /** The text of a pool's line: its name, what is lent, who holds it, its memory. */
  poolLine(name: string): Promise<string[]> {
    return this.page.$$eval(`#pools tr[data-pool="${name}"] > *`, (cells) =>
      cells.map((cell) => cell.textContent ?? ''),
    );
  }

  async count(name: 'free' | 'lent' | 'decoding' | 'waiting' | 'notices'): Promise<number> {
    return Number(await this.page.textContent(`#count-${name}`));
  }

  /** What the panel's slots say. */
  slots(): Promise<string[]> {
    return this.page.$$eval('#slots li', (cells) => cells.map((cell) => cell.textContent ?? ''));
  }

  /** The error in the page, or nothing. */
  async problem(): Promise<string> {
    const shown = await this.page.isVisible('#problem');
    return shown ? ((await this.page.textContent('#problem-text')) ?? '') : '';
  }

  /** Moves the seek bar, as dragging it does. */
  async seek(time: number): Promise<void> {
    await this.page.$eval(
      '#seek',
      (bar, value) => {
        (bar as HTMLInputElement).value = String(value);
        bar.dispatchEvent(new Event('input', { bubbles: true }));
      },
      time,
    );
  }

  async setCapacity(capacity: number): Promise<void> {
    await this.page.$eval(
      '#capacity',
      (bar, value) => {
        (bar as HTMLInputElement).value = String(value);
        bar.dispatchEvent(new Event('input', { bubbles: true }));
      },
      capacity,
    );
  }

  /** Turns "Decode in a worker" on or off, as clicking it does. */
  async decodeInWorker(wanted: boolean): Promise<void> {
    await this.page.setChecked('#in-worker', wanted);
  }

  /** Where the pictures come from, in the page's words. */
  async origin(): Promise<string> {
    return (await this.page.textContent('#origin')) ?? '';
  }

  async choose(file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    await this.page.setInputFiles('#file', file);
  }

  /** Everything is home, and the page had nothing to complain about. */
  async settle(): Promise<void> {
    await expect.poll(() => this.count('lent')).toBe(0);
    await expect.poll(() => this.count('decoding')).toBe(0);
    expect(await this.count('waiting')).toBe(0);
    // A frame that was forgotten is told of by the engine when it is collected.
    await this.page.evaluate(() => {
      const { gc } = globalThis as { gc?: () => void };
      if (gc === undefined) throw new Error('no gc(): start the browser with --js-flags=--expose-gc');
      gc();
    });
    await this.page.waitForTimeout(50);
    expect(this.complaints).toEqual([]);
  }
}
