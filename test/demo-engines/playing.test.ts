/** Playback of the built demo in an engine: exact seeks and steps, by the numbers in the pixels. */
import { describe, expect, inject, test } from 'vitest';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { BUILT_IN, LAST, media } from '../demo/page.ts';
import { useDemo } from './demo.ts';

/** B-frames; hidden frames; gaps of many sizes. */
const FILES = ['h264_bframes.mp4', 'vp9_hidden.webm', 'h264_vfr.mp4'];

const demo = useDemo();

describe('the built-in clip', () => {
  test('is sought to the exact frame, repeatedly', async () => {
    for (const frame of [200, 30, 31, 359, 100, 0]) {
      await demo.seek(BUILT_IN[frame] ?? NaN);
      await demo.shows(frame, `a seek to frame ${frame}`);
    }
  });

  test('steps forward and back over a key frame', async () => {
    const first = 115;
    await demo.seek(BUILT_IN[first] ?? NaN);
    await demo.shows(first, 'the first');
    for (let frame = first + 1; frame <= first + 10; frame++) {
      await demo.press('.');
      await demo.shows(frame, 'forward');
    }
    for (let frame = first + 9; frame >= first; frame--) {
      await demo.press(',');
      await demo.shows(frame, 'back');
    }
  });
});

test('the built-in clip plays from start to end', async () => {
  if (inject('engine') === 'webkitgtk') {
    // WebKitGTK crashes in AudioData.copyTo(), so the clip is played without its sound.
    await demo.run(() => {
      AudioDecoder.isConfigSupported = (config) => Promise.resolve({ supported: false, config });
    });
    await demo.click('#close');
    await demo.reaches('empty');
    await demo.click('#built-in');
    await demo.shows(0, 'the first');
  }
  await demo.click('#play');
  await demo.reaches('playing');
  // Twelve seconds, on an audio device that a busy machine may delay.
  await expect.poll(() => demo.state(), { timeout: 60_000 }).toBe('ended');
  await demo.shows(LAST, 'the last');
});

describe('a file', () => {
  test.each(FILES)('%s is sought, stepped, and played to its last frame', async (file) => {
    const times = timestampsOf(clip(file));
    const numbers = numbersOf(clip(file));
    const last = times.length - 1;
    const middle = Math.floor(last / 2);
    await demo.choose(media(file));
    await demo.shows(numbers[0], 'the first');
    await demo.seek(times[middle] ?? NaN);
    await demo.shows(numbers[middle], 'the middle');
    await demo.press(',');
    await demo.shows(numbers[middle - 1], 'before the middle');
    await demo.press('.');
    await demo.press('.');
    await demo.shows(numbers[middle + 1], 'after the middle');
    await demo.seek(times[last - 10] ?? NaN);
    await demo.shows(numbers[last - 10], 'near the end');
    await demo.click('#play');
    await demo.reaches('ended');
    await demo.shows(numbers[last], 'the last');
  });

  test('is sought after a worker was requested, even if it is unavailable', async () => {
    const file = 'h264_bframes.mp4';
    await demo.click('#in-worker');
    await demo.choose(media(file));
    // WebKitGTK does not load the built worker; the page reports it, and decodes on the main thread.
    const isRefused = inject('engine') === 'webkitgtk';
    if (isRefused) {
      await expect.poll(() => demo.problem()).toContain('the worker cannot be used');
      await demo.click('#dismiss');
    }
    await expect.poll(() => demo.text('#origin')).toContain(isRefused ? 'main thread' : 'worker');
    const times = timestampsOf(clip(file));
    for (const frame of [40, 12, 59]) {
      await demo.seek(times[frame] ?? NaN);
      await demo.shows(numbersOf(clip(file))[frame], `frame ${frame}`);
    }
  });
});
