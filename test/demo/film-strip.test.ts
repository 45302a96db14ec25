/** The film strip of the built demo: what is in the thumbnails, and who holds it. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { useDemo } from './fixture.ts';
import { media } from './page.ts';

const demo = useDemo();

const marks = (): Promise<number[]> => demo.marks('#film-strip canvas');
/** Place of the thumbnail whose part of the video is on the screen. */
const current = async (): Promise<number> => (await demo.thumbnails()).findIndex(({ current }) => current);

/** Every thumbnail shows the very frame of its time, and the strip holds one canvas for each. */
async function expectPicturesOf(file: string): Promise<void> {
  const count = await demo.fillStrip();
  const times = timestampsOf(clip(file));
  const numbers = numbersOf(clip(file));
  const expected = (await demo.thumbnails()).map(({ time }) => numbers[times.indexOf(time)]);
  expect(await marks()).toEqual(expected);
  expect(new Set(expected).size).toBe(count);
  await demo.lends({ 'film strip': count, 'strip frames': 0, histogram: 0 });
}

/** Makes the page so narrow that there are fewer thumbnails. */
async function narrow(): Promise<number> {
  const wide = await demo.fillStrip();
  await demo.page.setViewportSize({ width: 400, height: 800 });
  await expect.poll(async () => (await demo.thumbnails()).length).toBeLessThan(wide);
  return wide;
}

describe('the film strip', () => {
  test('shows a frame of each part of the whole video, while nothing of the decoder is kept', async () => {
    await expectPicturesOf('demo.webm');
    const thumbnails = await demo.thumbnails();
    const count = thumbnails.length;
    expect(count).toBeGreaterThanOrEqual(8);
    expect(count).toBeLessThanOrEqual(16);
    const part = Number(await demo.page.getAttribute('#seek', 'max')) / count;
    expect(thumbnails.map(({ time }) => Math.floor(time / part))).toEqual([...thumbnails.keys()]);
    expect(thumbnails.every(({ label }) => /^Seek to 0:\d\d$/u.test(label))).toBe(true);
    expect((await demo.poolLine('film strip')).slice(0, 3)).toEqual([
      'film strip',
      `${count} / ${count}`,
      'film strip',
    ]);
  });

  test('is filled while the video plays, which plays on', async () => {
    await demo.playOn();
    await narrow();
    await demo.fillStrip();
    expect(await demo.state()).toBe('playing');
    await demo.goesOn();
    expect(await demo.problem()).toBe('');
    await demo.pause();
  });

  test('lets the player play on from where it is clicked, and the mark goes along', async () => {
    const count = await demo.fillStrip();
    await demo.page.click('#play');
    await demo.page.click(`#film-strip button:nth-child(${count - 1})`);
    await expect.poll(current).toBe(count - 2);
    await demo.reach('ended');
    expect(await current()).toBe(count - 1);
  });
});

describe('opening another video', () => {
  test('gives the canvases of the one before back, which are used again', async () => {
    const count = await demo.fillStrip();
    // The table is drawn a little later.
    await demo.lends({ 'film strip': count });
    const memory = (await demo.poolLine('film strip')).at(-1);
    for (const file of ['long_gop.mp4', 'vp9_odd.webm', 'h264_rotated.mp4']) {
      // Paused, the thumbnails of the last video are gone, or they would be counted as filled.
      await demo.openClip(file);
      await demo.fillStrip();
      await demo.lends({ 'film strip': count });
      expect((await demo.poolLine('film strip')).at(-1)).toBe(memory);
    }
    await demo.openClip('long_gop.mp4');
    await expectPicturesOf('long_gop.mp4');
  });

  test('again and again, before the strip is full, leaves one video’s pictures in it', async () => {
    for (const file of ['vp8.webm', 'long_gop.mp4', 'av1.mp4', 'long_gop.mp4']) {
      await demo.choose(media(file));
      await expect.poll(() => demo.text('#file-name')).toBe(file);
    }
    await expectPicturesOf('long_gop.mp4');
  });

  test('that cannot be opened leaves the strip as it is', async () => {
    const count = await demo.fillStrip();
    const before = await marks();
    await demo.openNoise();
    expect(await marks()).toEqual(before);
    await demo.lends({ 'film strip': count });
  });

  test('that is damaged in the middle leaves empty places there, and nothing lent for them', async () => {
    const buffer = Buffer.from(await readFile(media('h264_bframes.mp4')));
    // Some samples in the middle; the tables that say where they are stay whole.
    const samples = buffer.indexOf('mdat') + 4;
    buffer.fill(0xff, samples + 4000, samples + 5000);
    await demo.choose({ name: 'damaged.mp4', mimeType: 'video/mp4', buffer });
    await expect.poll(() => demo.text('#file-name')).toBe('damaged.mp4');
    const filled = async (): Promise<boolean[]> =>
      (await demo.thumbnails()).map(({ time }) => !Number.isNaN(time));
    await expect.poll(async () => (await filled()).at(-1)).toBe(true);
    await demo.lends({ 'strip frames': 0 });
    const places = await filled();
    expect(places[0]).toBe(true);
    expect(places).toContain(false);
    await demo.lends({ 'film strip': places.filter((place) => place).length, 'strip frames': 0 });
  });
});

describe('closing the video', () => {
  test('leaves nothing lent in any pool, and an empty strip of the same height', async () => {
    await demo.fillStrip();
    const height = async (): Promise<number | undefined> =>
      (await demo.page.locator('#film-strip').boundingBox())?.height;
    const filled = await height();
    await demo.play();
    await demo.empty();
    await demo.lendsNothing();
    const thumbnails = await demo.thumbnails();
    expect(thumbnails.every(({ time, disabled }) => Number.isNaN(time) && disabled)).toBe(true);
    expect(thumbnails.some(({ current }) => current)).toBe(false);
    expect(await height()).toBe(filled);
    expect((await demo.pixels()).data.some((value) => value !== 0)).toBe(false);
    expect(await demo.page.isDisabled('#play')).toBe(true);
  });

  test('while it is being opened closes it, too', async () => {
    await demo.choose(media('long_gop.mp4'));
    await demo.empty();
    await demo.lendsNothing();
    await demo.openClip('long_gop.mp4');
    await expectPicturesOf('long_gop.mp4');
  });
});

describe('a page of another width', () => {
  test('has fewer thumbnails of the same video, and nothing beside the page', async () => {
    const wide = await narrow();
    await expectPicturesOf('demo.webm');
    const count = (await demo.thumbnails()).length;
    expect((await demo.poolLine('film strip'))[1]).toBe(`${count} / ${count}`);
    expect(await demo.overflow()).toBe(0);
    await demo.page.setViewportSize({ width: 1280, height: 800 });
    await expect.poll(async () => (await demo.thumbnails()).length).toBe(wide);
    await expectPicturesOf('demo.webm');
  });
});
