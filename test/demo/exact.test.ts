/** Exactness of seeking and stepping in the built demo, by the numbers in the pixels, for every clip that has them. */
import { describe, expect, test } from 'vitest';
import { clip, CLIPS, numbersOf, timestampsOf } from '../media/clips.ts';
import { Random } from '../soak/random.ts';
import { useDemo } from './fixture.ts';

/** Clips and number of random seeks, 200 in total. Long groups, B-frames, hidden frames, gaps of many sizes. */
const RANDOM = ['demo.webm', 'long_gop.mp4', 'h264_opengop.mp4', 'h264_vfr.mp4', 'vp9_hidden_split.webm'];
const SEEKS = 40;
const SEED = 20_261_121;

const demo = useDemo();

describe('two hundred seeks at random', () => {
  test.each(RANDOM)('in %s each show the exact frame', async (file) => {
    const times = timestampsOf(clip(file));
    const numbers = numbersOf(clip(file));
    const random = new Random(SEED + RANDOM.indexOf(file));
    await demo.openClip(file);
    for (let count = 0; count < SEEKS; count++) {
      const frame = random.below(times.length);
      const from = times[frame] ?? NaN;
      const length = (times[frame + 1] ?? from + 1) - from;
      await demo.seek(from + random.below(length));
      await demo.shows(numbers[frame], `seed ${SEED}, seek ${count} in ${file}, to frame ${frame}`);
      expect(await demo.position()).toBe(from);
    }
  });
});

test('a hundred steps forward and a hundred back show each frame in turn', async () => {
  const file = 'long_gop.mp4';
  await demo.openClip(file);
  // Over the key frame in the middle, from one group into the other and back.
  const first = 100;
  const frames = Array.from({ length: 101 }, (_, step) => first + step);
  await demo.showFrame(first, file);
  await demo.step({ key: '.', frames: frames.slice(1) }, { key: ',', frames: frames.reverse().slice(1) });
});

test('steps that are faster than frames are all performed', async () => {
  await demo.showFrame(100);
  for (let count = 0; count < 30; count++) void demo.press('.');
  await demo.shows(130, 'forward');
  for (let count = 0; count < 10; count++) void demo.press(',');
  await demo.shows(120, 'back');
  // No extra steps.
  await demo.press('.');
  await demo.shows(121, 'once more');
});

describe('every clip opens at its first frame, and steps and seeks exactly', () => {
  const withNumbers = CLIPS.filter(({ codec }) => codec !== null);
  test.each(withNumbers.map((video) => [video.file, video] as const))('%s', async (file, video) => {
    const times = timestampsOf(video);
    const numbers = numbersOf(video);
    // An edit list may cut off the first frames.
    const beginning = times.findLastIndex((time) => time <= 0);
    const first = Math.max(0, beginning);
    const last = times.length - 1;
    const middle = first + Math.floor((times.length - first) / 2);
    const pressAndShow = async (keys: string, frame: number, what: string): Promise<void> => {
      await demo.press(...keys);
      await demo.shows(numbers[frame], `${file}: ${what}`);
    };
    await demo.openClip(file);
    await demo.shows(numbers[first], `${file}: the first`);
    // There is no frame before the first.
    await pressAndShow(',.', first + 1, 'one forward');
    await pressAndShow(',', first, 'one back');
    await demo.showFrame(middle, file);
    await pressAndShow(',', middle - 1, 'before the middle');
    await pressAndShow('..', middle + 1, 'after the middle');
    await demo.press('End');
    await demo.shows(numbers[last], `${file}: the last`);
    // There is no frame after the last.
    await pressAndShow('.,', last - 1, 'before the last');
  });
});
