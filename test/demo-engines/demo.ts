/** Page object of the demo in any engine: screen and texts of the page. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { firefox } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest';
import { launch } from '../demo/page.ts';
import { numberIn, receivePixels, sendPixels } from '../demo/pixels.ts';
import { firefoxOptions, webKitGtk } from '../support/engines.mjs';
import { startWebKitGtk } from '../support/webkitgtk/start.ts';

/** Width in pixels at which the number in a frame is read. */
const WIDTH = 320;

/** An engine with one page. */
interface Driven {
  /** Loads a URL. */
  open(url: string): Promise<void>;
  /** Runs a function in the page. Arguments and result must be JSON. */
  run<P extends readonly unknown[], T>(deed: (...parameters: P) => T, ...parameters: P): Promise<T>;
  /** Clicks like a mouse. */
  click(selector: string): Promise<void>;
  close(): Promise<void>;
}

async function drivePlaywright(engine: 'chromium' | 'firefox'): Promise<Driven> {
  const browser = await (engine === 'chromium' ? launch() : firefox.launch(firefoxOptions()));
  const page = await browser.newPage();
  return {
    open: async (url) => void (await page.goto(url)),
    run: (deed, ...parameters) => page.evaluate(`(${String(deed)})(...${JSON.stringify(parameters)})`),
    click: (selector) => page.click(selector),
    close: () => browser.close(),
  };
}

async function driveWebKitGtk(): Promise<Driven> {
  const programs = webKitGtk();
  if (programs === undefined) throw new Error('there is no WebKitGTK');
  const { driver, close } = await startWebKitGtk(programs);
  return {
    open: (url) => driver.open(url),
    // The script returns the result of the function.
    run: <P extends readonly unknown[], T>(deed: (...parameters: P) => T, ...parameters: P) =>
      driver.run(`return (${String(deed)})(...arguments)`, parameters) as Promise<T>,
    click: (selector) => driver.click(selector),
    close,
  };
}

class Demo {
  readonly #engine: () => Driven;

  /** @param driven - Returns the engine, once it is started. */
  constructor(driven: () => Driven) {
    this.#engine = driven;
  }

  /** Opens the page, and waits until the first frame of the built-in clip is on the screen. */
  async open(url: string): Promise<void> {
    await this.#engine().open(url);
    await this.run(() => {
      for (const panel of document.querySelectorAll('details')) panel.open = true;
    });
    await this.shows(0, 'the first frame of the clip that is built in');
  }

  run<P extends readonly unknown[], T>(deed: (...parameters: P) => T, ...parameters: P): Promise<T> {
    return this.#engine().run(deed, ...parameters);
  }

  click(selector: string): Promise<void> {
    return this.#engine().click(selector);
  }

  /** State attribute of an element. */
  state(selector = '#player'): Promise<string | null> {
    return this.run(
      (selector) => document.querySelector(selector)?.getAttribute('data-state') ?? null,
      selector,
    );
  }

  async reaches(state: string, selector = '#player'): Promise<void> {
    await expect.poll(() => this.state(selector), { message: `${selector} is ${state}` }).toBe(state);
  }

  text(selector: string): Promise<string> {
    return this.run((selector) => document.querySelector(selector)?.textContent ?? '', selector);
  }

  /** Waits until the frame with a number is on the screen. */
  async shows(number: number | undefined, message: string): Promise<void> {
    const mark = async (): Promise<number> =>
      numberIn(receivePixels(await this.run(sendPixels, '#screen', WIDTH), WIDTH));
    await expect.poll(mark, { message, interval: 10 }).toBe(number);
  }

  /** Moves the seek bar to a time in µs, like a drag. */
  seek(time: number): Promise<void> {
    return this.set('#seek', String(time), 'input');
  }

  /** Sets a field, list or bar, and dispatches its event. */
  set(selector: string, value: string, event: 'input' | 'change'): Promise<void> {
    return this.run(
      (selector, value, event) => {
        const control = document.querySelector<HTMLInputElement | HTMLSelectElement>(selector);
        if (control === null) throw new Error(`there is no ${selector}`);
        control.value = value;
        control.dispatchEvent(new Event(event, { bubbles: true }));
      },
      selector,
      value,
      event,
    );
  }

  /** Presses a key anywhere in the page. */
  press(key: string): Promise<void> {
    return this.run((key) => {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    }, key);
  }

  /** Opens a local file, and waits for its first frame. */
  async choose(path: string): Promise<void> {
    const name = basename(path);
    await this.offer(name, await readFile(path));
    await expect.poll(() => this.text('#file-name')).toBe(name);
    await this.reaches('paused');
  }

  /** Passes a file to the page, whether or not it can open it. */
  offer(name: string, bytes: Buffer): Promise<void> {
    return this.run(
      (name, text) => {
        const input = document.querySelector<HTMLInputElement>('#file');
        if (input === null) throw new Error('no file can be chosen');
        const chosen = new DataTransfer();
        chosen.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name));
        input.files = chosen.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      },
      name,
      bytes.toString('base64'),
    );
  }

  /** Error that the page shows, or an empty string. */
  problem(): Promise<string> {
    return this.run(() => {
      const box = document.querySelector<HTMLElement>('#problem');
      return box === null || box.hidden ? '' : (document.querySelector('#problem-text')?.textContent ?? '');
    });
  }

  /** Expects that every frame is returned and the page shows no error. */
  async settles(): Promise<void> {
    for (const count of ['lent', 'decoding', 'waiting'])
      await expect.poll(() => this.text(`#count-${count}`), { message: count }).toBe('0');
    await expect.poll(() => this.problem()).toBe('');
  }
}

/** Registers the hooks that open the demo for each test of a file, in the engine of its project. */
export function useDemo(): Demo {
  let driven: Driven;
  const demo = new Demo(() => driven);
  beforeAll(async () => {
    const engine = inject('engine');
    driven = await (engine === 'webkitgtk' ? driveWebKitGtk() : drivePlaywright(engine));
  });
  afterAll(() => driven.close());
  beforeEach(() => demo.open(inject('demoUrl')));
  afterEach(() => demo.settles());
  return demo;
}
