/** The film strip of the built demo: what is in the thumbnails, and who holds it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { DemoPage, launch } from './page.ts';

const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));

let browser: Browser;
let demo: DemoPage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

beforeEach(async () => {
  demo = await DemoPage.open(browser, inject('demoUrl'));
});
afterEach(async () => {
  await demo.settle();
  await demo.close();
});

/** Every thumbnail shows the very frame of its time, and the strip holds one canvas for each. */
async function expectPicturesOf(file: string): Promise<void> {
  const count = await demo.fillStrip();
  const times = timestampsOf(clip(file));
  const numbers = numbersOf(clip(file));
  const expected = (await demo.thumbnails()).map(({ time }) => numbers[times.indexOf(time)]);
  expect(await demo.thumbnailMarks()).toEqual(expected);
  expect(new Set(expected).size).toBe(count);
  await expect
    .poll(() => demo.lent())
    .toMatchObject({ 'film strip': count, 'strip frames': 0, histogram: 0 });
}

describe('the film strip', () => {
  test('shows a frame of each part of the whole video, while nothing of the decoder is kept', async () => {
    await expectPicturesOf('demo.webm');
    const thumbnails = await demo.thumbnails();
    expect(thumbnails.length).toBeGreaterThanOrEqual(8);
    expect(thumbnails.length).toBeLessThanOrEqual(16);
    const part = Number(await demo.page.getAttribute('#seek', 'max')) / thumbnails.length;
    expect(thumbnails.map(({ time }) => Math.floor(time / part))).toEqual([...thumbnails.keys()]);
    expect(thumbnails.every(({ label }) => /^Seek to 0:\d\d$/u.test(label))).toBe(true);
    const [name, lent, holder] = await demo.poolLine('film strip');
    expect([name, lent, holder]).toEqual([
      'film strip',
      `${thumbnails.length} / ${thumbnails.length}`,
      'film strip',
    ]);
  });

  test('is filled while the video plays, which plays on', async () => {
    const count = await demo.fillStrip();
    await demo.page.click('#play');
    await demo.reach('playing');
    await demo.page.setViewportSize({ width: 400, height: 800 });
    await expect.poll(async () => (await demo.thumbnails()).length).toBeLessThan(count);
    await demo.fillStrip();
    expect(await demo.state()).toBe('playing');
    const position = await demo.position();
    await expect.poll(() => demo.position()).toBeGreaterThan(position);
    expect(await demo.problem()).toBe('');
    await demo.page.keyboard.press('k');
    await demo.reach('paused');
  });

  test('seeks where it is clicked, and marks the part that is on the screen', async () => {
    await demo.fillStrip();
    const thumbnails = await demo.thumbnails();
    const marks = await demo.thumbnailMarks();
    for (const index of [thumbnails.length - 1, 0, 4]) {
      await demo.page.click(`#film-strip button:nth-child(${index + 1})`);
      await expect.poll(() => demo.mark()).toBe(marks[index]);
      expect(await demo.position()).toBe(thumbnails[index]?.time);
      const current = (await demo.thumbnails()).flatMap((thumbnail, at) => (thumbnail.current ? [at] : []));
      expect(current).toEqual([index]);
    }
  });

  test('lets the player play on from where it is clicked, and the mark goes along', async () => {
    await demo.fillStrip();
    await demo.page.click('#play');
    const count = (await demo.thumbnails()).length;
    await demo.page.click(`#film-strip button:nth-child(${count - 1})`);
    await expect
      .poll(async () => (await demo.thumbnails()).findIndex(({ current }) => current))
      .toBe(count - 2);
    await demo.reach('ended');
    expect((await demo.thumbnails()).findIndex(({ current }) => current)).toBe(count - 1);
  });
});

