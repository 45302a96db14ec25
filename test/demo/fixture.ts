/** Fixture of the demo tests: one browser per file, and one page load for all tests with the same preparation. */
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest';
import { DemoPage, launch, PATIENCE_MS } from './page.ts';

/** Runs on a page before it is loaded. */
export type Prepare = (page: Page) => Promise<unknown>;

const VIEWPORT = { width: 1280, height: 720 };

/** The demo in one browser page. Opening it again resets the page. */
export class Demo extends DemoPage {
  /** Console errors, console warnings and uncaught errors. */
  readonly complaints: string[] = [];
  readonly #browser: () => Browser;
  readonly #url: () => string;
  readonly #prepare: Prepare;
  #allowsCollection = false;
  /** The open page and its preparation. */
  #open: { readonly page: Page; readonly prepare: Prepare } | null = null;

  constructor(browser: () => Browser, url: () => string, prepare: Prepare = async () => {}) {
    super();
    this.#browser = browser;
    this.#url = url;
    this.#prepare = prepare;
  }

  get page(): Page {
    if (this.#open === null) throw new Error('the demo is not open: call open() first');
    return this.#open.page;
  }

  get isOpen(): boolean {
    return this.#open !== null;
  }

  /**
   * Opens the demo and waits until the first frame of the built-in clip is on the screen. A page with the same
   * preparation is reset; otherwise a new page is loaded.
   */
  async open(prepare = this.#prepare): Promise<void> {
    this.#allowsCollection = false;
    if (this.#open?.prepare === prepare) return this.#reset();
    await this.close();
    const page = await this.#browser().newPage({ viewport: VIEWPORT });
    this.#open = { page, prepare };
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    await prepare(page);
    await page.goto(this.#url());
    // Collapsed panels would hide their controls.
    await page.$$eval('details', (panels) => {
      for (const panel of panels) panel.open = true;
    });
    await this.#showsFirstFrame();
  }

  /** Loads a page for a single test, which needs an unused one or changes it beyond a reset. */
  openAlone(): Promise<void> {
    return this.open((page) => this.#prepare(page));
  }

  async close(): Promise<void> {
    await this.#open?.page.close();
    this.#open = null;
    this.complaints.length = 0;
  }

  /** Restores the state after loading, except for lists and results that only grow or are replaced. */
  async #reset(): Promise<void> {
    const { page } = this;
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
    await page.setViewportSize(VIEWPORT);
    await page.evaluate(async () => {
      const click = (control: string): void =>
        document.querySelector<HTMLElement>(`#${control}:enabled`)?.click();
      if (document.fullscreenElement !== null) await document.exitFullscreen();
      for (const dialog of document.querySelectorAll('dialog')) dialog.close();
      for (const panel of document.querySelectorAll('details')) panel.open = true;
      for (const act of [
        'export-cancel',
        'record-cancel',
        'comparison-stop',
        'opening-cancel',
        'release-held',
      ])
        click(act);
      for (const act of ['close', 'dismiss', 'in-worker:checked']) click(act);
      const set = (control: HTMLInputElement | HTMLSelectElement, value: string): void => {
        control.value = value;
        for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, { bubbles: true }));
      };
      for (const list of document.querySelectorAll<HTMLSelectElement>('select:not(#rate)')) {
        const choice = [...list.options].find(({ defaultSelected }) => defaultSelected) ?? list.options[0];
        set(list, choice?.value ?? '');
      }
      for (const bar of document.querySelectorAll<HTMLInputElement>('#capacity, #volume')) {
        // Raised from the minimum, which also unmutes.
        for (const value of [bar.min, bar.defaultValue]) set(bar, value);
      }
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      scrollTo(0, 0);
    });
    await this.reach('empty');
    await this.lendsNothing();
    await page.evaluate(() => document.getElementById('built-in')?.click());
    await this.#showsFirstFrame();
    // These settings persist across videos, and can be changed only while one is open.
    await page.selectOption('#rate', '1');
    await page.evaluate(() => document.querySelector<HTMLElement>('#loop[aria-pressed="true"]')?.click());
  }

  async #showsFirstFrame(): Promise<void> {
    await this.opens('built-in clip');
    await this.shows(0, 'the first frame of the built-in clip');
  }

  /** Allows the engine's report of a frame that the test leaks; it comes at most every ten seconds. */
  allowCollection(): void {
    this.#allowsCollection = true;
  }

  /** Collects garbage. */
  async collect(): Promise<void> {
    await this.page.evaluate(() => {
      const { gc } = globalThis as { gc?: () => void };
      if (gc === undefined) throw new Error('no gc(): start the browser with --js-flags=--expose-gc');
      gc();
    });
  }

  /** Waits until the player's pool lends nothing and has no waiter, and expects an empty console. */
  async settle(): Promise<void> {
    for (const count of ['lent', 'decoding', 'waiting'] as const)
      await expect.poll(() => this.count(count), { message: count }).toBe(0);
    // The engine reports a leaked frame when it is collected.
    await this.collect();
    await this.page.waitForTimeout(50);
    const isAllowed = (text: string): boolean =>
      this.#allowsCollection && text.includes('garbage collected without being closed');
    expect(this.complaints.splice(0).filter((text) => !isAllowed(text))).toEqual([]);
  }
}

interface Options {
  /** Prepares each page, unless a test opens one with its own preparation. */
  readonly prepare?: Prepare;
  /** Runs before each test, once the page is open; false if the tests open the page themselves. */
  readonly before?: ((demo: Demo) => Promise<unknown>) | false;
  /** Runs after each test, before the page must be settled. */
  readonly after?: (demo: Demo) => Promise<unknown>;
  /** URL of the page; by default the demo that is served to all tests. */
  readonly url?: () => string;
  /** Camera flags of the browser. */
  readonly camera?: readonly string[];
}

/**
 * Registers the hooks that open the demo for each test of the file or group. After each test nothing is lent, nothing
 * waits, and the console is empty.
 */
export function useDemo(options: Options = {}): Demo {
  const { prepare, before, after, url = () => inject('demoUrl'), camera } = options;
  let browser: Browser;
  const demo = new Demo(() => browser, url, prepare);
  beforeAll(async () => {
    browser = await launch(camera);
  });
  afterAll(() => browser.close());
  if (before !== false)
    beforeEach(async () => {
      await demo.open();
      await before?.(demo);
    });
  afterEach(async ({ task }) => {
    if (!demo.isOpen) return;
    try {
      await after?.(demo);
      await demo.settle();
    } catch (error) {
      await demo.close();
      throw error;
    }
    // The next test starts with a new page.
    if (task.result?.state === 'fail') await demo.close();
  });
  return demo;
}
