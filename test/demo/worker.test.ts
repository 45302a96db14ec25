/** Decoding in a worker in the built demo: the same pictures, under the same cap, while the film goes on. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { contentsOf, MakingPanel, slowEncoder } from './making.ts';
import { DemoPage, launch } from './page.ts';

const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));
const BUILT_IN = timestampsOf(clip('demo.webm'));
const LAST = BUILT_IN.length - 1;
const SCRIPT = /\/assets\/entry-[^/]*$/u;
const IN_WORKER = 'Decoded in a worker.';
const IN_PAGE = 'Decoded in the page.';

let browser: Browser;
let demo: DemoPage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  await demo.settle();
  await demo.page.click('#close');
  await expect.poll(workers).toBe(0);
  await expect.poll(async () => new Set(Object.values(await demo.lent()))).toEqual(new Set([0]));
  await demo.settle();
  await demo.close();
});

const timeOf = (frame: number): number => BUILT_IN[frame] ?? NaN;

/** How many workers decode. */
const workers = (): number => demo.page.workers().filter((worker) => SCRIPT.test(worker.url())).length;

const switchTo = async (wanted: boolean): Promise<void> => {
  await demo.decodeInWorker(wanted);
  await expect.poll(() => demo.origin()).toBe(wanted ? IN_WORKER : IN_PAGE);
};

/** Opens the page, counts what is decoded in it, and waits until only the player decodes. */
const open = async (prepare?: (page: Page) => Promise<void>): Promise<void> => {
  demo = await DemoPage.open(browser, inject('demoUrl'), async (page) => {
    await page.addInitScript(() => {
      const count = { decoded: 0 };
      Object.assign(globalThis, { count });
      const { decode } = VideoDecoder.prototype;
      VideoDecoder.prototype.decode = function (chunk) {
        count.decoded++;
        decode.call(this, chunk);
      };
    });
    await prepare?.(page);
  });
  await demo.fillStrip();
};

/** How many chunks decoders of the page were given. */
const decodedInPage = (): Promise<number> =>
  demo.page.evaluate(() => (globalThis as unknown as { count: { decoded: number } }).count.decoded);

const held = async (): Promise<number> =>
  (await demo.slots()).filter((text) => text === 'held by you').length;

describe('a film in a worker', () => {
  test('plays to its last frame, without a decoder in the page', async () => {
    await open();
    expect(await demo.origin()).toBe(IN_PAGE);
    await switchTo(true);
    expect(workers()).toBe(1);
    const before = await decodedInPage();
    await demo.page.click('#play');
    await demo.reach('playing');
    await expect.poll(() => demo.count('lent')).toBeGreaterThan(1);
    await demo.reach('ended');
    expect(await demo.mark()).toBe(LAST);
    expect(await demo.position()).toBe(timeOf(LAST));
    expect(await decodedInPage()).toBe(before);
    await expect.poll(() => demo.count('notices')).toBeGreaterThan(LAST);
    await expect.poll(() => demo.count('free')).toBe(6);
  });

  test('is sought in and stepped through, to the very frame', async () => {
    await open();
    await switchTo(true);
    for (const frame of [200, 47, 359, 0, 123]) {
      await demo.seek(timeOf(frame) + 5);
      await expect.poll(() => demo.mark(), { message: `frame ${frame}` }).toBe(frame);
    }
    for (const [key, frame] of [
      ['.', 124],
      ['.', 125],
      [',', 124],
    ] as const) {
      await demo.page.keyboard.press(key);
      await expect.poll(() => demo.mark()).toBe(frame);
    }
  });

  test('starves when every slot is held, and plays on when frames are let go', async () => {
    await open();
    await switchTo(true);
    await demo.setCapacity(2);
    await demo.page.click('#play');
    await demo.reach('playing');
    for (const count of [1, 2]) {
      await demo.page.click('#hold');
      await expect.poll(held).toBe(count);
    }
    await demo.reach('starved');
    expect(await demo.problem()).toContain('held by you');
    await demo.page.click('#let-go');
    await demo.reach('playing');
    const position = await demo.position();
    await expect.poll(() => demo.position()).toBeGreaterThan(position + 200_000);
    expect(await demo.problem()).toBe('');
    await demo.page.click('#play');
    await demo.reach('paused');
  });

  test('comes to its end with a pool of one slot; the next one is in a worker too, and stands upright', async () => {
    await open();
    await switchTo(true);
    await demo.setCapacity(1);
    for (const file of ['h264_bframes.mp4', 'h264_rotated.mp4']) {
      await demo.choose(media(file));
      await expect.poll(() => demo.page.textContent('#file-name')).toBe(file);
      await demo.fillStrip();
      await expect.poll(() => demo.origin()).toBe(IN_WORKER);
      expect(workers()).toBe(1);
      await demo.page.click('#play');
      await demo.reach('ended');
      expect(await demo.mark()).toBe(numbersOf(clip(file)).at(-1));
    }
  });

  test('may be one that the page has made', async () => {
    await open();
    await switchTo(true);
    const panel = new MakingPanel(demo, 'record');
    await demo.page.selectOption('#record-seconds', '2');
    await panel.start('webm-vp8');
    expect(await panel.end()).toBe('done');
    await panel.play();
    await demo.fillStrip();
    await expect.poll(() => demo.origin()).toBe(IN_WORKER);
    const before = await decodedInPage();
    await demo.page.click('#play');
    await demo.reach('ended');
    expect(await decodedInPage()).toBe(before);
    expect(await demo.position()).toBeGreaterThan(1_900_000);
  });
});

