/** Sound and picture in step, by the flashes and beeps of a clip, on the clock of the sound. */
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { distances, forget, listen, median, noted } from './in-step.ts';
import { DemoPage, launch } from './page.ts';

const SYNC = fileURLToPath(new URL('../media/sync.mp4', import.meta.url));

let browser: Browser;
let demo: DemoPage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  demo = await DemoPage.open(browser, inject('demoUrl'), listen);
  await demo.choose(SYNC);
  await expect.poll(() => demo.page.textContent('#file-name')).toBe('sync.mp4');
  await demo.fillStrip();
});
afterEach(async () => {
  await demo.page.click('#close');
  await demo.settle();
  await expect.poll(async () => (await noted(demo.page)).sources).toBe(0);
  await demo.close();
});

test('over a minute', async () => {
  await demo.page.click('#play');
  await expect.poll(() => demo.position(), { timeout: 100_000, interval: 1000 }).toBeGreaterThan(10_000_000);
  const seen = await noted(demo.page);
  console.log(JSON.stringify(seen), distances(seen), median(distances(seen)));
});
