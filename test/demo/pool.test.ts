/** The pool's panel in the built demo: slots with pictures, and notices. */
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { clip, timestampsOf } from '../media/clips.ts';
import { readMark } from '../support/marks.ts';
import { DemoPage, launch } from './page.ts';

const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));

const times = timestampsOf(clip('demo.webm'));
const timeOf = (frame: number): number => times[frame] ?? NaN;

let browser: Browser;
let demo: DemoPage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

beforeEach(async () => {
  demo = await DemoPage.open(browser, inject('demoUrl'), async (page) => {
    // When each small picture of a slot was drawn, in ms, and how far it was ahead of the screen, in µs.
    await page.addInitScript(() => {
      const times: number[] = [];
      const ahead: number[] = [];
      let shown = NaN;
      Object.assign(globalThis, { pictureTimes: times, picturesAhead: ahead });
      const { drawImage } = CanvasRenderingContext2D.prototype;
      // A boundary: one function stands for all forms of the call.
      CanvasRenderingContext2D.prototype.drawImage = function drawImageCounted(
        this: CanvasRenderingContext2D,
        ...args: unknown[]
      ) {
        const [picture] = args;
        if (picture instanceof VideoFrame && this.canvas.id === 'screen') shown = picture.timestamp;
        if (picture instanceof VideoFrame && this.canvas.closest('#slots') !== null) {
          times.push(performance.now());
          ahead.push(picture.timestamp - shown);
        }
        (drawImage as (...all: unknown[]) => void).apply(this, args);
      } as typeof drawImage;
    });
  });
});
afterEach(async () => {
  await demo.settle();
  await demo.close();
});

/** Slots as the page shows them: who holds them, whether the picture is of now, the number in its pixels. */
async function cells(): Promise<{ text: string; picture: string; mark: number }[]> {
  const found = [];
  for (const item of await demo.page.$$('#slots li')) {
    const canvas = await item.$('canvas');
    const pixels = await demo.pixels(canvas, 160);
    found.push({
      text: (await item.textContent()) ?? '',
      picture: (await item.getAttribute('data-picture')) ?? '',
      mark: markOf(pixels),
    });
  }
  return found;
}

function markOf(pixels: Parameters<typeof readMark>[0]): number {
  try {
    return readMark(pixels);
  } catch {
    return NaN;
  }
}

test('a slot that is held shows the very frame that is in it, and by whom it is held', async () => {
  for (const frame of [120, 47]) {
    await demo.seek(timeOf(frame));
    await expect.poll(() => demo.mark()).toBe(frame);
    await demo.page.click('#hold');
    await expect
      .poll(cells)
      .toContainEqual(expect.objectContaining({ text: 'held by you', picture: 'now', mark: frame }));
  }
  const held = (await cells()).filter(({ text }) => text === 'held by you');
  expect(held.map(({ mark }) => mark).toSorted((one, other) => one - other)).toEqual([47, 120]);
  await demo.page.click('#let-go');
  await expect.poll(async () => (await cells()).every(({ text }) => text === 'free')).toBe(true);
});

test('what was decoded ahead is seen in its slot before it is on the screen', async () => {
  await demo.page.click('#play');
  await expect
    .poll(async () => {
      const ahead = await demo.page.evaluate(
        () => (globalThis as { picturesAhead?: number[] }).picturesAhead ?? [],
      );
      return ahead.filter((time) => time > 0).length;
    })
    .toBeGreaterThan(3);
  await demo.page.click('#play');
  await demo.reach('paused');
});

test('the picture of a frame that has left its slot is shown as one of before', async () => {
  await demo.seek(timeOf(100));
  await expect.poll(() => demo.mark()).toBe(100);
  await demo.page.click('#hold');
  await expect.poll(cells).toContainEqual(expect.objectContaining({ picture: 'now', mark: 100 }));
  await demo.page.click('#let-go');
  await expect.poll(cells).toContainEqual({ text: 'free', picture: 'before', mark: 100 });
});

