/** Histogram of the built demo: its values, and that its memory is always returned. */
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { useDemo } from './fixture.ts';
import { LAST, timeOf } from './page.ts';

const WORKER = '**/histogram-worker*';

const demo = useDemo({ before: false });

const countedTime = async (): Promise<number> =>
  Number((await demo.page.getAttribute('#histogram', 'data-time')) ?? NaN);

/** Mean values in the histogram's text alternative, in percent. */
async function shownMeans(): Promise<number[]> {
  const text = (await demo.page.getAttribute('#histogram-chart', 'aria-label')) ?? '';
  return [...text.matchAll(/(\d+) %/gu)].map(([, percent]) => Number(percent));
}

/** Means of brightness, red, green and blue on the screen, in percent. */
async function seen(): Promise<number[]> {
  const { data } = await demo.pixels();
  const [red = 0, green = 0, blue = 0] = [0, 1, 2].map((channel) => {
    const values = data.filter((_, at) => at % 4 === channel);
    return (values.reduce((sum, value) => sum + value, 0) / values.length / 255) * 100;
  });
  return [0.2126 * red + 0.7152 * green + 0.0722 * blue, red, green, blue];
}

/** Shows a frame, and expects its mean values in the histogram. Returns its brightness. */
async function expectMeansOf(frame: number): Promise<number> {
  await demo.showFrame(frame);
  await expect.poll(countedTime).toBe(timeOf(frame));
  const means = await shownMeans();
  expect(means).toHaveLength(4);
  // The worker has bins of four levels and a copy with a sixteenth of the pixels.
  for (const [index, mean] of (await seen()).entries())
    expect(Math.abs((means[index] ?? NaN) - mean), `frame ${frame}`).toBeLessThan(2.5);
  return means[0] ?? NaN;
}

describe('the histogram', () => {
  beforeEach(() => demo.open());

  test('reads memory shared with the worker: the page is cross-origin isolated', async () => {
    expect(await demo.page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await demo.text('#histogram-memory')).toContain('shared memory');
    await expect.poll(countedTime).toBe(timeOf(0));
    await demo.lends({ histogram: 0 });
  });

  test('matches the screen for a dark and for a bright frame', async () => {
    const brightness: number[] = [];
    const charts = new Set<string>();
    for (const frame of [LAST, 150]) {
      brightness.push(await expectMeansOf(frame));
      const { data } = await demo.pixels(await demo.page.waitForSelector('#histogram-chart'));
      expect(data.filter((value, at) => at % 4 === 3 && value > 0).length).toBeGreaterThan(100);
      charts.add(data.join());
    }
    const [dark = NaN, bright = NaN] = brightness;
    expect(bright).toBeGreaterThan(dark + 15);
    expect(charts.size).toBe(2);
  });

  test('follows playback, and ends with the last frame', async () => {
    await demo.page.click('#play');
    for (const time of [500_000, 1_000_000, 1_500_000]) await expect.poll(countedTime).toBeGreaterThan(time);
    await demo.seek(timeOf(LAST - 20));
    await demo.reach('ended');
    await expect.poll(countedTime).toBe(timeOf(LAST));
    await demo.lends({ player: 0, histogram: 0 });
  });

  test('takes no slot from a player with only one', async () => {
    await demo.setCapacity(1);
    await demo.playOn();
    await expect.poll(countedTime).toBeGreaterThan(1_000_000);
    expect(await demo.problem()).toBe('');
    await demo.pause();
    await expect.poll(countedTime).toBe(await demo.position());
  });
});

describe('without isolation', () => {
  test('the worker gets a copy, and returns the same counts', async () => {
    await demo.open((page) =>
      page.route(inject('demoUrl'), async (route) => {
        const response = await route.fetch();
        const headers = { ...response.headers() };
        delete headers['cross-origin-opener-policy'];
        delete headers['cross-origin-embedder-policy'];
        await route.fulfill({ response, headers });
      }),
    );
    expect(await demo.page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(await demo.text('#histogram-memory')).toContain('a copy');
    await expectMeansOf(150);
    await demo.lends({ histogram: 0 });
  });
});

describe('when the worker fails', () => {
  test('the memory is returned, the panel reports it, and the player plays', async () => {
    await demo.open((page) => page.route(WORKER, (route) => route.abort()));
    await expect.poll(() => demo.text('#histogram-text')).toContain('No histogram');
    expect(await countedTime()).toBeNaN();
    await demo.lends({ histogram: 0 });
    await demo.page.click('#play');
    await demo.passes(500_000);
    await demo.pause();
    await demo.lends({ histogram: 0 });
  });
});

describe('while the worker has not answered', () => {
  beforeEach(async () => {
    // The worker script never arrives: the request stays pending.
    await demo.open((page) => page.route(WORKER, () => undefined));
    await demo.lends({ histogram: 1 });
  });

  test('the histogram holds its memory; closing the video returns it', async () => {
    expect((await demo.poolLine('histogram'))[2]).toBe('histogram');
    await demo.page.click('#close');
    await demo.lendsNothing();
    expect(await demo.text('#histogram-text')).toBe('No frame');
  });

  test('leaving the page returns the memory', async () => {
    await demo.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
    await demo.lends({ histogram: 0 });
  });
});