describe('switched', () => {
  test('to and fro while it plays, the film goes on from frame to frame to its end', async () => {
    await open();
    await demo.page.click('#play');
    await demo.reach('playing');
    for (const wanted of [true, false, true, false, true]) {
      const position = await demo.position();
      await switchTo(wanted);
      await expect.poll(() => demo.position()).toBeGreaterThan(position + 200_000);
      expect(await demo.state()).toBe('playing');
      await expect.poll(workers).toBe(wanted ? 1 : 0);
    }
    await demo.seek(timeOf(LAST - 30));
    await demo.reach('ended');
    expect(await demo.mark()).toBe(LAST);
    expect(await demo.problem()).toBe('');
  });

  test('while it is sought in, it comes to the newest wish', async () => {
    await open();
    for (const [wanted, frame] of [
      [true, 210],
      [false, 95],
    ] as const) {
      await demo.page.evaluate(
        ([times, target]) => {
          const seek = (time: number): void => {
            const bar = document.querySelector<HTMLInputElement>('#seek');
            if (bar === null) return;
            bar.value = String(time);
            bar.dispatchEvent(new Event('input', { bubbles: true }));
          };
          times.forEach(seek);
          document.querySelector<HTMLInputElement>('#in-worker')?.click();
          seek(target);
        },
        [Array.from({ length: 20 }, (_, n) => timeOf(n * 15)), timeOf(frame)] as const,
      );
      await expect.poll(() => demo.mark()).toBe(frame);
      await expect.poll(() => demo.origin()).toBe(wanted ? IN_WORKER : IN_PAGE);
      await expect.poll(workers).toBe(wanted ? 1 : 0);
      expect(await demo.problem()).toBe('');
    }
  });

  test('many times at once, it is where it was wanted last', async () => {
    await open();
    await demo.page.click('#play');
    await demo.reach('playing');
    await demo.page.evaluate(() => {
      for (let n = 0; n < 7; n++) document.querySelector<HTMLInputElement>('#in-worker')?.click();
    });
    await expect.poll(() => demo.origin()).toBe(IN_WORKER);
    await expect.poll(workers).toBe(1);
    const position = await demo.position();
    await expect.poll(() => demo.position()).toBeGreaterThan(position + 200_000);
    await demo.page.click('#play');
    await demo.reach('paused');
  });

  test('while frames are held, they stay; one that starved plays on when they are let go', async () => {
    await open();
    await demo.setCapacity(2);
    await demo.page.click('#play');
    await demo.reach('playing');
    for (const count of [1, 2]) {
      await demo.page.click('#hold');
      await expect.poll(held).toBe(count);
    }
    await demo.reach('starved');
    await switchTo(true);
    expect(await held()).toBe(2);
    expect(await demo.state()).toBe('starved');
    await demo.page.click('#let-go');
    await demo.reach('playing');
    const position = await demo.position();
    await expect.poll(() => demo.position()).toBeGreaterThan(position + 200_000);
    // Those of a worker outlive it.
    await demo.page.click('#hold');
    await expect.poll(held).toBe(1);
    await switchTo(false);
    await expect.poll(workers).toBe(0);
    expect(await held()).toBe(1);
    await demo.page.click('#play');
    await demo.reach('paused');
    await demo.page.click('#let-go');
  });

  test('at the end it is still at its end, and begins again from there', async () => {
    await open();
    await demo.seek(timeOf(LAST - 5));
    await demo.page.click('#play');
    await demo.reach('ended');
    await switchTo(true);
    expect([await demo.state(), await demo.mark()]).toEqual(['ended', LAST]);
    await demo.page.click('#play');
    await demo.reach('playing');
    await expect.poll(() => demo.position()).toBeLessThan(timeOf(LAST - 100));
    await demo.page.click('#play');
    await demo.reach('paused');
  });

  test('during an export, that comes to its end whole, and the film strip keeps its pictures', async () => {
    await open(slowEncoder);
    const panel = new MakingPanel(demo, 'export');
    await demo.page.fill('#export-to', '3');
    await panel.startAndThen('webm-vp8', '#in-worker');
    await expect.poll(() => demo.origin()).toBe(IN_WORKER);
    expect(await panel.state()).toBe('running');
    expect((await demo.thumbnails()).filter(({ time }) => Number.isNaN(time))).toEqual([]);
    await switchTo(false);
    expect(await panel.end()).toBe('done');
    const { times } = await contentsOf((await panel.save()).bytes);
    expect(times).toHaveLength(BUILT_IN.filter((time) => time < 3_000_000).length);
  });
});

describe('a worker that cannot be had', () => {
  test('is told; the switch goes back, and the film plays on', async () => {
    await open(async (page) => {
      await page.route(SCRIPT, (route) => route.abort());
    });
    await demo.page.click('#play');
    await demo.reach('playing');
    await demo.page.click('#in-worker');
    await expect.poll(() => demo.problem()).toContain('the worker cannot be used');
    expect(await demo.page.isChecked('#in-worker')).toBe(false);
    expect(await demo.origin()).toBe(IN_PAGE);
    const position = await demo.position();
    await expect.poll(() => demo.position()).toBeGreaterThan(position + 200_000);
    await demo.page.click('#play');
    await demo.reach('paused');
    // The browser complains of the script, as it should.
    demo.complaints.length = 0;
  });
});
