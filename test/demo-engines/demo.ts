/** The demo as it is in any engine: what is on the screen, and what the page says. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect } from 'vitest';
import { readMark } from '../support/marks.ts';
import type { Driven } from './browsers.ts';

/** Pixels from one side of the picture to the other, where its number is read. */
const WIDTH = 320;

/** The page, open. */
export class Demo {
  readonly #driven: Driven;

  private constructor(driven: Driven) {
    this.#driven = driven;
  }

  /** Opens it, and waits until the built-in clip's first frame is on the screen. */
  static async open(driven: Driven, url: string): Promise<Demo> {
    const demo = new Demo(driven);
    await driven.open(url);
    await driven.run(() => {
      for (const panel of document.querySelectorAll('details')) panel.open = true;
    });
    await demo.shows(0, 'the first frame of the clip that is built in');
    return demo;
  }

  /** Clicks on a button. */
  click(selector: string): Promise<void> {
    return this.#driven.click(selector);
  }

  /** What a part of the page says of itself. */
  state(selector = '#player'): Promise<string | null> {
    return this.#driven.run(
      (selector) => document.querySelector(selector)?.getAttribute('data-state') ?? null,
      selector,
    );
  }

  async reaches(state: string, selector = '#player'): Promise<void> {
    await expect.poll(() => this.state(selector), { message: `${selector} is ${state}` }).toBe(state);
  }

  text(selector: string): Promise<string> {
    return this.#driven.run((selector) => document.querySelector(selector)?.textContent ?? '', selector);
  }

  /** Waits until the picture with a number is on the screen. */
  async shows(number: number | undefined, what: string): Promise<void> {
    await expect.poll(() => this.#mark(), { message: what, interval: 10 }).toBe(number);
  }

  /** The number in the pixels of the screen; NaN while it shows none. */
  async #mark(): Promise<number> {
    const { text, height } = await this.#driven.run((width) => {
      const screen = document.querySelector<HTMLCanvasElement>('#screen');
      if (screen === null) throw new Error('there is no screen');
      const height = Math.round((screen.height / screen.width) * width);
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      context?.drawImage(screen, 0, 0, width, height);
      let text = '';
      for (const value of context?.getImageData(0, 0, width, height).data ?? [])
        text += String.fromCharCode(value);
      // As text: a list of numbers takes long to get here.
      return { text: btoa(text), height };
    }, WIDTH);
    try {
      return readMark({ data: new Uint8ClampedArray(Buffer.from(text, 'base64')), width: WIDTH, height });
    } catch {
      return NaN;
    }
  }

  /** Moves the seek bar to a time in µs, as dragging it does. */
  async seek(time: number): Promise<void> {
    await this.#driven.run((time) => {
      const bar = document.querySelector<HTMLInputElement>('#seek');
      if (bar === null) throw new Error('there is no seek bar');
      bar.value = String(time);
      bar.dispatchEvent(new Event('input', { bubbles: true }));
    }, time);
  }

  /** Presses a key anywhere in the page. */
  async press(key: string): Promise<void> {
    await this.#driven.run((key) => {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    }, key);
  }

  /** Opens a file of this machine, and waits for its first picture. */
  async choose(path: string): Promise<void> {
    const name = basename(path);
    await this.offer(name, await readFile(path));
    await expect.poll(() => this.text('#file-name')).toBe(name);
    await this.reaches('paused');
  }

  /** Gives the page a file, whatever becomes of it. */
  async offer(name: string, bytes: Buffer): Promise<void> {
    await this.#driven.run(
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

  /** Chooses from a list. */
  async select(selector: string, value: string): Promise<void> {
    await this.#driven.run(
      (selector, value) => {
        const list = document.querySelector<HTMLSelectElement>(selector);
        if (list === null) throw new Error(`there is no ${selector}`);
        list.value = value;
        list.dispatchEvent(new Event('change', { bubbles: true }));
      },
      selector,
      value,
    );
  }

  /** Writes into a field. */
  async fill(selector: string, text: string): Promise<void> {
    await this.#driven.run(
      (selector, text) => {
        const field = document.querySelector<HTMLInputElement>(selector);
        if (field === null) throw new Error(`there is no ${selector}`);
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
      },
      selector,
      text,
    );
  }

  /** The error in the page, or nothing. */
  problem(): Promise<string> {
    return this.#driven.run(() => {
      const box = document.querySelector<HTMLElement>('#problem');
      return box === null || box.hidden ? '' : (document.querySelector('#problem-text')?.textContent ?? '');
    });
  }

  /** Every frame is home, and the page complains of nothing. */
  async settles(): Promise<void> {
    for (const count of ['lent', 'decoding', 'waiting'])
      await expect.poll(() => this.text(`#count-${count}`), { message: count }).toBe('0');
    await expect.poll(() => this.problem()).toBe('');
  }
}
