/** Ten minutes of somebody who does whatever comes to mind with the demo. Seeded: `SOAK_SEED`, and `SOAK_MINUTES` for how long. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Browser, CDPSession } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { DemoPage, launch } from '../demo/page.ts';
import { Random } from './random.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 10);
const SEED = Number(process.env['SOAK_SEED'] ?? Date.now() % 1e6);

/** Stretches of use, after each of which everything is closed and counted. */
const STRETCHES = 10;

/** What a heap may grow by from the first stretch to the last: what engines keep of code that has become hot. */
const GROWTH = { ratio: 1.15, bytes: 1e6 };

/** What the page says, rightly, to who holds too much. */
const OF_HOLDING = /^The player waits for a frame|frames (?:is|are) held by you/u;

const FILES = ['vp8.webm', 'h264_bframes.mp4', 'vp9_odd.webm', 'av1.mp4', 'h264_rotated.mp4', 'demo.webm'];
const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));

type Action = (demo: DemoPage, random: Random) => Promise<unknown>;

const press =
  (...keys: string[]): Action =>
  ({ page }, random) =>
    page.keyboard.press(random.of(keys));
const click =
  (selector: string): Action =>
  ({ page }) =>
    page.click(selector, { timeout: 1000 }).catch(() => {
      // Disabled just now, which is for the page to decide.
    });

/** Each as often as it stands here. */
const ACTIONS: readonly (readonly [string, Action])[] = [
  ['a key of playing', press(' ', 'k')],
  ['a step', press(',', '.')],
  ['a jump', press('j', 'l', 'ArrowLeft', 'ArrowRight', 'Home', 'End', '0', '3', '7')],
  ['speed', press('<', '>')],
  ['sound', press('m', 'ArrowUp', 'ArrowDown')],
  ['a part', press('i', 'o', 'r')],
  ['a seek', async (demo, random) => demo.seek(random.below(12_000_000))],
  [
    'many seeks',
    async (demo, random) => {
      for (let count = 0; count < 12; count++) await demo.seek(random.below(12_000_000));
    },
  ],
  ['the capacity', (demo, random) => demo.setCapacity(1 + random.below(16))],
  ['a hold', click('#hold')],
  ['let go', click('#let-go')],
  ['another film', (demo, random) => demo.choose(media(random.of(FILES)))],
  ['the camera', click('#camera')],
  ['a worker', click('#in-worker')],
  ['a thumbnail', click('#film-strip button:nth-of-type(3)')],
  ['close', click('#close')],
  [
    'another size',
    ({ page }, random) => page.setViewportSize({ width: 360 + random.below(1200), height: 800 }),
  ],
];

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

test(`${MINUTES} minutes of random use, seed ${SEED}: no error, nothing lent after closing, the heap flat`, async () => {
  const random = new Random(SEED);
  const demo = await DemoPage.open(browser, inject('demoUrl'));
  const devtools = await demo.page.context().newCDPSession(demo.page);
  const heaps: number[] = [];
  let done = 0;
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const lasts = Date.now() + (MINUTES * 60_000) / STRETCHES;
    do {
      const [name, action] = random.of(ACTIONS);
      await action(demo, random);
      if (random.below(3) === 0) await demo.page.waitForTimeout(random.below(700));
      const words = await demo.problem();
      if (words !== '' && !OF_HOLDING.test(words))
        throw new Error(`after ${name}, the ${done}th action with seed ${SEED}: ${words}`);
      done++;
    } while (Date.now() < lasts);
    await click('#let-go')(demo, random);
    // Not by `click()`, which lets it be where the page is too busy to be clicked within a second.
    if ((await demo.state()) !== 'empty') await demo.page.click('#close');
    await expect
      .poll(() => demo.state(), { message: `after ${done} actions with seed ${SEED}` })
      .toBe('empty');
    await demo.settle();
    heaps.push(await heapOf(devtools));
  }
  expect(done).toBeGreaterThan(STRETCHES);
  const [first = NaN] = heaps;
  const last = heaps.at(-1) ?? NaN;
  console.log(
    `${done} actions; heap after each stretch, in MB: ${heaps.map((bytes) => (bytes / 1e6).toFixed(2)).join(', ')}`,
  );
  expect(last, `heap from ${first} to ${last} bytes`).toBeLessThan(first * GROWTH.ratio + GROWTH.bytes);
  await demo.close();
});

/** Bytes of what lives in the page's heap after collection. */
async function heapOf(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return usedSize;
}