test('a rotated film is upright in its slot, and another film takes the pictures along', async () => {
  await demo.page.click('#hold');
  await expect.poll(cells).toContainEqual(expect.objectContaining({ picture: 'now', mark: 0 }));
  await demo.choose(media('h264_rotated.mp4'));
  await expect.poll(() => demo.page.textContent('#file-name')).toBe('h264_rotated.mp4');
  await demo.page.click('#hold');
  await expect.poll(cells).toContainEqual(expect.objectContaining({ text: 'held by you', picture: 'now' }));
  const size = await demo.page.$eval('#slots li[data-picture="now"] canvas', (canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    context?.drawImage(canvas as HTMLCanvasElement, 0, 0);
    const data = context?.getImageData(0, 0, width, height).data ?? [];
    const drawn = [...data]
      .map((_, index) => index)
      .filter((index) => index % 4 === 3 && data[index] === 255);
    const xs = drawn.map((index) => ((index - 3) / 4) % width);
    const ys = drawn.map((index) => Math.floor((index - 3) / 4 / width));
    return { width: Math.max(...xs) - Math.min(...xs) + 1, height: Math.max(...ys) - Math.min(...ys) + 1 };
  });
  const screen = await demo.page.$eval('#screen', (canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    return width / height;
  });
  expect(Math.abs(size.width / size.height - screen)).toBeLessThan(0.05);
  await demo.page.click('#let-go');
});

test.each([
  ['five times a second at most, whatever the film’s pace', 'no-preference', 185, 5],
  ['once a second at most where less motion is asked for', 'reduce', 900, 1],
] as const)('pictures of slots are drawn %s', async (_, reducedMotion, least, more) => {
  await demo.page.emulateMedia({ reducedMotion });
  const from = await demo.page.evaluate(() => performance.now());
  await demo.page.click('#play');
  await expect.poll(() => demo.position()).toBeGreaterThan(4_000_000);
  await demo.page.click('#play');
  await demo.reach('paused');
  const drawn = await demo.page.evaluate(
    () => (globalThis as { pictureTimes?: number[] }).pictureTimes ?? [],
  );
  // What is between two of them is what was asked for, give or take the way to the canvas.
  const later = drawn.filter((time) => time > from);
  expect(later.length).toBeGreaterThan(more);
  const gaps = later.slice(1).map((time, index) => time - (later[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(least);
});

test('notices in a row are counted, and say how many slots were free', async () => {
  await demo.page.click('#play');
  await expect.poll(() => demo.count('notices')).toBeGreaterThan(30);
  await demo.page.click('#play');
  await demo.reach('paused');
  const lines = await demo.page.$$eval('#notices li', (items) => items.map((item) => item.textContent));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^player: released × \d+ \(\d free\)$/u);
  expect(await demo.page.getAttribute('#notices', 'aria-live')).toBe(null);
});

test('the capacity is changed by the keyboard while the film plays', async () => {
  await demo.page.click('#play');
  await demo.reach('playing');
  await demo.page.focus('#capacity');
  for (let capacity = 6; capacity < 9; capacity++) await demo.page.keyboard.press('ArrowUp');
  await expect.poll(async () => (await demo.slots()).length).toBe(9);
  await demo.page.keyboard.press('Home');
  await expect.poll(async () => (await demo.slots()).length).toBe(1);
  const position = await demo.position();
  await expect.poll(() => demo.position()).toBeGreaterThan(position + 200_000);
  await demo.page.click('#play');
  await demo.reach('paused');
});

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
] as const)(
  'axe finds nothing in the panel while frames are held, copied and forgotten, and the comparison runs: %s, %i px',
  async (colorScheme, width) => {
    await demo.page.emulateMedia({ colorScheme });
    await demo.page.setViewportSize({ width, height: 900 });
    await demo.page.click('#hold');
    await demo.page.selectOption('#hold-as', 'memory');
    await demo.page.click('#hold');
    await demo.page.click('#forget');
    await expect.poll(() => demo.page.$$('#kept li')).toHaveLength(1);
    await demo.page.click('#without-run');
    await expect.poll(() => demo.page.textContent('#naive-text')).toContain('Frozen');
    await demo.page.evaluate(axe.source);
    const found = await demo.page.evaluate(async () => {
      // A boundary: the script that ran before has put it there.
      const { axe: here } = globalThis as unknown as { axe: typeof axe };
      const { violations } = await here.run({ include: [['.pool'], ['#without']] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(found).toEqual([]);
    await demo.page.click('#without-stop');
    await demo.page.click('#let-go');
    await demo.page.evaluate(() => (globalThis as { gc?: () => void }).gc?.());
  },
);
