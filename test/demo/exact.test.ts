/** Seeking and stepping in the built demo, exact by the numbers in the pixels, in every clip that has them. */
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { Clip } from '../media/clips.ts';
import { clip, CLIPS, numbersOf, timestampsOf } from '../media/clips.ts';
import { DemoPage, launch } from './page.ts';

/** Every clip that has pictures. */
const CLIPS_WITH_NUMBERS = CLIPS.filter(({ codec }) => codec !== null);

/** Where the random seeks are done, and how many in each: 200 together. Long groups, B-frames, hidden frames, gaps of many sizes. */
const RANDOM = ['demo.webm', 'long_gop.mp4', 'h264_opengop.mp4', 'h264_vfr.mp4', 'vp9_hidden_split.webm'];
const SEEKS = 40;
const SEED = 20_261_121;

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

const choose = async ({ file }: Clip): Promise<void> => {
  await demo.choose(fileURLToPath(new URL(`../media/${file}`, import.meta.url)));
  await expect.poll(() => demo.page.textContent('#file-name')).toBe(file);
  await demo.reach('paused');
};

const shows = async (number: number | undefined, message: string): Promise<void> => {
  await expect.poll(() => demo.mark(), { message, interval: 10 }).toBe(number);
};

/** The places of the frames that are meant to be shown: an edit list may have cut the first ones off. */
const placesOf = (times: readonly number[]): number[] => {
  const first = times.findLastIndex((time) => time <= 0);
  return [...times.keys()].slice(Math.max(0, first));
};

describe('two hundred seeks at random', () => {
  test.each(RANDOM)('in %s each show the very frame', async (file) => {
    const film = clip(file);
    const times = timestampsOf(film);
    const numbers = numbersOf(film);
    const random = randomFrom(SEED + RANDOM.indexOf(file));
    await choose(film);
    for (let count = 0; count < SEEKS; count++) {
      const frame = Math.floor(random() * times.length);
      const from = times[frame] ?? NaN;
      const length = (times[frame + 1] ?? from + 1) - from;
      await demo.seek(from + Math.floor(random() * length));
      await shows(numbers[frame], `seed ${SEED}, seek ${count} in ${file}, to frame ${frame}`);
      expect(await demo.position()).toBe(from);
    }
  });
});

test('a hundred steps forward and a hundred back show each frame in turn', async () => {
  const film = clip('long_gop.mp4');
  const times = timestampsOf(film);
  await choose(film);
  // Over the key frame in the middle, and from one group into the other and back.
  const first = 100;
  await demo.seek(times[first] ?? NaN);
  await shows(first, 'the first');
  for (let frame = first + 1; frame <= first + 100; frame++) {
    await demo.page.keyboard.press('.');
    await shows(frame, 'forward');
  }
  for (let frame = first + 99; frame >= first; frame--) {
    await demo.page.keyboard.press(',');
    await shows(frame, 'back');
  }
});

test('steps that come faster than frames are all made', async () => {
  await demo.seek(timestampsOf(clip('demo.webm'))[100] ?? NaN);
  await shows(100, 'the first');
  for (let count = 0; count < 30; count++) void demo.page.keyboard.press('.');
  await shows(130, 'forward');
  for (let count = 0; count < 10; count++) void demo.page.keyboard.press(',');
  await shows(120, 'back');
  // None too many.
  await demo.page.keyboard.press('.');
  await shows(121, 'once more');
});

describe('every clip opens at its first frame, steps and is sought in to the very frame', () => {
  test.each(CLIPS_WITH_NUMBERS.map((film) => [film.file, film] as const))('%s', async (file, film) => {
    const times = timestampsOf(film);
    const numbers = numbersOf(film);
    const places = placesOf(times);
    const first = places[0] ?? NaN;
    const last = times.length - 1;
    const middle = places[Math.floor(places.length / 2)] ?? NaN;
    const press = (key: string): Promise<void> => demo.page.keyboard.press(key);
    await choose(film);
    await shows(numbers[first], `${file}: the first`);
    // There is nothing before the first.
    await press(',');
    await press('.');
    await shows(numbers[first + 1], `${file}: one forward`);
    await press(',');
    await shows(numbers[first], `${file}: one back`);
    await demo.seek(times[middle] ?? NaN);
    await shows(numbers[middle], `${file}: the middle`);
    await press(',');
    await shows(numbers[middle - 1], `${file}: before the middle`);
    await press('.');
    await press('.');
    await shows(numbers[middle + 1], `${file}: after the middle`);
    await press('End');
    await shows(numbers[last], `${file}: the last`);
    // There is nothing after the last.
    await press('.');
    await press(',');
    await shows(numbers[last - 1], `${file}: before the last`);
  });
});

/** Numbers from 0 to below 1, the same for the same seed. (mulberry32, public domain.) */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
