/** Page object of the demo: screen, player, sources and user actions. */
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, ElementHandle } from 'playwright';
import { chromium } from 'playwright';
import { expect } from 'vitest';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { browserArguments, browserPath, fakeCamera } from '../support/browser.mjs';
import type { Pixels } from './pixels.ts';
import { numberIn, receivePixels, sendPixels } from './pixels.ts';
import { PoolPanel } from './pool-panel.ts';

/** Path of a test clip. */
export const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));

/** Timestamps of the built-in clip in µs. The number in the pixels of each frame is its index. */
export const BUILT_IN = timestampsOf(clip('demo.webm'));
export const LAST = BUILT_IN.length - 1;
/** Timestamp of one of its frames in µs. */
export const timeOf = (frame: number): number => BUILT_IN[frame] ?? NaN;

/** A file that is no video. */
export const NOISE = { name: 'noise.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(4000, 0x5a) };

/**
 * Starts the browser in which all tests of a file run.
 *
 * @param camera - Camera flags. By default there is one, with permission for every page.
 */
export function launch(camera: readonly string[] = fakeCamera): Promise<Browser> {
  const executablePath = browserPath();
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...browserArguments, ...camera, '--js-flags=--expose-gc'],
  });
}

/** Timeout for a busy machine, in ms. No test measures it. */
export const PATIENCE_MS = 60_000;

/** URL of the worker script that decodes. */
export const DECODER = /\/assets\/bundled-[^/]*$/u;

/** The page as a test sees it. The fixture opens it. */
export abstract class DemoPage extends PoolPanel {
  async reach(state: string): Promise<void> {
    await this.page.waitForSelector(`#player[data-state="${state}"]`);
  }

  state(): Promise<string | null> {
    return this.page.getAttribute('#player', 'data-state');
  }

  async play(): Promise<void> {
    await this.page.click('#play');
    await this.reach('playing');
  }

  /** Plays in a loop: on a busy machine the video could end before the test checks. */
  async playOn(): Promise<void> {
    await this.page.click('#loop');
    await this.play();
  }

  async pause(): Promise<void> {
    await this.page.click('#play');
    await this.reach('paused');
  }

  async playToEnd(): Promise<void> {
    await this.page.click('#play');
    await this.reach('ended');
  }

  /**
   * Plays the built-in clip to its last frame at four times the speed, and expects that each of its frames is returned.
   */
  async expectPlaysThrough(): Promise<void> {
    const returned = await this.count('notices');
    await this.page.selectOption('#rate', '4');
    await this.play();
    await this.reach('ended');
    expect([await this.mark(), await this.position()]).toEqual([LAST, timeOf(LAST)]);
    await expect.poll(() => this.count('notices')).toBeGreaterThan(returned + LAST);
    await expect.poll(() => this.count('free')).toBe(6);
  }

