/** The histogram of the built demo: what it says of the picture, and that the memory comes back whatever happens. */
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { clip, timestampsOf } from '../media/clips.ts';
import { DemoPage, launch } from './page.ts';

const BUILT_IN = timestampsOf(clip('demo.webm'));
const LAST = BUILT_IN.length - 1;
const WORKER = '**/histogram-worker*';

let browser: Browser;
let demo: DemoPage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  await demo.settle();
  await demo.close();
});

const open = async (prepare?: (page: Page) => Promise<void>): Promise<void> => {
  demo = await DemoPage.open(browser, inject('demoUrl'), prepare);
};

const text = (): Promise<string | null> => demo.page.textContent('#histogram-text');
const alternative = async (): Promise<string> =>
  (await demo.page.getAttribute('#histogram-chart', 'aria-label')) ?? '';
const countedTime = async (): Promise<number> =>
  Number((await demo.page.getAttribute('#histogram', 'data-time')) ?? NaN);

/** A frame is on the screen, and its histogram beside it. */
async function showFrame(frame: number): Promise<void> {
  await demo.seek(BUILT_IN[frame] ?? NaN);
  await expect.poll(() => demo.mark()).toBe(frame);
  await expect.poll(countedTime).toBe(BUILT_IN[frame]);
}

/** The means that the histogram tells, in percent. */
async function told(): Promise<number[]> {
  return [...(await alternative()).matchAll(/(\d+) %/gu)].map(([, percent]) => Number(percent));
}

/** The means of brightness, red, green and blue of what is on the screen, in percent. */
async function seen(): Promise<number[]> {
  const { data } = await demo.pixels();
  const [red = 0, green = 0, blue = 0] = [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let at = channel; at < data.length; at += 4) sum += data[at] ?? 0;
    return (sum / (data.length / 4) / 255) * 100;
  });
  return [0.2126 * red + 0.7152 * green + 0.0722 * blue, red, green, blue];
}

/** How many pixels of the chart are painted. */
async function painted(): Promise<number> {
  const { data } = await demo.pixels(await demo.page.waitForSelector('#histogram-chart'));
  return data.filter((value, at) => at % 4 === 3 && value > 0).length;
}

describe('the histogram', () => {
  test('reads memory that page and worker share: the page is cross-origin isolated', async () => {
    await open();
    expect(await demo.page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await demo.page.textContent('#histogram-memory')).toContain('shared memory');
    await expect.poll(countedTime).toBe(BUILT_IN[0]);
    await expect.poll(() => demo.lent()).toMatchObject({ histogram: 0 });
  });

  test('says of a dark frame and of a bright one what is on the screen', async () => {
    await open();
    const brightness: number[] = [];
    const charts: string[] = [];
    for (const frame of [LAST, 150]) {
      await showFrame(frame);
      const means = await told();
      expect(means).toHaveLength(4);
      // The worker has bins of four levels and a picture of a sixteenth of the pixels.
      for (const [index, mean] of (await seen()).entries())
        expect(Math.abs((means[index] ?? NaN) - mean), `frame ${frame}`).toBeLessThan(2.5);
      brightness.push(means[0] ?? NaN);
      expect(await painted()).toBeGreaterThan(100);
      const canvas = await demo.page.waitForSelector('#histogram-chart');
      charts.push((await demo.pixels(canvas)).data.join());
    }
    const [dark = NaN, bright = NaN] = brightness;
    expect(bright).toBeGreaterThan(dark + 15);
    expect(new Set(charts).size).toBe(2);
  });

  test('goes along while the video plays, and ends with the last frame', async () => {
    await open();
    await demo.page.click('#play');
    for (const time of [500_000, 1_000_000, 1_500_000])
      await expect.poll(countedTime, { timeout: 10_000 }).toBeGreaterThan(time);
    await demo.seek(BUILT_IN[LAST - 20] ?? NaN);
    await demo.reach('ended');
    await expect.poll(countedTime).toBe(BUILT_IN[LAST]);
    await expect.poll(() => demo.lent()).toMatchObject({ player: 0, histogram: 0 });
  });

  test('takes no slot from a player that has but one', async () => {
    await open();
    await demo.setCapacity(1);
    await demo.page.click('#play');
    await expect.poll(countedTime, { timeout: 10_000 }).toBeGreaterThan(1_000_000);
    expect(await demo.problem()).toBe('');
    await demo.page.click('#play');
    await demo.reach('paused');
    await expect.poll(countedTime).toBe(await demo.position());
  });
});

describe('without isolation', () => {
  test('the worker gets a copy, and says the same', async () => {
    await open(async (page) => {
      await page.route(inject('demoUrl'), async (route) => {
        const response = await route.fetch();
        const headers = { ...response.headers() };
        delete headers['cross-origin-opener-policy'];
        delete headers['cross-origin-embedder-policy'];
        await route.fulfill({ response, headers });
      });
    });
    expect(await demo.page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(await demo.page.textContent('#histogram-memory')).toContain('a copy');
    await showFrame(150);
    const means = await told();
    expect(means).toHaveLength(4);
    for (const [index, mean] of (await seen()).entries())
      expect(Math.abs((means[index] ?? NaN) - mean)).toBeLessThan(2.5);
    await expect.poll(() => demo.lent()).toMatchObject({ histogram: 0 });
  });
});

describe('when the worker fails', () => {
  test('the memory comes back, the panel says so, and the player plays', async () => {
    await open(async (page) => {
      await page.route(WORKER, (route) => route.abort());
    });
    await expect.poll(text).toContain('No histogram');
    expect(await countedTime()).toBeNaN();
    await expect.poll(() => demo.lent()).toMatchObject({ histogram: 0 });
    await demo.page.click('#play');
    await expect.poll(() => demo.position()).toBeGreaterThan(500_000);
    await demo.page.click('#play');
    await demo.reach('paused');
    await expect.poll(() => demo.lent()).toMatchObject({ histogram: 0 });
  });
});

describe('while the worker has not answered', () => {
  // A script that never comes: the question stays open.
  const withhold = async (page: Page): Promise<void> => {
    await page.route(WORKER, () => undefined);
  };

  test('the histogram holds its memory; a video that is closed gives it back', async () => {
    await open(withhold);
    // The table is told five times a second.
    await expect.poll(() => demo.lent()).toMatchObject({ histogram: 1 });
    expect((await demo.poolLine('histogram'))[2]).toBe('histogram');
    await demo.page.click('#close');
    await expect.poll(async () => new Set(Object.values(await demo.lent()))).toEqual(new Set([0]));
    expect(await text()).toBe('No picture');
  });

  test('a page that is left gives the memory back', async () => {
    await open(withhold);
    await expect.poll(() => demo.lent()).toMatchObject({ histogram: 1 });
    await demo.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    await expect.poll(() => demo.lent()).toMatchObject({ histogram: 0 });
  });
});
