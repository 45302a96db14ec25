/** Exporting from the built demo: what is in the files. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { contentsOf, isMp4, isWebM, MakingPanel, slowEncoder } from './making.ts';
import { DemoPage, launch } from './page.ts';

const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));
const BUILT_IN = timestampsOf(clip('demo.webm'));
const START = BUILT_IN[0] ?? NaN;
const LAST = BUILT_IN.length - 1;

/** Files count in milliseconds, or finer. */
const TICK = 1000;

let browser: Browser;
let demo: DemoPage;
let panel: MakingPanel;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  await demo.settle();
  await expect.poll(() => demo.lent()).toMatchObject({ export: 0 });
  await demo.close();
});

const open = async (prepare?: (page: Page) => Promise<void>): Promise<void> => {
  demo = await DemoPage.open(browser, inject('demoUrl'), prepare);
  panel = new MakingPanel(demo, 'export');
};

const chooseRange = async (from: string, to: string): Promise<void> => {
  await demo.page.fill('#export-from', from);
  await demo.page.fill('#export-to', to);
};

/** Both lists have the same times, but for what a file rounds. */
function expectTimes(times: readonly number[], expected: readonly number[]): void {
  expect(times).toHaveLength(expected.length);
  const off = times.map((time, at) => Math.abs(time - (expected[at] ?? NaN)));
  expect(Math.max(...off)).toBeLessThanOrEqual(TICK);
}

describe('exporting the whole film', () => {
  test('makes a file of all its frames, to save and to play', async () => {
    await open();
    await panel.start('webm-vp8');
    expect(await panel.end()).toBe('done');
    expect(await panel.status()).toMatch(/^WebM, VP8: 360 frames, [\d.]+ [kM]B\.$/u);
    // The table is told a little later.
    await expect
      .poll(async () => (await demo.poolLine('export')).slice(0, 3))
      .toEqual(['export', '0 / 4', '–']);

    const { name, bytes } = await panel.save();
    expect(name).toBe('built-in clip-export.webm');
    expect(isWebM(bytes)).toBe(true);
    const contents = await contentsOf(bytes);
    expect(contents).toMatchObject({ codec: 'vp8', rotation: 0, size: [640, 360], sound: null });
    expectTimes(
      contents.times,
      BUILT_IN.map((time) => time - START),
    );

    await panel.play();
    await expect.poll(() => demo.mark()).toBe(0);
    await demo.seek((BUILT_IN[200] ?? NaN) - START + TICK);
    await expect.poll(() => demo.mark()).toBe(200);
    await demo.page.keyboard.press('End');
    await expect.poll(() => demo.mark()).toBe(LAST);
  });

  test('goes on while the film plays, through a pool of its own', async () => {
    await open(slowEncoder);
    await demo.page.click('#play');
    await demo.reach('playing');
    await panel.start('webm-vp8');
    await expect.poll(() => demo.lent()).toHaveProperty('export', expect.not.toBeOneOf([0]));
    await expect
      .poll(async () => (await demo.poolLine('export'))[2], { interval: 20 })
      .toMatch(/export|FrameWriter/u);
    const position = await demo.position();
    await expect.poll(() => demo.position()).toBeGreaterThan(position);
    expect(await panel.state()).toBe('running');
    expect(await demo.page.isDisabled('#export-start')).toBe(true);
    await demo.page.click('#export-cancel');
    expect(await panel.end()).toBe('cancelled');
    await demo.page.click('#play');
    await demo.reach('paused');
  });
});

describe('exporting a part', () => {
  test('makes a file of what is shown in it, from the first moment to the last', async () => {
    await open();
    // Both in the middle of a frame.
    const [from, to] = [2_010_000, 4_510_000];
    await chooseRange('2.01', '4.51');
    await panel.start('mp4-av1');
    expect(await panel.end()).toBe('done');
    const first = BUILT_IN.findLastIndex((time) => time <= from);
    const last = BUILT_IN.findLastIndex((time) => time < to);
    expect(await panel.status()).toContain(`: ${last - first + 1} frames, `);

    const { name, bytes } = await panel.save();
    expect(name).toBe('built-in clip-export.mp4');
    expect(isMp4(bytes)).toBe(true);
    const contents = await contentsOf(bytes);
    expect(contents.codec).toBe('av1');
    expectTimes(
      contents.times,
      BUILT_IN.slice(first, last + 1).map((time) => Math.max(0, time - from)),
    );

    await panel.play();
    await expect.poll(() => demo.mark()).toBe(first);
    const length = Number(await demo.page.getAttribute('#seek', 'max'));
    expect(Math.abs(length - (to - from))).toBeLessThanOrEqual(TICK);
    await demo.page.keyboard.press('End');
    await expect.poll(() => demo.mark()).toBe(last);
  });

  test('that is none is told in words, and nothing is begun', async () => {
    await open();
    for (const [from, to] of [
      ['3', '3'],
      ['5', '2'],
      ['-1', '2'],
      ['0', '13'],
      ['', '2'],
    ] as const) {
      await chooseRange(from, to);
      await panel.start('webm-vp8');
      expect(await panel.state(), `from ${from} to ${to}`).toBe('failed');
      expect(await panel.status()).toContain('from 0 to 12.01 seconds');
      expect(await demo.page.isVisible('#export-result')).toBe(false);
    }
    await chooseRange('0', '0.1');
    await panel.start('webm-vp8');
    expect(await panel.end()).toBe('done');
  });
});

describe('a film that is stored sideways or squeezed', () => {
  for (const file of ['h264_rotated.mp4', 'h264_anamorphic.mp4']) {
    test(`is shown after it as before: ${file}`, async () => {
      await open();
      await demo.choose(media(file));
      await expect.poll(() => demo.page.textContent('#file-name')).toBe(file);
      const numbers = numbersOf(clip(file));
      await expect.poll(() => demo.mark()).toBe(numbers[0]);
      const screen = (): Promise<unknown> =>
        demo.page.$eval('#screen', ({ width, height }: HTMLCanvasElement) => [width, height]);
      const size = await screen();
      for (const kind of ['mp4-av1', 'webm-vp8']) {
        await panel.start(kind);
        expect(await panel.end()).toBe('done');
        const { bytes } = await panel.save();
        const contents = await contentsOf(bytes);
        expect(contents).toMatchObject({ rotation: clip(file).rotation, size });
        expect(contents.times).toHaveLength(numbers.length);
      }
      await panel.play();
      await expect.poll(() => demo.mark()).toBe(numbers[0]);
      expect(await screen()).toEqual(size);
      await demo.page.keyboard.press('End');
      await expect.poll(() => demo.mark()).toBe(numbers.at(-1));
    });
  }
});