  async empty(): Promise<void> {
    await this.page.click('#close');
    await this.reach('empty');
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Presses a key, and waits for the resulting state. */
  async pressTo(key: string, state: string): Promise<void> {
    await this.press(key);
    await this.reach(state);
  }

  /** Timestamp of the frame on the screen in µs. */
  async position(): Promise<number> {
    return Number(await this.page.getAttribute('#player', 'data-position'));
  }

  /** Waits until the position is beyond a time in µs. */
  async passes(time: number): Promise<void> {
    await expect.poll(() => this.position(), { timeout: PATIENCE_MS }).toBeGreaterThan(time);
  }

  /** Waits for as many different frames as 0.2 s of the built-in clip has. */
  async expectPlayback(): Promise<void> {
    const seen = new Set<number>();
    await expect
      .poll(async () => seen.add(await this.position()).size, { timeout: PATIENCE_MS, interval: 20 })
      .toBeGreaterThan(6);
  }

  /** Waits until the frame with a number is on the screen. */
  async shows(number: number | undefined, message?: string): Promise<void> {
    const options = { interval: 10, ...(message === undefined ? {} : { message }) };
    await expect.poll(() => this.mark(), options).toBe(number);
  }

  /** Seeks to a frame of a clip by its index, and waits for it. */
  async showFrame(frame: number, file = 'demo.webm'): Promise<void> {
    await this.seek(timestampsOf(clip(file))[frame] ?? NaN);
    await this.shows(numbersOf(clip(file))[frame], `frame ${frame} of ${file}`);
  }

  /** Presses a key once per frame, and expects each frame. */
  async step(
    ...steps: readonly { readonly key: string; readonly frames: readonly number[] }[]
  ): Promise<void> {
    for (const { key, frames } of steps)
      for (const frame of frames) {
        await this.press(key);
        await this.shows(frame, `frame ${frame} by ${key}`);
      }
  }

  /** Number in the pixels of the screen; NaN while there is none. */
  mark(): Promise<number> {
    return this.markOf(null, 320);
  }

  /** Number in the pixels of a canvas, of the screen by default. */
  async markOf(canvas: ElementHandle | null, width = 160): Promise<number> {
    return numberIn(await this.pixels(canvas, width));
  }

  /** Numbers in the pixels of all canvases that a selector matches. */
  async marks(selector: string): Promise<number[]> {
    const marks: number[] = [];
    for (const canvas of await this.page.$$(selector)) marks.push(await this.markOf(canvas));
    return marks;
  }

  /** Pixels of a canvas, of the screen by default, scaled to a width. */
  async pixels(canvas: ElementHandle | null = null, width = 320): Promise<Pixels> {
    const from = canvas ?? (await this.page.waitForSelector('#screen'));
    return receivePixels(await from.evaluate(sendPixels, width), width);
  }

  /** Width and height of the screen's canvas. */
  screenSize(): Promise<number[]> {
    return this.page.$eval('#screen', ({ width, height }: HTMLCanvasElement) => [width, height]);
  }

  /** Thumbnails from left to right. `time` is in µs, NaN without an image. */
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

  /** Waits until every thumbnail is filled, and returns their number. */
  async fillStrip(): Promise<number> {
    await expect
      .poll(async () => (await this.thumbnails()).filter(({ time }) => Number.isNaN(time)))
      .toEqual([]);
    return (await this.thumbnails()).length;
  }

  /** Holds the frame that the player needs next, and waits until it starves. */
  async starve(): Promise<void> {
    await this.page.click('#hold');
    await this.reach('starved');
    expect(await this.problem()).toContain('held by you');
  }

  /** Releases all held frames, and waits until playback continues. */
  async releaseAll(): Promise<void> {
    await this.page.click('#release-held');
    await this.reach('playing');
    await this.expectPlayback();
    expect(await this.problem()).toBe('');
  }

  /** Error that the page shows, or an empty string. */
  async problem(): Promise<string> {
    return (await this.page.isVisible('#problem')) ? this.text('#problem-text') : '';
  }

  /** Width in pixels by which the page exceeds its window. */
  overflow(): Promise<number> {
    return this.page.$eval('html', ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  }

  /** Violations that axe finds, each with its element. */
  async violations(include: string[][] = [['html']]): Promise<string[]> {
    // Evaluated, not added as a script: the page's policy against foreign scripts stays in force.
    await this.page.evaluate(axe.source);
    return this.page.evaluate(async (include) => {
      // A boundary: the previous script defined it.
      const { axe: here } = globalThis as unknown as { axe: typeof axe };
      const { violations } = await here.run({ include });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    }, include);
  }

  /** Moves the seek bar through several times within one task, like a drag. */
  seek(...times: readonly number[]): Promise<void> {
    return this.#slide('#seek', times);
  }

  /** Same as `seek()`, but clicks a control before the last time. */
  seekAndClick(control: string, times: readonly number[]): Promise<void> {
    return this.#slide('#seek', times, control);
  }

  setCapacity(capacity: number): Promise<void> {
    return this.#slide('#capacity', [capacity]);
  }

  #slide(bar: string, values: readonly number[], control: string | null = null): Promise<void> {
    return this.page.$eval(
      bar,
      (element, [values, control]) => {
        for (const [index, value] of values.entries()) {
          if (control !== null && index === values.length - 1)
            document.querySelector<HTMLElement>(control)?.click();
          (element as HTMLInputElement).value = String(value);
          element.dispatchEvent(new Event('input', { bubbles: true }));
        }
      },
      [values, control] as const,
    );
  }

  /** Blocks the page repeatedly, for this many ms each, during playback. */
  async keepBusy(time = 120): Promise<void> {
    await this.page.evaluate((time) => {
      const work = (): void => {
        const begun = performance.now();
        while (performance.now() - begun < time) continue;
        if (document.querySelector('#player[data-state="playing"]') !== null) setTimeout(work, 60);
      };
      setTimeout(work);
    }, time);
  }

  async turnOnCamera(): Promise<void> {
    await this.page.click('#camera');
    await expect.poll(() => this.text('#file-name')).toBe('camera');
    await this.reach('playing');
  }

  /** Number of workers that decode. */
  workers(): number {
    return this.page.workers().filter((worker) => DECODER.test(worker.url())).length;
  }

  /** Sets "Decode in a worker", and waits until it takes effect. */
  async decodeInWorker(wanted: boolean): Promise<void> {
    await this.page.setChecked('#in-worker', wanted);
    await expect
      .poll(() => this.text('#origin'))
      .toBe(wanted ? 'Decoded in a worker.' : 'Decoded on the main thread.');
  }

  async choose(file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    await this.page.setInputFiles('#file', file);
  }

  /** Opens a test clip and waits until it is paused at its start. */
  async openClip(file: string): Promise<void> {
    await this.choose(media(file));
    await this.opens(file);
  }

  /** Opens a test clip with sound, and waits until the volume can be set. */
  async openAudible(file: string): Promise<void> {
    await this.openClip(file);
    await expect.poll(() => this.page.isEnabled('#mute')).toBe(true);
  }

  /** Waits until a video with a name is paused at its start, and the panels have it. */
  async opens(name: string): Promise<void> {
    await expect.poll(() => this.text('#file-name')).toBe(name);
    await this.reach('paused');
    // This panel gets the video last: earlier, it would overwrite values that a test fills in.
    await this.page.waitForSelector('#export-start:enabled', { state: 'attached' });
  }

  /** Opens a file that is no video, and waits for the message. */
  async openNoise(): Promise<void> {
    await this.choose(NOISE);
    await expect.poll(() => this.problem()).toContain('Try another file');
  }
}
