/** Holding, copying and forgetting frames in the built demo. */
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { clip, timestampsOf } from '../media/clips.ts';
import { readMark } from '../support/marks.ts';
import { DemoPage, launch } from './page.ts';

const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));

const times = timestampsOf(clip('demo.webm'));
const timeOf = (frame: number): number => times[frame] ?? NaN;

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
  await expect.poll(() => demo.lent()).toMatchObject({ 'kept canvases': 0, 'kept memory': 0 });
  await demo.close();
});

const notices = (): Promise<string[]> =>
  demo.page.$$eval('#notices li', (items) => items.map((item) => item.textContent ?? ''));
const says = async (): Promise<string> => (await demo.page.textContent('#hold-text')) ?? '';

/** The numbers in the pixels of the copies that are kept. */
async function keptMarks(): Promise<number[]> {
  const marks = [];
  for (const canvas of await demo.page.$$('#kept canvas'))
    marks.push(readMark(await demo.pixels(canvas, 160)));
  return marks;
}

describe.each([
  ['canvas', 'kept canvases'],
  ['memory', 'kept memory'],
])('held as a copy: %s', (form, pool) => {
  test('more of them than there are slots, and the player goes on', async () => {
    await demo.setCapacity(2);
    await demo.page.selectOption('#hold-as', form);
    await demo.page.click('#play');
    await demo.reach('playing');
    for (let copies = 1; copies <= 4; copies++) {
      await demo.page.click('#hold');
      await expect.poll(() => demo.lent()).toMatchObject({ [pool]: copies });
    }
    expect((await demo.poolLine(pool))[2]).toBe('held by you');
    await expect.poll(says).toBe('4 copies are kept, and the player goes on.');
    const position = await demo.position();
    await expect.poll(() => demo.position()).toBeGreaterThan(position + 300_000);
    expect(await demo.state()).toBe('playing');
    expect(await demo.problem()).toBe('');
    await demo.page.click('#play');
    await demo.reach('paused');
    await demo.page.click('#let-go');
    await expect.poll(() => demo.lent()).toMatchObject({ [pool]: 0 });
    expect(await demo.page.$$('#kept li')).toHaveLength(0);
  });

  test('is the very picture that was on the screen, at each size', async () => {
    await demo.page.selectOption('#hold-as', form);
    const frames = [20, 133, 250];
    for (const [index, size] of ['180', '360', '720'].entries()) {
      const frame = frames[index] ?? NaN;
      await demo.page.selectOption('#copy-size', size);
      await demo.seek(timeOf(frame));
      await expect.poll(() => demo.mark()).toBe(frame);
      await demo.page.click('#hold');
      await expect.poll(keptMarks).toEqual(frames.slice(0, index + 1));
    }
    await demo.page.click('#let-go');
  });

  test('one of an older size stays what it is, and is destroyed when it is let go', async () => {
    await demo.page.selectOption('#hold-as', form);
    await demo.page.click('#hold');
    await expect.poll(() => demo.lent()).toMatchObject({ [pool]: 1 });
    await demo.page.selectOption('#copy-size', '180');
    expect(await demo.lent()).toMatchObject({ [pool]: 1 });
    await demo.page.click('#let-go');
    await expect.poll(notices).toContainEqual(`${pool}: released, discarded (8 free)`);
    await demo.page.click('#hold');
    await expect.poll(() => demo.lent()).toMatchObject({ [pool]: 1 });
    await demo.page.click('#let-go');
    await expect.poll(notices).toContainEqual(`${pool}: released (8 free)`);
  });

  test('where there is no room for another one the page says so, and no share waits for it', async () => {
    await demo.page.selectOption('#hold-as', form);
    for (let copies = 1; copies <= 8; copies++) {
      await demo.page.click('#hold');
      await expect.poll(() => demo.lent()).toMatchObject({ [pool]: copies });
    }
    await demo.page.click('#hold');
    await expect.poll(says).toContain('let go first');
    await expect.poll(() => demo.lent()).toMatchObject({ player: 0, [pool]: 8 });
    // Another film lets go of all of them.
    await demo.choose(media('vp8.webm'));
    await expect.poll(() => demo.lent()).toMatchObject({ [pool]: 0 });
    await expect.poll(says).toBe('');
  });
});

test('a frame has the size that it has: that of copies is to be chosen for copies alone', async () => {
  expect(await demo.page.isDisabled('#copy-size')).toBe(true);
  await demo.page.selectOption('#hold-as', 'memory');
  expect(await demo.page.isDisabled('#copy-size')).toBe(false);
  await demo.page.selectOption('#hold-as', 'frame');
  expect(await demo.page.isDisabled('#copy-size')).toBe(true);
});

test('a frame is held as was chosen when it was asked for, though the choice changes before it comes', async () => {
  await demo.page.evaluate(() => {
    document.getElementById('hold')?.click();
    const form = document.getElementById('hold-as') as HTMLSelectElement;
    form.value = 'memory';
    form.dispatchEvent(new Event('change'));
  });
  await expect.poll(() => demo.slots()).toContain('held by you');
  // The table is drawn after the slots.
  await expect.poll(() => demo.lent()).toMatchObject({ player: 1, 'kept memory': 0 });
  await demo.page.click('#let-go');
});

describe('a frame that is forgotten', () => {
  test('cannot be let go, and comes back by a collection, named', async () => {
    await demo.page.click('#forget');
    await expect.poll(() => demo.slots()).toContain('a forgetful app');
    expect(await says()).toContain('when the browser collects');
    expect(await demo.page.isDisabled('#let-go')).toBe(true);
    await demo.page.evaluate(() => (globalThis as { gc?: () => void }).gc?.());
    await expect.poll(notices).toContainEqual('player: recovered, left by a forgetful app (6 free)');
    await expect.poll(() => demo.count('lent')).toBe(0);
    expect(await demo.slots()).not.toContain('a forgetful app');
  });

  test('keeps a player of one slot waiting, which plays on when it has come back', async () => {
    await demo.setCapacity(1);
    await demo.page.click('#play');
    await demo.reach('playing');
    await demo.page.click('#forget');
    await demo.reach('starved');
    expect(await demo.problem()).toContain('a forgetful app');
    await demo.page.evaluate(() => (globalThis as { gc?: () => void }).gc?.());
    await demo.reach('playing');
    await demo.page.click('#play');
    await demo.reach('paused');
  });
});
