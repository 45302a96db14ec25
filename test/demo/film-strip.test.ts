/** Film strip of the built demo: content of the thumbnails, and holders. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { useDemo } from './fixture.ts';
import { media } from './page.ts';

const demo = useDemo();

const marks = (): Promise<number[]> => demo.marks('#film-strip canvas');
/** Index of the current thumbnail. */
const current = async (): Promise<number> => (await demo.thumbnails()).findIndex(({ current }) => current);

/** Every thumbnail shows the exact frame of its time, and the strip holds one canvas for each. */
async function expectPicturesOf(file: string): Promise<void> {
  const count = await demo.fillStrip();
  const times = timestampsOf(clip(file));
  const numbers = numbersOf(clip(file));
  const expected = (await demo.thumbnails()).map(({ time }) => numbers[times.indexOf(time)]);
  expect(await marks()).toEqual(expected);
  expect(new Set(expected).size).toBe(count);
  await demo.lends({ 'film strip': count, 'strip frames': 0, histogram: 0 });
}

/** Narrows the page until there are fewer thumbnails. */
async function narrow(): Promise<number> {
  const wide = await demo.fillStrip();
  await demo.page.setViewportSize({ width: 400, height: 800 });
  await expect.poll(async () => (await demo.thumbnails()).length).toBeLessThan(wide);
  return wide;
}

describe('the film strip', () => {
  test('shows a frame of each part of the video, and holds no decoder frame', async () => {
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

  test('fills during playback, which continues', async () => {
    await demo.playOn();
    await narrow();
    await demo.fillStrip();
    expect(await demo.state()).toBe('playing');
    await demo.expectPlayback();
    expect(await demo.problem()).toBe('');
    await demo.pause();
  });

  test('continues playback from the clicked time, and the mark follows', async () => {
    const count = await demo.fillStrip();
    await demo.page.click('#play');
    await demo.page.click(`#film-strip button:nth-child(${count - 1})`);
    await expect.poll(current).toBe(count - 2);
    await demo.reach('ended');
    expect(await current()).toBe(count - 1);
  });
});

describe('opening another video', () => {
  test('releases the canvases of the previous one for reuse', async () => {
    const count = await demo.fillStrip();
    // The table is updated a moment later.
    await demo.lends({ 'film strip': count });
    const memory = (await demo.poolLine('film strip')).at(-1);
    for (const file of ['long_gop.mp4', 'vp9_odd.webm', 'h264_rotated.mp4']) {
      // Once paused, the old thumbnails are cleared and cannot be counted as filled.
      await demo.openClip(file);
      await demo.fillStrip();
      await demo.lends({ 'film strip': count });
      expect((await demo.poolLine('film strip')).at(-1)).toBe(memory);
    }
    await demo.openClip('long_gop.mp4');
    await expectPicturesOf('long_gop.mp4');
  });

  test('repeatedly, before the strip is full, leaves the frames of one video', async () => {
    for (const file of ['vp8.webm', 'long_gop.mp4', 'av1.mp4', 'long_gop.mp4']) {
      await demo.choose(media(file));
      await expect.poll(() => demo.text('#file-name')).toBe(file);
    }
    await expectPicturesOf('long_gop.mp4');
  });

  test('that cannot be opened leaves the strip unchanged', async () => {
    const count = await demo.fillStrip();
    const before = await marks();
    await demo.openNoise();
    expect(await marks()).toEqual(before);
    await demo.lends({ 'film strip': count });
  });

  test('that is damaged in the middle leaves empty cells, with nothing lent', async () => {
    const buffer = Buffer.from(await readFile(media('h264_bframes.mp4')));
    // Damages some samples in the middle; the sample tables stay valid.
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
  test('leaves nothing lent, and an empty strip of the same height', async () => {
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

  test('during opening closes it, too', async () => {
    await demo.choose(media('long_gop.mp4'));
    await demo.empty();
    await demo.lendsNothing();
    await demo.openClip('long_gop.mp4');
    await expectPicturesOf('long_gop.mp4');
  });
});

describe('a narrower page', () => {
  test('has fewer thumbnails of the same video, without overflow', async () => {
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
