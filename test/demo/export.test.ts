/** Exports of the built demo: content of the files. */
import { describe, expect, test } from 'vitest';
import { clip, numbersOf } from '../media/clips.ts';
import { useDemo } from './fixture.ts';
import { expectTimes, FilePanelPage, slowEncoder, TICK } from './file-panel.ts';
import { BUILT_IN, LAST, timeOf } from './page.ts';

const START = timeOf(0);

const demo = useDemo({ before: false, after: (it) => it.lends({ export: 0 }) });
const panel = new FilePanelPage(demo, 'export');

describe('exporting the whole video', () => {
  test('writes all its frames into a file, to save and to play', async () => {
    await demo.open();
    await panel.make('webm-vp8');
    expect(await panel.status()).toMatch(/^WebM, VP8: 360 frames, [\d.]+ [kM]B\.$/u);
    // The table is updated a moment later.
    await expect
      .poll(async () => (await demo.poolLine('export')).slice(0, 3))
      .toEqual(['export', '0 / 4', '–']);

    const { times, ...made } = await panel.contents();
    expect(made).toMatchObject({ name: 'built-in clip-export.webm', isWebM: true, codec: 'vp8' });
    expect(made).toMatchObject({ rotation: 0, size: [640, 360], sound: null });
    const shown = BUILT_IN.map((time) => time - START);
    expectTimes(times, shown);

    await panel.play();
    await demo.shows(0);
    await demo.seek(timeOf(200) - START + TICK);
    await demo.shows(200);
    await demo.press('End');
    await demo.shows(LAST);
  });

  test('runs while the video plays, through its own pool', async () => {
    await demo.open(slowEncoder);
    await demo.playOn();
    await panel.start('webm-vp8');
    await demo.page.evaluate(() => Object.assign(globalThis, { encoderStands: true }).encoderStands);
    await expect.poll(() => demo.lent()).toHaveProperty('export', expect.not.toBeOneOf([0]));
    await expect
      .poll(async () => (await demo.poolLine('export'))[2], { interval: 20 })
      .toMatch(/export|FrameWriter/u);
    await demo.expectPlayback();
    expect(await panel.state()).toBe('running');
    expect(await demo.page.isDisabled('#export-start')).toBe(true);
    await demo.page.click('#export-cancel');
    await panel.ends('cancelled');
    await demo.pause();
  });
});

describe('exporting a part', () => {
  test('that is invalid shows an error, and nothing starts', async () => {
    // The result of a previous test would still be offered.
    await demo.openAlone();
    for (const [from, to] of [
      ['3', '3'],
      ['5', '2'],
      ['-1', '2'],
      ['0', '13'],
      ['', '2'],
    ] as const) {
      await panel.chooseRange(from, to);
      await panel.start('webm-vp8');
      expect(await panel.state(), `from ${from} to ${to}`).toBe('failed');
      expect(await panel.status()).toContain('from 0 to 12.01 seconds');
      expect(await demo.page.isVisible('#export-result')).toBe(false);
    }
    await panel.chooseRange('0', '0.1');
    await panel.make('webm-vp8');
  });
});

describe('a video that is stored rotated or anamorphic', () => {
  test.each(['h264_rotated.mp4', 'h264_anamorphic.mp4'])(
    'looks the same after the export: %s',
    async (file) => {
      await demo.open();
      await demo.openClip(file);
      const numbers = numbersOf(clip(file));
      await demo.shows(numbers[0]);
      const size = await demo.screenSize();
      for (const kind of ['mp4-av1', 'webm-vp8']) {
        await panel.make(kind);
        const contents = await panel.contents();
        expect(contents).toMatchObject({ rotation: clip(file).rotation, size });
        expect(contents.times).toHaveLength(numbers.length);
      }
      await panel.play();
      await demo.shows(numbers[0]);
      expect(await demo.screenSize()).toEqual(size);
      await demo.press('End');
      await demo.shows(numbers.at(-1));
    },
  );
});
