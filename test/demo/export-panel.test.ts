/** The panel that exports in the built demo: how it ends otherwise than with a whole film, and what it leaves. */
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { clip, timestampsOf } from '../media/clips.ts';
import { MakingPanel, slowEncoder, without } from './making.ts';
import { DemoPage, launch } from './page.ts';

const [START] = timestampsOf(clip('demo.webm'));

let browser: Browser;
let demo: DemoPage;
let panel: MakingPanel;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  await demo.settle();
  await expect.poll(() => demo.lent()).toMatchObject({ export: 0 });
  await demo.close();
});

const open = async (prepare?: (page: Page) => Promise<void>): Promise<void> => {
  demo = await DemoPage.open(browser, inject('demoUrl'), prepare);
  panel = new MakingPanel(demo, 'export');
};

const chooseRange = async (from: string, to: string): Promise<void> => {
  await demo.page.fill('#export-from', from);
  await demo.page.fill('#export-to', to);
};

describe('ended before its end', () => {
  test('by Cancel, nothing is lent, and the film still plays', async () => {
    await open(slowEncoder);
    await panel.startAndThen('webm-vp8', '#export-cancel');
    expect(await panel.end()).toBe('cancelled');
    expect(await panel.status()).toMatch(/^Cancelled after \d+ frames\. Nothing is lent\.$/u);
    expect(await demo.page.isVisible('#export-result')).toBe(false);
    await expect.poll(() => demo.poolLine('export')).toEqual(['export', '0 / 4', '–', '0.0 MB']);
    await demo.page.click('#play');
    await demo.reach('playing');
    await expect.poll(() => demo.position()).toBeGreaterThan(500_000);
    await demo.page.click('#play');
    await chooseRange('0', '0.2');
    await panel.start('webm-vp8');
    expect(await panel.end()).toBe('done');
  });

  test('by Cancel while an encoder does not come to its end, it ends all the same', async () => {
    await open(async (page) => {
      await page.addInitScript(() => {
        const { encode, flush, close } = VideoEncoder.prototype;
        const pictures = new WeakMap<VideoEncoder, number>();
        const ends = new WeakMap<VideoEncoder, (reason: unknown) => void>();
        VideoEncoder.prototype.encode = function (...given) {
          pictures.set(this, (pictures.get(this) ?? 0) + 1);
          encode.apply(this, given);
        };
        // One picture alone is how the writer finds out what can be encoded.
        VideoEncoder.prototype.flush = function () {
          if (pictures.get(this) === 1) return flush.call(this);
          return new Promise((_, reject) => ends.set(this, reject));
        };
        VideoEncoder.prototype.close = function () {
          close.call(this);
          ends.get(this)?.(new DOMException('closed', 'AbortError'));
        };
      });
    });
    await chooseRange('0', '1');
    await panel.start('webm-vp8');
    await expect.poll(() => demo.page.textContent('#export-count')).toContain('30 frames in the file');
    expect(await panel.state()).toBe('running');
    await demo.page.click('#export-cancel');
    expect(await panel.end()).toBe('cancelled');
    expect(await panel.status()).toBe('Cancelled after 30 frames. Nothing is lent.');
  });

  test('by closing the film, nothing is lent, and there is nothing to export', async () => {
    await open(slowEncoder);
    await panel.startAndThen('webm-vp8', '#close');
    expect(await panel.end()).toBe('cancelled');
    await demo.reach('empty');
    await expect.poll(async () => Object.values(await demo.lent()).filter((lent) => lent > 0)).toEqual([]);
    expect(await demo.page.isDisabled('#export-start')).toBe(true);
  });
});

describe('a codec that cannot be had', () => {
  test('is told in words, with those that can, and another one can be chosen', async () => {
    await open(without('VideoEncoder', '^(avc1|hev1)'));
    await panel.start('mp4-avc');
    expect(await panel.end()).toBe('failed');
    expect(await panel.status()).toMatch(
      /^This cannot be made: "avc" cannot .*; what can be had is (?!.*avc).*av1.*\. Choose another kind of file\.$/u,
    );
    await chooseRange('0', '0.5');
    await panel.start('mp4-av1');
    expect(await panel.end()).toBe('done');
  });
});

describe('the panel', () => {
  test('keeps the keys that are its own', async () => {
    await open();
    await demo.page.focus('#export-kind');
    await demo.page.keyboard.press('ArrowDown');
    await demo.page.keyboard.press('End');
    expect(await demo.page.inputValue('#export-kind')).toBe('mp4-av1');
    await demo.page.fill('#export-to', '0.1');
    await demo.page.focus('#export-from');
    await demo.page.keyboard.press('Enter');
    expect(await panel.end()).toBe('done');
    expect(await demo.position()).toBe(START);
    expect(await demo.state()).toBe('paused');
  });

  test('gives the bytes of a result back when the next is begun', async () => {
    await open();
    await chooseRange('0', '0.1');
    const readable = (address: string | null): Promise<boolean> =>
      demo.page.evaluate(
        (url) =>
          new Promise<boolean>((resolve) => {
            const request = new XMLHttpRequest();
            request.open('GET', url ?? '');
            request.onload = () => resolve(request.status === 200);
            request.onerror = () => resolve(false);
            request.send();
          }),
        address,
      );
    await panel.start('webm-vp8');
    expect(await panel.end()).toBe('done');
    const first = await demo.page.getAttribute('#export-save', 'href');
    expect(await readable(first)).toBe(true);
    await panel.start('webm-vp8');
    expect(await panel.end()).toBe('done');
    expect(await demo.page.getAttribute('#export-save', 'href')).not.toBe(first);
    expect(await readable(first)).toBe(false);
    // The browser complains of the address that is gone, as it should.
    await expect
      .poll(() => demo.complaints.splice(0))
      .toEqual([expect.stringContaining('ERR_FILE_NOT_FOUND')]);
  });
});
