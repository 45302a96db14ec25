/** Loops and ranges in the built demo, by the frames that are drawn. */
import { expect, test } from 'vitest';
import { clip, timestampsOf } from '../media/clips.ts';
import { drawnTimes, forgetDrawn, watchDrawing } from './drawn.ts';
import { useDemo } from './fixture.ts';

const FILE = 'h264_baseline.mp4';
const TIMES = timestampsOf(clip(FILE));
const LAST = TIMES.length - 1;

const demo = useDemo({ prepare: watchDrawing, before: (it) => it.openClip(FILE) });

const timeOf = (frame: number): number => TIMES[frame] ?? NaN;
const goTo = (frame: number): Promise<void> => demo.showFrame(frame, FILE);

/** Sets the range between two frames, both inclusive. */
const setRange = async (from: number, to: number): Promise<void> => {
  await goTo(from);
  await demo.press('i');
  await goTo(to);
  await demo.press('o');
};

/** Drawn frames that were earlier than their predecessor. */
const jumpsBack = async (): Promise<number[]> => {
  const times = await drawnTimes(demo.page);
  return times.filter((time, index) => time < (times[index - 1] ?? -Infinity));
};

test('a looping video restarts at its end until looping is turned off', async () => {
  await demo.press('r');
  await goTo(LAST - 10);
  await forgetDrawn(demo.page);
  await demo.press('k');
  await expect.poll(jumpsBack).toContain(timeOf(0));
  expect(new Set(await jumpsBack())).toEqual(new Set([timeOf(0)]));
  await forgetDrawn(demo.page);
  await demo.seek(timeOf(LAST - 10));
  await expect.poll(jumpsBack).toContain(timeOf(0));
  expect(await demo.state()).toBe('playing');
  await demo.press('r');
  await demo.reach('ended');
  expect(await demo.mark()).toBe(LAST);
});

test('a range is played from start to end, without frames outside of it', async () => {
  await setRange(20, 30);
  await goTo(50);
  // Again, from its start.
  for (let run = 0; run < 2; run++) {
    await forgetDrawn(demo.page);
    await demo.press('k');
    await expect.poll(async () => (await drawnTimes(demo.page)).at(-1)).toBe(timeOf(30));
    await demo.reach('ended');
    expect((await drawnTimes(demo.page)).at(0)).toBe(timeOf(20));
  }
});

test('a range loops; seeks may leave it, and the next video has none', async () => {
  await setRange(20, 30);
  await demo.press('r');
  await forgetDrawn(demo.page);
  await demo.press('k');
  await expect.poll(async () => (await jumpsBack()).length).toBeGreaterThan(2);
  const drawn = await drawnTimes(demo.page);
  expect(Math.min(...drawn)).toBe(timeOf(20));
  expect(Math.max(...drawn)).toBeLessThanOrEqual(timeOf(30));
  expect(new Set(await jumpsBack())).toEqual(new Set([timeOf(20)]));
  await demo.pause();
  await goTo(50);
  await demo.press('.');
  await demo.shows(51);
  await demo.openClip('vp8.webm');
  await demo.press('r');
  await demo.showFrame(40, 'vp8.webm');
  await demo.press('k');
  await demo.reach('ended');
  expect(await demo.mark()).toBe(59);
});
