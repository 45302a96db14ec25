/** Pool panel of the built demo: slots with thumbnails, and notices. */
import { expect, test } from 'vitest';
import { drawings, forgetDrawn, watchDrawing } from './drawn.ts';
import { useDemo } from './fixture.ts';

const demo = useDemo({ prepare: watchDrawing, before: ({ page }) => forgetDrawn(page) });

/** Slots as the page shows them: the holder, whether the thumbnail is current, the number in its pixels. */
async function cells(): Promise<{ text: string; picture: string; mark: number }[]> {
  const found = [];
  for (const item of await demo.page.$$('#slots li')) {
    found.push({
      text: (await item.textContent()) ?? '',
      picture: (await item.getAttribute('data-picture')) ?? '',
      mark: await demo.markOf(await item.$('canvas')),
    });
  }
  return found;
}

/** Holds the frame on the screen, and waits until its thumbnail is in a slot. */
const hold = async (mark: number): Promise<void> => {
  await demo.page.click('#hold');
  await expect
    .poll(cells)
    .toContainEqual(expect.objectContaining({ text: 'held by you', picture: 'now', mark }));
};

test('a held slot shows its frame and its holder', async () => {
  for (const frame of [120, 47]) {
    await demo.showFrame(frame);
    await hold(frame);
  }
  const held = (await cells()).filter(({ text }) => text === 'held by you');
  expect(held.map(({ mark }) => mark).toSorted((one, other) => one - other)).toEqual([47, 120]);
  await demo.page.click('#release-held');
  await expect.poll(async () => (await cells()).every(({ text }) => text === 'free')).toBe(true);
});

test('a frame decoded ahead is visible in its slot before it is on the screen', async () => {
  await demo.playOn();
  const ahead = async (): Promise<number> => {
    let shown = NaN;
    return (await drawings(demo.page)).filter(({ place, timestamp }) => {
      if (place === 'screen') shown = timestamp;
      return place === 'slots' && timestamp > shown;
    }).length;
  };
  await expect.poll(ahead).toBeGreaterThan(3);
  await demo.pause();
});

test('the thumbnail of a frame that left its slot is marked as outdated', async () => {
  await demo.showFrame(100);
  await hold(100);
  await demo.page.click('#release-held');
  await expect.poll(cells).toContainEqual({ text: 'free', picture: 'before', mark: 100 });
});

test('a rotated video is upright in its slot; another video clears the thumbnails', async () => {
  await hold(0);
  await demo.openClip('h264_rotated.mp4');
  await demo.page.click('#hold');
  await expect.poll(cells).toContainEqual(expect.objectContaining({ text: 'held by you', picture: 'now' }));
  const slot = await demo.page.$eval('#slots li[data-picture="now"] canvas', (canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    context?.drawImage(canvas as HTMLCanvasElement, 0, 0);
    const data = context?.getImageData(0, 0, width, height).data ?? [];
    const drawn = [...data.keys()].filter((at) => at % 4 === 3 && data[at] === 255).map((at) => (at - 3) / 4);
    const extent = (values: readonly number[]): number => Math.max(...values) - Math.min(...values) + 1;
    return extent(drawn.map((at) => at % width)) / extent(drawn.map((at) => Math.floor(at / width)));
  });
  const [width = NaN, height = NaN] = await demo.screenSize();
  expect(Math.abs(slot - width / height)).toBeLessThan(0.05);
  await demo.page.click('#release-held');
});

test.each([
  ['at most five times a second, at any speed', 'no-preference', 185, 8],
  ['at most once a second under reduced motion', 'reduce', 900, 2],
] as const)('thumbnails of slots are drawn %s', async (_, reducedMotion, least, enough) => {
  await demo.page.emulateMedia({ reducedMotion });
  await forgetDrawn(demo.page);
  const from = await demo.page.evaluate(() => performance.now());
  await demo.playOn();
  const drawn = async (): Promise<number[]> =>
    (await drawings(demo.page)).filter(({ place }) => place === 'slots').map(({ at }) => at);
  await expect.poll(async () => (await drawn()).length).toBeGreaterThan(enough);
  await demo.pause();
  // A late drawing can be followed by a sooner one, so the average over all is checked.
  const times = await drawn();
  expect((times.length - 1) * least).toBeLessThan((times.at(-1) ?? NaN) - from);
});

test('equal notices are counted on one line, with the free slots', async () => {
  // The panel keeps the notices of previous tests.
  await demo.openAlone();
  await demo.playOn();
  await expect.poll(() => demo.count('notices')).toBeGreaterThan(30);
  await demo.pause();
  const lines = await demo.texts('#notices li');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^player: released × \d+ \(\d free\)$/u);
  expect(await demo.page.getAttribute('#notices', 'aria-live')).toBe(null);
});

test('the capacity is changed by keyboard during playback', async () => {
  await demo.playOn();
  await demo.page.focus('#capacity');
  await demo.press('ArrowUp', 'ArrowUp', 'ArrowUp');
  await expect.poll(async () => (await demo.slots()).length).toBe(9);
  await demo.press('Home');
  await expect.poll(async () => (await demo.slots()).length).toBe(1);
  await demo.expectPlayback();
  await demo.pause();
});

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
] as const)(
  'axe finds no violation with held, copied and leaked frames: %s, %i px',
  async (colorScheme, width) => {
    demo.allowCollection();
    await demo.page.emulateMedia({ colorScheme });
    await demo.page.setViewportSize({ width, height: 900 });
    await demo.page.click('#hold');
    await demo.page.selectOption('#hold-as', 'memory');
    await demo.page.click('#hold');
    await demo.page.click('#forget');
    await expect.poll(() => demo.page.$$('#saved-copies li')).toHaveLength(1);
    await demo.page.click('#comparison-run');
    await expect.poll(() => demo.text('#naive-text')).toContain('Frozen');
    expect(await demo.violations([['.pool'], ['#comparison']])).toEqual([]);
    await demo.page.click('#comparison-stop');
    await demo.page.click('#release-held');
    await demo.collect();
  },
);
