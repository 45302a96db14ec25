/** Decoding in a worker in the built demo: the same frames, under the same cap, without interrupting playback. */
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { clip, numbersOf } from '../media/clips.ts';
import { useDemo } from './fixture.ts';
import { FilePanelPage, slowEncoder } from './file-panel.ts';
import { BUILT_IN, DECODER, LAST, timeOf } from './page.ts';

/** Counts the chunks that decoders of the page receive. */
const countDecoding = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const count = { decoded: 0 };
    Object.assign(globalThis, { count });
    const { decode } = VideoDecoder.prototype;
    VideoDecoder.prototype.decode = function (chunk) {
      count.decoded++;
      decode.call(this, chunk);
    };
  });

const demo = useDemo({
  prepare: countDecoding,
  // After that only the player decodes.
  before: (it) => it.fillStrip(),
  async after(it) {
    await it.settle();
    await it.empty();
    await expect.poll(() => it.workers()).toBe(0);
    await it.lendsNothing();
  },
});

/** Number of chunks that decoders of the page received. */
const decodedInPage = (): Promise<number> =>
  demo.page.evaluate(() => (globalThis as unknown as { count: { decoded: number } }).count.decoded);

/** Plays with a pool of two slots until both are held. */
const starve = async (): Promise<void> => {
  await demo.setCapacity(2);
  await demo.playOn();
  for (const count of [1, 2]) await demo.hold(count);
  await demo.reach('starved');
};

describe('a video in a worker', () => {
  test('plays to its last frame, without a decoder in the page', async () => {
    expect(await demo.text('#origin')).toBe('Decoded on the main thread.');
    await demo.decodeInWorker(true);
    expect(demo.workers()).toBe(1);
    const before = await decodedInPage();
    await demo.expectPlaysThrough();
    expect(await decodedInPage()).toBe(before);
  });

  test('starves while every slot is held, and resumes on release', async () => {
    await demo.decodeInWorker(true);
    await starve();
    expect(await demo.problem()).toContain('held by you');
    await demo.releaseAll();
    await demo.pause();
  });

  test('reaches its end with one slot; the next one also uses a worker, upright', async () => {
    await demo.decodeInWorker(true);
    await demo.setCapacity(1);
    for (const file of ['h264_bframes.mp4', 'h264_rotated.mp4']) {
      await demo.openClip(file);
      await demo.fillStrip();
      await expect.poll(() => demo.text('#origin')).toBe('Decoded in a worker.');
      expect(demo.workers()).toBe(1);
      await demo.playToEnd();
      expect(await demo.mark()).toBe(numbersOf(clip(file)).at(-1));
    }
  });

  test('can be a file that the page created', async () => {
    await demo.decodeInWorker(true);
    const panel = new FilePanelPage(demo, 'record');
    await demo.page.selectOption('#record-seconds', '2');
    await panel.make('webm-vp8');
    await panel.play();
    await demo.fillStrip();
    await expect.poll(() => demo.text('#origin')).toBe('Decoded in a worker.');
    const before = await decodedInPage();
    await demo.playToEnd();
    expect(await decodedInPage()).toBe(before);
    expect(await demo.position()).toBeGreaterThan(1_900_000);
  });
});

describe('switched', () => {
  test('back and forth during playback, it continues frame by frame to its end', async () => {
    await demo.playOn();
    for (const wanted of [true, false, true, false, true]) {
      await demo.decodeInWorker(wanted);
      await demo.expectPlayback();
      expect(await demo.state()).toBe('playing');
      await expect.poll(() => demo.workers()).toBe(wanted ? 1 : 0);
    }
    await demo.press('r');
    await demo.seek(timeOf(LAST - 30));
    await demo.reach('ended');
    expect(await demo.mark()).toBe(LAST);
    expect(await demo.problem()).toBe('');
  });

  test('during a seek, it ends at the newest request', async () => {
    for (const [wanted, frame] of [
      [true, 210],
      [false, 95],
    ] as const) {
      const times = Array.from({ length: 20 }, (_, n) => timeOf(n * 15));
      await demo.seekAndClick('#in-worker', [...times, timeOf(frame)]);
      await demo.shows(frame);
      await expect
        .poll(() => demo.text('#origin'))
        .toBe(`Decoded ${wanted ? 'in a worker' : 'on the main thread'}.`);
      await expect.poll(() => demo.workers()).toBe(wanted ? 1 : 0);
      expect(await demo.problem()).toBe('');
    }
  });

  test('many times at once, it ends where it was requested last', async () => {
    await demo.playOn();
    await demo.page.evaluate(() => {
      for (let n = 0; n < 7; n++) document.querySelector<HTMLInputElement>('#in-worker')?.click();
    });
    await expect.poll(() => demo.text('#origin')).toBe('Decoded in a worker.');
    await expect.poll(() => demo.workers()).toBe(1);
    await demo.expectPlayback();
    await demo.pause();
  });

  test('while frames are held, they stay lent; a starved player resumes on release', async () => {
    await starve();
    await demo.decodeInWorker(true);
    expect(await demo.held()).toBe(2);
    expect(await demo.state()).toBe('starved');
    await demo.releaseAll();
    // Frames from a worker outlive it.
    await demo.hold(1);
    await demo.decodeInWorker(false);
    await expect.poll(() => demo.workers()).toBe(0);
    expect(await demo.held()).toBe(1);
    await demo.pause();
    await demo.page.click('#release-held');
  });

  test('at the end, it stays ended, and restarts from there', async () => {
    await demo.seek(timeOf(LAST - 5));
    await demo.playToEnd();
    await demo.decodeInWorker(true);
    expect([await demo.state(), await demo.mark()]).toEqual(['ended', LAST]);
    await demo.play();
    await expect.poll(() => demo.position()).toBeLessThan(timeOf(LAST - 100));
    await demo.pause();
  });

  test('during an export, the export completes, and the film strip stays', async () => {
    await demo.open(slowEncoder);
    await demo.fillStrip();
    const panel = new FilePanelPage(demo, 'export');
    await demo.page.fill('#export-to', '3');
    // The encoder is paused until the worker is ready, however long that takes.
    await demo.page.$eval('#in-worker', (box) => {
      box.addEventListener('change', () => Object.assign(globalThis, { encoderStands: true }), {
        once: true,
      });
    });
    await panel.startAndThen('webm-vp8', '#in-worker');
    await expect.poll(() => demo.text('#origin')).toBe('Decoded in a worker.');
    expect(await panel.state()).toBe('running');
    expect((await demo.thumbnails()).filter(({ time }) => Number.isNaN(time))).toEqual([]);
    await demo.decodeInWorker(false);
    await demo.page.evaluate(() => Object.assign(globalThis, { encoderStands: false }).encoderStands);
    await panel.ends('done');
    expect((await panel.contents()).times).toHaveLength(BUILT_IN.filter((time) => time < 3_000_000).length);
  });
});

describe('an unavailable worker', () => {
  test('is reported; the switch goes back, and the video plays on', async () => {
    await demo.open((page) => page.route(DECODER, (route) => route.abort()));
    await demo.fillStrip();
    await demo.playOn();
    await demo.page.click('#in-worker');
    await expect.poll(() => demo.problem()).toContain('the worker cannot be used');
    expect(await demo.page.isChecked('#in-worker')).toBe(false);
    expect(await demo.text('#origin')).toBe('Decoded on the main thread.');
    await demo.expectPlayback();
    await demo.pause();
    // The browser reports the script, as expected.
    expect(demo.complaints.splice(0).filter((line) => !line.includes('ERR_FAILED'))).toEqual([]);
  });
});
