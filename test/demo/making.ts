/** The panels of the demo that make files, as a test sees them: starting, cancelling, and what was made. */
import { readFile } from 'node:fs/promises';
import type { AudioCodec, VideoCodec } from 'mediabunny';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import type { Page } from 'playwright';
import { expect } from 'vitest';
import type { DemoPage } from './page.ts';

/** One of the panels. */
export class MakingPanel {
  readonly #demo: DemoPage;
  readonly #id: 'export' | 'record';

  constructor(demo: DemoPage, id: 'export' | 'record') {
    this.#demo = demo;
    this.#id = id;
  }

  async start(kind: string): Promise<void> {
    await this.#demo.page.selectOption(`#${this.#id}-kind`, kind);
    await this.#demo.page.click(`#${this.#id}-start`);
  }

  state(): Promise<string | null> {
    return this.#demo.page.getAttribute(`#${this.#id}`, 'data-state');
  }

  async status(): Promise<string> {
    return (await this.#demo.page.textContent(`#${this.#id}-status`)) ?? '';
  }

  /** Waits until nothing is being made any more, and says how it ended. */
  async end(): Promise<string | null> {
    await expect.poll(() => this.state(), { timeout: 20_000 }).not.toBe('running');
    return this.state();
  }

  /** Starts, and does something to the page as soon as the first frames are in the file. */
  async startAndThen(kind: string, click: string): Promise<void> {
    const { page } = this.#demo;
    // From inside the page: a click from outside may come when all is done.
    await page.$eval(
      `#${this.#id}-count`,
      (count, target) => {
        new MutationObserver((_, observer) => {
          if (!/^\d+ frames in the file/u.test(count.textContent ?? '')) return;
          observer.disconnect();
          document.querySelector<HTMLElement>(target)?.click();
        }).observe(count, { childList: true });
      },
      click,
    );
    await this.start(kind);
  }

  /** Opens the result in the player, and waits until its first frame is due. */
  async play(): Promise<void> {
    const name = await this.#demo.page.getAttribute(`#${this.#id}-save`, 'download');
    await this.#demo.page.click(`#${this.#id}-play`);
    await expect.poll(() => this.#demo.page.textContent('#file-name')).toBe(name);
    await this.#demo.reach('paused');
  }

  /** Saves the result, as people do. */
  async save(): Promise<{ name: string; bytes: Buffer }> {
    const { page } = this.#demo;
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`#${this.#id}-save`)]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }
}

/** What is in a file. */
export interface Contents {
  readonly codec: VideoCodec | null;
  readonly rotation: number;
  /** Of the upright picture, in square pixels. */
  readonly size: readonly [width: number, height: number];
  /** Of every picture, in µs, in order. */
  readonly times: readonly number[];
  readonly sound: { readonly codec: AudioCodec | null; readonly seconds: number } | null;
}

/** Reads a file by mediabunny alone, which is none of what is tested. */
export async function contentsOf(bytes: Buffer): Promise<Contents> {
  using input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  const pictures = await input.getPrimaryVideoTrack();
  if (pictures === null) throw new Error('the file has no pictures');
  const times: number[] = [];
  for await (const { microsecondTimestamp } of new EncodedPacketSink(pictures).packets())
    times.push(microsecondTimestamp);
  const sound = await input.getPrimaryAudioTrack();
  return {
    codec: await pictures.getCodec(),
    rotation: await pictures.getRotation(),
    size: [await pictures.getDisplayWidth(), await pictures.getDisplayHeight()],
    times: times.sort((one, other) => one - other),
    sound: sound === null ? null : { codec: await sound.getCodec(), seconds: await sound.computeDuration() },
  };
}

/** The first bytes of a file, which say what it is. */
export const isWebM = (bytes: Buffer): boolean => bytes.readUInt32BE(0) === 0x1a45dfa3;
export const isMp4 = (bytes: Buffer): boolean => bytes.toString('latin1', 4, 8) === 'ftyp';

/** Prepares a page so that its engine encodes less than it does: none of the codecs that this expression matches. */
export function without(
  kind: 'VideoEncoder' | 'AudioEncoder',
  codecs: string,
): (page: Page) => Promise<void> {
  const script = `{
    const asked = ${kind}.isConfigSupported.bind(${kind});
    ${kind}.isConfigSupported = async (config) =>
      new RegExp(${JSON.stringify(codecs)}).test(config.codec) ? { supported: false, config } : asked(config);
  }`;
  return async (page) => {
    await page.addInitScript(script);
  };
}

/** Fast machines would be done before a test has looked: this encoder takes 15 ms for each picture. */
export async function slowEncoder(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { encode, flush } = VideoEncoder.prototype;
    const turns = new WeakMap<VideoEncoder, Promise<void>>();
    VideoEncoder.prototype.encode = function (frame, options) {
      const copy = frame.clone();
      const turn = async (): Promise<void> => {
        await turns.get(this);
        await new Promise((resolve) => setTimeout(resolve, 15));
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