describe('opening another video', () => {
  test('gives the canvases of the one before back, which are used again', async () => {
    const count = await demo.fillStrip();
    // The table is told a little later.
    await expect.poll(() => demo.lent()).toMatchObject({ 'film strip': count });
    const memory = (await demo.poolLine('film strip')).at(-1);
    for (const file of ['long_gop.mp4', 'vp9_odd.webm', 'h264_rotated.mp4']) {
      await demo.choose(media(file));
      await expect.poll(() => demo.page.textContent('#file-name')).toBe(file);
      // Those of the last video are gone, or they would be counted as filled.
      await expect.poll(() => demo.state()).toBe('paused');
      await demo.fillStrip();
      await expect.poll(() => demo.lent()).toMatchObject({ 'film strip': count });
      expect((await demo.poolLine('film strip')).at(-1)).toBe(memory);
    }
    await demo.choose(media('long_gop.mp4'));
    await expect.poll(() => demo.page.textContent('#file-name')).toBe('long_gop.mp4');
    await expectPicturesOf('long_gop.mp4');
  });

  test('again and again, before the strip is full, leaves one video’s pictures in it', async () => {
    for (const file of ['vp8.webm', 'long_gop.mp4', 'av1.mp4', 'long_gop.mp4']) {
      await demo.choose(media(file));
      await expect.poll(() => demo.page.textContent('#file-name')).toBe(file);
    }
    await expectPicturesOf('long_gop.mp4');
  });

  test('that cannot be opened leaves the strip as it is', async () => {
    const count = await demo.fillStrip();
    const marks = await demo.thumbnailMarks();
    await demo.choose({ name: 'noise.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(4000, 0x5a) });
    await expect.poll(() => demo.problem()).toContain('Try another file');
    expect(await demo.thumbnailMarks()).toEqual(marks);
    await expect.poll(() => demo.lent()).toMatchObject({ 'film strip': count });
  });

  test('that is damaged in the middle leaves empty places there, and nothing lent for them', async () => {
    const buffer = Buffer.from(await readFile(media('h264_bframes.mp4')));
    // Some samples in the middle; the tables that say where they are stay whole.
    const samples = buffer.indexOf('mdat') + 4;
    buffer.fill(0xff, samples + 4000, samples + 5000);
    await demo.choose({ name: 'damaged.mp4', mimeType: 'video/mp4', buffer });
    await expect.poll(() => demo.page.textContent('#file-name')).toBe('damaged.mp4');
    const filled = async (): Promise<boolean[]> =>
      (await demo.thumbnails()).map(({ time }) => !Number.isNaN(time));
    await expect.poll(async () => (await filled()).at(-1)).toBe(true);
    await expect.poll(() => demo.lent()).toMatchObject({ 'strip frames': 0 });
    const places = await filled();
    expect(places[0]).toBe(true);
    expect(places).toContain(false);
    await expect
      .poll(() => demo.lent())
      .toMatchObject({ 'film strip': places.filter((place) => place).length, 'strip frames': 0 });
  });
});

describe('closing the video', () => {
  test('leaves nothing lent in any pool, and an empty strip of the same height', async () => {
    await demo.fillStrip();
    const height = async (): Promise<number> =>
      (await (await demo.page.waitForSelector('#film-strip')).boundingBox())?.height ?? NaN;
    const filled = await height();
    await demo.page.click('#play');
    await demo.reach('playing');
    await demo.page.click('#close');
    await demo.reach('empty');
    await expect.poll(async () => new Set(Object.values(await demo.lent()))).toEqual(new Set([0]));
    const thumbnails = await demo.thumbnails();
    expect(thumbnails.every(({ time, disabled }) => Number.isNaN(time) && disabled)).toBe(true);
    expect(thumbnails.some(({ current }) => current)).toBe(false);
    expect(await height()).toBe(filled);
    expect((await demo.pixels()).data.some((value) => value !== 0)).toBe(false);
    expect(await demo.page.isDisabled('#play')).toBe(true);
  });

  test('while it is being opened closes it, too', async () => {
    await demo.choose(media('long_gop.mp4'));
    await demo.page.click('#close');
    await demo.reach('empty');
    await expect.poll(async () => new Set(Object.values(await demo.lent()))).toEqual(new Set([0]));
    await demo.choose(media('long_gop.mp4'));
    await expect.poll(() => demo.page.textContent('#file-name')).toBe('long_gop.mp4');
    await expectPicturesOf('long_gop.mp4');
  });
});

describe('a page of another width', () => {
  test('has fewer thumbnails of the same video, and nothing beside the page', async () => {
    const wide = await demo.fillStrip();
    await demo.page.setViewportSize({ width: 400, height: 800 });
    await expect.poll(async () => (await demo.thumbnails()).length).toBeLessThan(wide);
    await expectPicturesOf('demo.webm');
    const narrow = (await demo.thumbnails()).length;
    expect((await demo.poolLine('film strip'))[1]).toBe(`${narrow} / ${narrow}`);
    const overflow = await demo.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    await demo.page.setViewportSize({ width: 1280, height: 800 });
    await expect.poll(async () => (await demo.thumbnails()).length).toBe(wide);
    await expectPicturesOf('demo.webm');
  });
});
