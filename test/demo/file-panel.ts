/** Page object of the panels that create files, and readers of the files. */
import { readFile } from 'node:fs/promises';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import type { Page } from 'playwright';
import { expect } from 'vitest';
import type { Prepare } from './fixture.ts';
import type { DemoPage } from './page.ts';

/** Page object of one panel. */
export class FilePanelPage {
  readonly #demo: DemoPage;
  readonly #id: 'export' | 'record';

  constructor(demo: DemoPage, id: 'export' | 'record') {
    this.#demo = demo;
    this.#id = id;
  }

  /** Sets the export range, in seconds. */
  async chooseRange(from: string, to: string): Promise<void> {
    await this.#demo.page.fill('#export-from', from);
    await this.#demo.page.fill('#export-to', to);
  }

  async start(kind: string): Promise<void> {
    await this.#demo.page.selectOption(`#${this.#id}-kind`, kind);
    await this.#demo.page.click(`#${this.#id}-start`);
  }

  state(): Promise<string | null> {
    return this.#demo.page.getAttribute(`#${this.#id}`, 'data-state');
  }

  status(): Promise<string> {
    return this.#demo.text(`#${this.#id}-status`);
  }

  /** Waits until the run has ended, and expects its outcome. */
  async ends(state: 'done' | 'cancelled' | 'failed'): Promise<void> {
    await expect.poll(() => this.state(), { timeout: 60_000 }).not.toBe('running');
    expect(await this.state(), await this.status()).toBe(state);
  }

  /** Creates a file. */
  async make(kind: string): Promise<void> {
    await this.start(kind);
    await this.ends('done');
  }

  /** Starts, and clicks an element as soon as the first frames are written. */
  async startAndThen(kind: string, click: string): Promise<void> {
    // From inside the page: a click from outside may come after the end.
    await this.#demo.page.$eval(
      `#${this.#id}-count`,
      (count, target) => {
        new MutationObserver((_, observer) => {
          if (!/^\d+ frames written/u.test(count.textContent ?? '')) return;
          observer.disconnect();
          document.querySelector<HTMLElement>(target)?.click();
        }).observe(count, { childList: true });
      },
      click,
    );
    await this.start(kind);
  }

  /** Opens the result in the player, and waits until it is paused at its start. */
  async play(): Promise<void> {
    const { page } = this.#demo;
    const name = (await page.getAttribute(`#${this.#id}-save`, 'download')) ?? '';
    await page.click(`#${this.#id}-play`);
    await this.#demo.opens(name);
  }

  /** Downloads the result, and reads it with mediabunny alone, which is not under test. */
  async contents() {
    const { page } = this.#demo;
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`#${this.#id}-save`)]);
    const bytes = await readFile(await download.path());
    using input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
    const pictures = await input.getPrimaryVideoTrack();
    if (pictures === null) throw new Error('the file has no pictures');
    const times: number[] = [];
    for await (const { microsecondTimestamp } of new EncodedPacketSink(pictures).packets())
      times.push(microsecondTimestamp);
    const sound = await input.getPrimaryAudioTrack();
    return {
      name: download.suggestedFilename(),
      // By the first bytes.
      isWebM: bytes.readUInt32BE(0) === 0x1a45dfa3,
      isMp4: bytes.toString('latin1', 4, 8) === 'ftyp',
      codec: await pictures.getCodec(),
      rotation: await pictures.getRotation(),
      flip: await pictures.getFlip(),
      /** Size of the upright frame, in square pixels. */
      size: [await pictures.getDisplayWidth(), await pictures.getDisplayHeight()],
      /** Timestamps of the frames in µs, in order. */
      times: times.sort((one, other) => one - other),
      sound: sound && { codec: await sound.getCodec(), seconds: await sound.computeDuration() },
    };
  }
}

/** Time resolution of files in µs, or better. */
export const TICK = 1000;

/** Expects equal times in µs, up to the rounding of files. */
export function expectTimes(times: readonly number[], expected: readonly number[]): void {
  expect(times).toHaveLength(expected.length);
  const off = times.map((time, at) => Math.abs(time - (expected[at] ?? NaN)));
  expect(Math.max(...off)).toBeLessThanOrEqual(TICK);
}

/** Prepares a page whose engine lacks the codecs that match this expression. */
export function without(kind: 'VideoEncoder' | 'AudioEncoder', codecs: string): Prepare {
  const script = `{
    const asked = ${kind}.isConfigSupported.bind(${kind});
    ${kind}.isConfigSupported = async (config) =>
      new RegExp(${JSON.stringify(codecs)}).test(config.codec) ? { supported: false, config } : asked(config);
  }`;
  return (page) => page.addInitScript(script);
}

/**
 * Prepares a page in which encoding takes 15 ms per frame: a fast machine would finish before a test can check. While
 * the page's `encoderStands` is true, nothing is encoded.
 */
export async function slowEncoder(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { encode, flush } = VideoEncoder.prototype;
    const turns = new WeakMap<VideoEncoder, Promise<void>>();
    VideoEncoder.prototype.encode = function (frame, options) {
      const copy = frame.clone();
      const turn = async (): Promise<void> => {
        await turns.get(this);
        do await new Promise((resolve) => setTimeout(resolve, 15));
        while ((globalThis as { encoderStands?: boolean }).encoderStands === true);
        if (this.state === 'configured') encode.call(this, copy, options);
        copy.close();
      };
      turns.set(this, turn());
    };
    VideoEncoder.prototype.flush = async function () {
      await turns.get(this);
      await flush.call(this);
    };
  });
}
