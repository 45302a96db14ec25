/** Loops and ranges in the built demo, by the frames that are drawn. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { clip, timestampsOf } from '../media/clips.ts';
import { drawnTimes, forgetDrawn, watchDrawing } from './drawn.ts';
import { DemoPage, launch } from './page.ts';

const FILM = clip('h264_baseline.mp4');
const TIMES = timestampsOf(FILM);
const LAST = TIMES.length - 1;

let browser: Browser;
let demo: DemoPage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  demo = await DemoPage.open(browser, inject('demoUrl'), watchDrawing);
  await choose(FILM.file);
});
afterEach(async () => {
  await demo.settle();
  await demo.close();
});

const choose = async (file: string): Promise<void> => {
  await demo.choose(fileURLToPath(new URL(`../media/${file}`, import.meta.url)));
  await expect.poll(() => demo.page.textContent('#file-name')).toBe(file);
  await demo.reach('paused');
};
const press = (key: string): Promise<void> => demo.page.keyboard.press(key);
const timeOf = (frame: number): number => TIMES[frame] ?? NaN;

const goTo = async (frame: number): Promise<void> => {
  await demo.seek(timeOf(frame));
  await expect.poll(() => demo.mark()).toBe(frame);
};

/** Sets the range to the frames from one to another, both of them played. */
const setRange = async (from: number, to: number): Promise<void> => {
  await goTo(from);
  await press('i');
  await goTo(to);
  await press('o');
};

/** How often the drawn frames went back to an earlier one, and to which. */
const jumpsBack = async (page: Page): Promise<number[]> => {
  const times = await drawnTimes(page);
  return times.filter((time, index) => time < (times[index - 1] ?? -Infinity));
};

test('a film that loops begins again at its end, until it does not loop any more', async () => {
  await press('r');
  await goTo(LAST - 10);
  await forgetDrawn(demo.page);
  await press('k');
  await expect.poll(() => jumpsBack(demo.page), { interval: 20 }).toEqual([timeOf(0)]);
  await demo.seek(timeOf(LAST - 10));
  await expect.poll(() => jumpsBack(demo.page)).toEqual([timeOf(0), timeOf(0)]);
  expect(await demo.state()).toBe('playing');
  await press('r');
  await demo.reach('ended');
  expect(await demo.mark()).toBe(LAST);
});

test('a range is played from its beginning to its end, and no frame outside of it', async () => {
  await setRange(20, 30);
  await goTo(50);
  await forgetDrawn(demo.page);
  await press('k');
  await demo.reach('ended');
  const drawn = await drawnTimes(demo.page);
  expect(drawn.at(0)).toBe(timeOf(20));
  expect(drawn.at(-1)).toBe(timeOf(30));
  // Again, from its beginning.
  await forgetDrawn(demo.page);
  await press('k');
  await demo.reach('ended');
  expect((await drawnTimes(demo.page)).at(0)).toBe(timeOf(20));
});

test('a range that loops begins again and again; one can be sought out of it, and the next film has none', async () => {
  await setRange(20, 30);
  await press('r');
  await forgetDrawn(demo.page);
  await press('k');
  await expect.poll(async () => (await jumpsBack(demo.page)).length).toBeGreaterThan(2);
  const drawn = await drawnTimes(demo.page);
  expect(Math.min(...drawn)).toBe(timeOf(20));
  expect(Math.max(...drawn)).toBeLessThanOrEqual(timeOf(30));
  expect(new Set(await jumpsBack(demo.page))).toEqual(new Set([timeOf(20)]));
  await press('k');
  await demo.reach('paused');
  await goTo(50);
  await press('.');
  await expect.poll(() => demo.mark()).toBe(51);
  await choose('vp8.webm');
  await press('r');
  await goTo(40);
  await press('k');
  await demo.reach('ended');
  expect(await demo.mark()).toBe(59);
});
