/** Sound and picture in step, by the flashes and beeps of a clip, on the clock of the sound. */
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { distances, forget, listen, noted } from './in-step.ts';
import { DemoPage, launch } from './page.ts';

const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));
const SECOND = 1_000_000;

/** How far the picture may be from the sound, in ms. */
const IN_STEP = 40;

let browser: Browser;
let demo: DemoPage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  demo = await DemoPage.open(browser, inject('demoUrl'), listen);
  await choose('sync.mp4');
});
afterEach(async () => {
  await demo.page.click('#close');
  // None is alive, of any film.
  await expect
    .poll(async () => (await noted(demo.page)).contexts.filter((state) => state !== 'closed'))
    .toEqual([]);
  await expect.poll(async () => (await noted(demo.page)).sources).toBe(0);
  await demo.settle();
  await demo.close();
});

const choose = async (file: string): Promise<void> => {
  await demo.choose(media(file));
  await expect.poll(() => demo.page.textContent('#file-name')).toBe(file);
  await demo.reach('paused');
  await demo.fillStrip();
  await expect.poll(() => demo.page.isDisabled('#mute')).toBe(false);
};

const press = (key: string): Promise<void> => demo.page.keyboard.press(key);

const comeTo = async (time: number): Promise<void> => {
  await expect.poll(() => demo.position(), { timeout: 100_000, interval: 200 }).toBeGreaterThan(time);
};

/** Plays on for so many seconds of the film, and says how far the pictures were from the sound meanwhile. */
const playOn = async (seconds: number): Promise<number[]> => {
  await forget(demo.page);
  await comeTo((await demo.position()) + seconds * SECOND);
  const gaps = distances(await noted(demo.page));
  // A page that has no time for a tenth of a second misses a flash, or for some tenths a beep.
  expect(gaps.length).toBeGreaterThanOrEqual(seconds / 2);
  return gaps;
};

/**
 * A page that has no time draws late, and never early. So the earlier quarter of the pictures tells how far they are from
 * the sound, also on a machine that is busy with other things, and none may be ahead of it but where the sound was stopped.
 */
const expectInStep = (gaps: readonly number[]): void => {
  const message = `ms from the sound: ${gaps.map(Math.round).join(' ')}`;
  const sorted = [...gaps].sort((a, b) => a - b);
  expect(Math.abs(sorted[Math.floor(sorted.length / 4)] ?? NaN), message).toBeLessThan(IN_STEP);
  expect(sorted.filter((gap) => gap < -IN_STEP).length, message).toBeLessThanOrEqual(gaps.length / 10);
};

describe('sound and picture are in step within 40 ms', () => {
  test('over a minute, at its beginning as at its end', async () => {
    await press('k');
    const gaps = await playOn(60);
    expectInStep(gaps);
    expectInStep(gaps.slice(0, 10));
    expectInStep(gaps.slice(-10));
    await press('k');
    await demo.reach('paused');
  });

  test('after a pause, after a seek while it plays, and decoded in a worker', async () => {
    await press('k');
    await demo.reach('playing');
    await comeTo(SECOND);
    await press('k');
    await demo.reach('paused');
    await expect.poll(async () => (await noted(demo.page)).sources).toBe(0);
    await press('k');
    await demo.reach('playing');
    expectInStep(await playOn(12));
    await demo.seek(41.35 * SECOND);
    await comeTo(41.3 * SECOND);
    expectInStep(await playOn(12));
    await demo.decodeInWorker(true);
    await expect.poll(() => demo.origin()).toBe('Decoded in a worker.');
    await demo.seek(5 * SECOND);
    expectInStep(await playOn(12));
    await press('k');
    await demo.reach('paused');
  });

  test('at half and at twice its pace, changed while it plays', async () => {
    await press('k');
    await demo.reach('playing');
    await press('<');
    await expect.poll(() => demo.page.inputValue('#rate')).toBe('0.5');
    expectInStep(await playOn(8));
    for (const rate of ['1', '1.5', '2']) {
      await press('>');
      await expect.poll(() => demo.page.inputValue('#rate')).toBe(rate);
    }
    expectInStep(await playOn(16));
    await press('k');
    await demo.reach('paused');
  });
});

describe('what is heard', () => {
  test('is as loud as it is set, and mute is nothing; both stay with the next film', async () => {
    await press('k');
    await demo.reach('playing');
    const gain = async (): Promise<number | undefined> => (await noted(demo.page)).gains.at(-1);
    await expect.poll(gain).toBe(1);
    for (let times = 0; times < 10; times++) await press('ArrowDown');
    await expect.poll(async () => (await gain())?.toFixed(2)).toBe('0.50');
    await press('m');
    await expect.poll(gain).toBe(0);
    await choose('vp8_sound.webm');
    await press('k');
    await demo.reach('playing');
    await expect.poll(async () => (await noted(demo.page)).gains.length).toBe(2);
    expect(await gain()).toBe(0);
    await press('m');
    await expect.poll(async () => (await gain())?.toFixed(2)).toBe('0.50');
    // The film before has given its device back.
    expect((await noted(demo.page)).contexts[0]).toBe('closed');
    await demo.reach('ended');
    await expect.poll(async () => (await noted(demo.page)).contexts.at(-1)).toBe('suspended');
  });

  test('is started about a second ahead, not the whole film', async () => {
    await press('k');
    await demo.reach('playing');
    for (const at of [1, 2, 3]) {
      await comeTo(at * SECOND);
      const { sources } = await noted(demo.page);
      expect(sources).toBeGreaterThan(0);
      // A piece of AAC has 1,024 samples of 48,000 in a second.
      expect(sources).toBeLessThan(2 * (48_000 / 1024));
    }
    await press('k');
    await demo.reach('paused');
    await expect.poll(async () => (await noted(demo.page)).contexts.at(-1)).toBe('suspended');
  });
});

test('a film whose sound cannot be decoded here plays without, and says which codec that is', async () => {
  await demo.page.evaluate(() => {
    AudioDecoder.isConfigSupported = (config) => Promise.resolve({ supported: false, config });
  });
  await demo.choose(media('h264_sound.mp4'));
  await expect.poll(() => demo.page.getAttribute('#mute', 'title')).toContain('mp4a.40.2');
  await press('k');
  await demo.reach('ended');
  expect(await demo.mark()).toBe(59);
});

test('a device that says that it runs, and stands, does not stop the film', async () => {
  await demo.page.evaluate(() => {
    Object.defineProperty(BaseAudioContext.prototype, 'currentTime', { get: () => 1 });
  });
  await choose('h264_sound.mp4');
  await press('k');
  await demo.reach('ended');
  expect(await demo.mark()).toBe(59);
});
