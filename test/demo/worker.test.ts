/** Decoding in a worker in the built demo: the same pictures, under the same cap, while the film goes on. */
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { clip, numbersOf } from '../media/clips.ts';
import { useDemo } from './fixture.ts';
import { MakingPanel, slowEncoder } from './file-panel.ts';
import { BUILT_IN, DECODER, LAST, timeOf } from './page.ts';

/** Counts the chunks that decoders of the page are given. */
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
  // Then only the player decodes.
  before: (it) => it.fillStrip(),
  async after(it) {
    await it.settle();
    await it.empty();
    await expect.poll(() => it.workers()).toBe(0);
    await it.lendsNothing();
  },
});

/** How many chunks decoders of the page were given. */
const decodedInPage = (): Promise<number> =>
  demo.page.evaluate(() => (globalThis as unknown as { count: { decoded: number } }).count.decoded);

/** Plays with a pool of two slots until both are held. */
const starve = async (): Promise<void> => {
  await demo.setCapacity(2);
  await demo.playOn();
  for (const count of [1, 2]) await demo.hold(count);
  await demo.reach('starved');
};

describe('a film in a worker', () => {
  test('plays to its last frame, without a decoder in the page', async () => {
    expect(await demo.text('#origin')).toBe('Decoded in the page.');
    await demo.decodeInWorker(true);
    expect(demo.workers()).toBe(1);
    const before = await decodedInPage();
    await demo.expectPlaysThrough();
    expect(await decodedInPage()).toBe(before);
  });

  test('starves when every slot is held, and plays on when frames are let go', async () => {
    await demo.decodeInWorker(true);
    await starve();
    expect(await demo.problem()).toContain('held by you');
    await demo.letGo();
    await demo.pause();
  });

  test('comes to its end with a pool of one slot; the next one is in a worker too, and stands upright', async () => {
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

  test('may be one that the page has made', async () => {
    await demo.decodeInWorker(true);
    const panel = new MakingPanel(demo, 'record');
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
  test('to and fro while it plays, the film goes on from frame to frame to its end', async () => {
    await demo.playOn();
    for (const wanted of [true, false, true, false, true]) {
      await demo.decodeInWorker(wanted);
      await demo.goesOn();
      expect(await demo.state()).toBe('playing');
      await expect.poll(() => demo.workers()).toBe(wanted ? 1 : 0);
    }
    await demo.press('r');
    await demo.seek(timeOf(LAST - 30));
    await demo.reach('ended');
    expect(await demo.mark()).toBe(LAST);
    expect(await demo.problem()).toBe('');
  });

  test('while it is sought in, it comes to the newest wish', async () => {
    for (const [wanted, frame] of [
      [true, 210],
      [false, 95],
    ] as const) {
      const times = Array.from({ length: 20 }, (_, n) => timeOf(n * 15));
      await demo.seekAndClick('#in-worker', [...times, timeOf(frame)]);
      await demo.shows(frame);
      await expect.poll(() => demo.text('#origin')).toBe(`Decoded in ${wanted ? 'a worker' : 'the page'}.`);
      await expect.poll(() => demo.workers()).toBe(wanted ? 1 : 0);
      expect(await demo.problem()).toBe('');
    }
  });

  test('many times at once, it is where it was wanted last', async () => {
    await demo.playOn();
    await demo.page.evaluate(() => {
      for (let n = 0; n < 7; n++) document.querySelector<HTMLInputElement>('#in-worker')?.click();
    });
    await expect.poll(() => demo.text('#origin')).toBe('Decoded in a worker.');
    await expect.poll(() => demo.workers()).toBe(1);
    await demo.goesOn();
    await demo.pause();
  });

  test('while frames are held, they stay; one that starved plays on when they are let go', async () => {
    await starve();
    await demo.decodeInWorker(true);
    expect(await demo.held()).toBe(2);
    expect(await demo.state()).toBe('starved');
    await demo.letGo();
    // Those of a worker outlive it.
    await demo.hold(1);
    await demo.decodeInWorker(false);
    await expect.poll(() => demo.workers()).toBe(0);
    expect(await demo.held()).toBe(1);
    await demo.pause();
    await demo.page.click('#let-go');
  });

  test('at the end it is still at its end, and begins again from there', async () => {
    await demo.seek(timeOf(LAST - 5));
    await demo.playToEnd();
    await demo.decodeInWorker(true);
    expect([await demo.state(), await demo.mark()]).toEqual(['ended', LAST]);
    await demo.play();
    await expect.poll(() => demo.position()).toBeLessThan(timeOf(LAST - 100));
    await demo.pause();
  });

  test('during an export, that comes to its end whole, and the film strip keeps its pictures', async () => {
    await demo.open(slowEncoder);
    await demo.fillStrip();
    const panel = new MakingPanel(demo, 'export');
    await demo.page.fill('#export-to', '3');
    // The encoder stands until the worker is there, however long that takes.
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

describe('a worker that cannot be had', () => {
  test('is told; the switch goes back, and the film plays on', async () => {
    await demo.open((page) => page.route(DECODER, (route) => route.abort()));
    await demo.fillStrip();
    await demo.playOn();
    await demo.page.click('#in-worker');
    await expect.poll(() => demo.problem()).toContain('the worker cannot be used');
    expect(await demo.page.isChecked('#in-worker')).toBe(false);
    expect(await demo.text('#origin')).toBe('Decoded in the page.');
    await demo.goesOn();
    await demo.pause();
    // The browser complains of the script, as it should.
    expect(demo.complaints.splice(0).filter((line) => !line.includes('ERR_FAILED'))).toEqual([]);
  });
});
