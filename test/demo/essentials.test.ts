/** Essentials of the built demo in one page load; `npm test` runs this file. */
import { describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';
import { expectTimes, FilePanelPage, TICK } from './file-panel.ts';
import { BUILT_IN, media, timeOf } from './page.ts';

const demo = useDemo({
  after: (it) => it.lends({ export: 0, 'canvas copies': 0, 'memory copies': 0 }),
});

/** Seeks to times within frames. */
const seekTo = async (...frames: readonly number[]): Promise<void> => {
  for (const frame of frames) {
    await demo.seek(timeOf(frame) + 5);
    await demo.shows(frame, `frame ${frame}`);
    expect(await demo.position()).toBe(timeOf(frame));
  }
};

describe('playing', () => {
  test('reaches the last frame of the built-in clip, and nothing stays lent', async () => {
    await demo.expectPlaysThrough();
  });

  test('reaches the end with a pool of one slot', async () => {
    await demo.setCapacity(1);
    await demo.openClip('h264_bframes.mp4');
    await demo.playToEnd();
    expect(await demo.mark()).toBe(59);
    expect(await demo.problem()).toBe('');
  });
});

describe('seeking', () => {
  test('shows the exact frame, by the number in its pixels', async () => {
    await seekTo(200, 1, 47, 48, 49, 359, 0, 123);
  });

  test('steps a frame forward and back', async () => {
    await demo.showFrame(100);
    await demo.step({ key: '.', frames: [101, 102] }, { key: ',', frames: [101, 100, 99] });
    await demo.step({ key: 'Home', frames: [0] });
  });
});

describe('opening', () => {
  test('reports the error of a file, and plays the next valid one', async () => {
    await demo.openNoise();
    await demo.page.click('#dismiss');
    expect(await demo.problem()).toBe('');
    await demo.choose(media('sound_only.mp4'));
    await expect.poll(() => demo.problem()).toContain('only sound');
    await demo.openClip('av1.mp4');
    expect(await demo.problem()).toBe('');
    await demo.playToEnd();
    expect(await demo.mark()).toBe(59);
  });
});

describe('the pool', () => {
  test('shows the holders; a starved player reports it, and resumes on release', async () => {
    await demo.setCapacity(2);
    await demo.playOn();
    await demo.hold(1);
    await demo.starve();
    await expect.poll(() => demo.slots()).toEqual(['held by you', 'held by you']);
    await demo.releaseAll();
    await demo.pause();
  });
});

describe('keys', () => {
  test('Space and K play and pause', async () => {
    await demo.pressTo('Space', 'playing');
    await demo.pressTo('Space', 'paused');
    await demo.pressTo('k', 'playing');
    await demo.pressTo('K', 'paused');
  });
});

describe('the film strip', () => {
  test('seeks on click, and marks the current part', async () => {
    await demo.fillStrip();
    const thumbnails = await demo.thumbnails();
    const numbers = await demo.marks('#film-strip canvas');
    for (const index of [thumbnails.length - 1, 0, 4]) {
      await demo.page.click(`#film-strip button:nth-child(${index + 1})`);
      await demo.shows(numbers[index]);
      expect(await demo.position()).toBe(thumbnails[index]?.time);
      const marked = (await demo.thumbnails()).flatMap((thumbnail, at) => (thumbnail.current ? [at] : []));
      expect(marked).toEqual([index]);
    }
  });
});

describe.each(['canvas', 'memory'])('held as a copy: %s', (form) => {
  test('equals the frame on the screen, at each size', async () => {
    await demo.page.selectOption('#hold-as', form);
    const frames = [20, 133, 250];
    for (const [index, size] of ['180', '360', '720'].entries()) {
      await demo.page.selectOption('#copy-size', size);
      await demo.showFrame(frames[index] ?? NaN);
      await demo.page.click('#hold');
      await expect.poll(() => demo.marks('#saved-copies canvas')).toEqual(frames.slice(0, index + 1));
    }
    await demo.page.click('#release-held');
  });
});

describe('exporting a part', () => {
  test('writes the frames of the range, from its first moment to its last', async () => {
    const panel = new FilePanelPage(demo, 'export');
    // Both are in the middle of a frame.
    const [from, to] = [2_010_000, 4_510_000];
    await panel.chooseRange('2.01', '4.51');
    await panel.make('mp4-av1');
    const first = BUILT_IN.findLastIndex((time) => time <= from);
    const last = BUILT_IN.findLastIndex((time) => time < to);
    expect(await panel.status()).toContain(`: ${last - first + 1} frames, `);

    const made = await panel.contents();
    expect(made).toMatchObject({ name: 'built-in clip-export.mp4', isMp4: true, codec: 'av1' });
    const shown = BUILT_IN.slice(first, last + 1);
    expectTimes(
      made.times,
      shown.map((time) => Math.max(0, time - from)),
    );

    await panel.play();
    await demo.shows(first);
    const length = Number(await demo.page.getAttribute('#seek', 'max'));
    expect(Math.abs(length - (to - from))).toBeLessThanOrEqual(TICK);
    await demo.press('End');
    await demo.shows(last);
  });
});

describe('a video in a worker', () => {
  test('is sought and stepped to the exact frame', async () => {
    await demo.decodeInWorker(true);
    await seekTo(200, 47, 359, 0, 123);
    await demo.step({ key: '.', frames: [124, 125] }, { key: ',', frames: [124] });
    await demo.empty();
    await demo.lendsNothing();
    await expect.poll(() => demo.workers()).toBe(0);
  });
});

describe('buttons', () => {
  test('the built-in clip can be opened again after it was closed', async () => {
    await demo.empty();
    expect(await demo.page.isVisible('.invitation')).toBe(true);
    await demo.page.click('#built-in');
    await demo.reach('paused');
    await demo.shows(0);
    expect(await demo.page.isVisible('.invitation')).toBe(false);
  });
});

// Last in the file: the engine may report the frame while other tests use the page.
describe('a leaked frame', () => {
  test('cannot be released, and is recovered by a collection, with its holder', async () => {
    demo.allowCollection();
    await demo.page.click('#forget');
    await expect.poll(() => demo.slots()).toContain('leaky app');
    expect(await demo.text('#hold-text')).toContain('at a garbage collection');
    expect(await demo.page.isDisabled('#release-held')).toBe(true);
    await demo.collect();
    await expect
      .poll(() => demo.texts('#notices li'))
      .toContainEqual('player: recovered, held by leaky app (6 free)');
    await expect.poll(() => demo.count('lent')).toBe(0);
    expect(await demo.slots()).not.toContain('leaky app');
  });
});
