/** Mirrored videos in the built demo: every view flips its frames. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { ORIENTATIONS, withTrackMatrix } from '../support/track-matrix.ts';
import { useDemo } from './fixture.ts';
import { FilePanelPage } from './file-panel.ts';
import { media } from './page.ts';
import type { Pixels } from './pixels.ts';
import { numberIn } from './pixels.ts';

const CLIP = 'h264_baseline.mp4';
const NUMBERS = numbersOf(clip(CLIP));

const demo = useDemo({ after: (it) => it.lends({ 'canvas copies': 0, 'memory copies': 0, export: 0 }) });

/** Exchanges left and right, or top and bottom: the numbers in the clip are stored upright. */
function mirrored({ data, width, height }: Pixels, isUpsideDown: boolean): Pixels {
  const back = new Uint8ClampedArray(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (isUpsideDown ? (height - 1 - y) * width + x : y * width + (width - 1 - x)) * 4;
      back.set(data.subarray(from, from + 4), (y * width + x) * 4);
    }
  return { data: back, width, height };
}

describe.each([
  ['left to right', 0],
  ['top to bottom', 180],
] as const)('a video that is mirrored %s', (_, rotation) => {
  const isUpsideDown = rotation === 180;
  const name = `mirrored by ${rotation}.mp4`;

  /** Numbers in the mirror image of all canvases that match a selector. */
  const marks = async (selector: string, width = 160): Promise<number[]> => {
    const found: number[] = [];
    for (const canvas of await demo.page.$$(selector))
      found.push(numberIn(mirrored(await demo.pixels(canvas, width), isUpsideDown)));
    return found;
  };

  const screen = async (): Promise<number | undefined> => (await marks('#screen', 320))[0];

  const open = async (): Promise<void> => {
    const oriented = ORIENTATIONS.find((each) => each.rotation === rotation && each.flip);
    const file = await withTrackMatrix(
      new Blob([await readFile(media(CLIP))]),
      oriented?.matrix ?? [1, 0, 0, 1],
    );
    const buffer = Buffer.from(await file.arrayBuffer());
    await demo.choose({ name, mimeType: 'video/mp4', buffer });
    await demo.opens(name);
  };

  test.each(['the page', 'a worker'])(
    'is mirrored on the screen and in the strip, decoded in %s',
    async (where) => {
      if (where === 'a worker') await demo.decodeInWorker(true);
      await open();
      await expect.poll(screen).toBe(NUMBERS[0]);
      await demo.fillStrip();
      const shown = (await demo.thumbnails()).map(
        ({ time }) => NUMBERS[timestampsOf(clip(CLIP)).indexOf(time)],
      );
      expect(await marks('#film-strip canvas')).toEqual(shown);
      await demo.press('End');
      await expect.poll(screen).toBe(NUMBERS.at(-1));
    },
  );

  test('is mirrored in its slot and in copies', async () => {
    await open();
    await demo.page.click('#hold');
    await expect.poll(() => marks('#slots li[data-picture="now"] canvas')).toContain(NUMBERS[0]);
    for (const [form, pool] of [
      ['canvas', 'canvas copies'],
      ['memory', 'memory copies'],
    ] as const) {
      await demo.page.selectOption('#hold-as', form);
      await demo.page.click('#hold');
      await demo.lends({ [pool]: 1 });
    }
    await expect.poll(() => marks('#saved-copies canvas')).toEqual([NUMBERS[0], NUMBERS[0]]);
    await demo.page.click('#release-held');
  });

  test('is mirrored after it is exported', async () => {
    await open();
    const panel = new FilePanelPage(demo, 'export');
    for (const kind of ['mp4-av1', 'webm-vp8']) {
      await panel.make(kind);
      expect(await panel.contents()).toMatchObject({ rotation, flip: true });
    }
    await panel.play();
    await expect.poll(screen).toBe(NUMBERS[0]);
  });
});
