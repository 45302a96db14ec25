/** The built demo, driven from outside. */
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { drawnTimes, forgetDrawn, watchDrawing } from './drawn.ts';
import { DemoPage, launch } from './page.ts';

const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));
const BUILT_IN = timestampsOf(clip('demo.webm'));
const LAST = BUILT_IN.length - 1;

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

const timeOf = (frame: number): number => BUILT_IN[frame] ?? NaN;

describe('playing', () => {
  test('goes through the built-in clip to its last frame, and leaves nothing lent', async () => {
    await demo.page.click('#play');
    await demo.reach('playing');
    await expect.poll(() => demo.count('lent')).toBeGreaterThan(1);
    await demo.reach('ended');
    expect(await demo.mark()).toBe(LAST);
    expect(await demo.position()).toBe(timeOf(LAST));
    await expect.poll(() => demo.count('notices')).toBeGreaterThan(LAST);
    await expect.poll(() => demo.count('free')).toBe(6);
  });

  test('is never ahead of the clip’s own pace', async () => {
    // From before it begins: what was late for a moment comes up again, and is not ahead then.
    const ahead = await demo.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const player = document.querySelector('#player');
          const position = (): number => Number(player?.getAttribute('data-position'));
          document.querySelector<HTMLButtonElement>('#play')?.click();
          const begun = performance.now();
          let most = -Infinity;
          const look = (): void => {
            most = Math.max(most, position() / 1000 - (performance.now() - begun));
            if (position() < 2_500_000) requestAnimationFrame(look);
            else resolve(most);
          };
          requestAnimationFrame(look);
        }),
    );
    expect(ahead).toBeLessThan(1000 / 30);
    await demo.page.keyboard.press('k');
    await demo.reach('paused');
  });

  test('starts, pauses and starts again by the keyboard, and again after the end', async () => {
    await demo.page.keyboard.press('Space');
    await demo.reach('playing');
    await demo.page.keyboard.press('k');
    await demo.reach('paused');
    const position = await demo.position();
    await demo.page.keyboard.press('End');
    await expect.poll(() => demo.mark()).toBe(LAST);
    await demo.page.keyboard.press('Space');
    await demo.reach('ended');
    await demo.page.click('#play');
    await demo.reach('playing');
    await expect.poll(() => demo.position()).toBeLessThan(position + 3_000_000);
    await demo.page.keyboard.press('k');
    await demo.reach('paused');
  });

  test('comes to the end with a pool of one slot', async () => {
    await demo.setCapacity(1);
    await demo.choose(media('h264_bframes.mp4'));
    await expect.poll(() => demo.page.textContent('#file-name')).toBe('h264_bframes.mp4');
    await demo.reach('paused');
    await demo.page.click('#play');
    await demo.reach('ended');
    expect(await demo.mark()).toBe(59);
    expect(await demo.problem()).toBe('');
  });

  test('goes on while the capacity changes', async () => {
    await demo.page.click('#play');
    for (const capacity of [1, 16, 2, 8]) {
      await demo.setCapacity(capacity);
      const position = await demo.position();
      await expect.poll(() => demo.position()).toBeGreaterThan(position + 200_000);
      await expect.poll(async () => (await demo.slots()).length).toBeLessThanOrEqual(capacity + 3);
    }
    await demo.page.click('#play');
    await demo.reach('paused');
  });
});

describe('its pace', () => {
  test.each([
    ['0.5', 0.5],
    ['2', 2],
    ['4', 4],
  ])('at %s is never ahead of the page’s clock', async (name, rate) => {
    await demo.choose(media('long_gop.mp4'));
    await expect.poll(() => demo.page.textContent('#file-name')).toBe('long_gop.mp4');
    await demo.page.selectOption('#rate', name);
    const ahead = await demo.page.evaluate(
      ([rate, length]) =>
        new Promise<number>((resolve) => {
          const player = document.querySelector('#player');
          const position = (): number => Number(player?.getAttribute('data-position'));
          document.querySelector<HTMLButtonElement>('#play')?.click();
          const begun = performance.now();
          let most = -Infinity;
          const look = (): void => {
            most = Math.max(most, position() / 1000 - (performance.now() - begun) * rate);
            if (position() < length) requestAnimationFrame(look);
            else resolve(most);
          };
          requestAnimationFrame(look);
        }),
      [rate, rate * 1_000_000] as const,
    );
    expect(ahead).toBeLessThan(1000 / 30);
    await demo.page.keyboard.press('k');
    await demo.reach('paused');
  });

  test('stays with the next film', async () => {
    await demo.page.selectOption('#rate', '4');
    await demo.choose(media('long_gop.mp4'));
    await expect.poll(() => demo.page.textContent('#file-name')).toBe('long_gop.mp4');
    expect(await demo.page.inputValue('#rate')).toBe('4');
    await demo.page.click('#play');
    await demo.reach('ended');
    expect(await demo.mark()).toBe(299);
  });
});

test('a page that is kept busy shows frames in time order to the last, and counts each that it does not show', async () => {
  const busy = await DemoPage.open(browser, inject('demoUrl'), watchDrawing);
  await busy.choose(media('long_gop.mp4'));
  await expect.poll(() => busy.page.textContent('#file-name')).toBe('long_gop.mp4');
  await busy.fillStrip();
  const first = 150;
  await busy.seek(timestampsOf(clip('long_gop.mp4'))[first] ?? NaN);
  await expect.poll(() => busy.mark()).toBe(first);
  await forgetDrawn(busy.page);
  await busy.page.evaluate(() => {
    document.querySelector<HTMLButtonElement>('#play')?.click();
    // Work that takes longer than three frames are shown, again and again.
    const work = (): void => {
      const begun = performance.now();
      while (performance.now() - begun < 120) continue;
      const state = document.querySelector('#player')?.getAttribute('data-state');
      if (state === 'playing') setTimeout(work, 60);
    };
    setTimeout(work);
  });
  await busy.reach('ended');
  const drawn = await drawnTimes(busy.page);
  const dropped = Number.parseInt((await busy.page.textContent('#drops')) ?? '', 10);
  expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
  expect(dropped).toBeGreaterThan(15);
  expect(new Set(drawn).size + dropped).toBe(300 - first);
  expect(await busy.mark()).toBe(299);
  await busy.settle();
  await busy.close();
});

describe('seeking', () => {
  test('finds the very frame, by the number in its pixels', async () => {
    for (const frame of [200, 1, 47, 48, 49, 359, 0, 123]) {
      await demo.seek(timeOf(frame) + 5);
      await expect.poll(() => demo.mark(), { message: `frame ${frame}` }).toBe(frame);
      expect(await demo.position()).toBe(timeOf(frame));
    }
  });

  test('ends at the newest of many wishes', async () => {
    await demo.page.$eval(
      '#seek',
      (bar, times) => {
        for (const time of times) {
          (bar as HTMLInputElement).value = String(time);
          bar.dispatchEvent(new Event('input', { bubbles: true }));
        }
      },
      Array.from({ length: 60 }, (_, n) => timeOf(n * 5)),
    );
    await expect.poll(() => demo.mark()).toBe(295);
  });

  test('goes on playing from there', async () => {
    await demo.page.click('#play');
    await demo.seek(timeOf(300));
    await expect.poll(() => demo.position()).toBeGreaterThan(timeOf(310));
    await demo.reach('ended');
  });

  test('steps a frame forward and back', async () => {
    await demo.seek(timeOf(100));
    await expect.poll(() => demo.mark()).toBe(100);
    for (const [key, frame] of [
      ['.', 101],
      ['.', 102],
      [',', 101],
      [',', 100],
      [',', 99],
    ] as const) {
      await demo.page.keyboard.press(key);
      await expect.poll(() => demo.mark()).toBe(frame);
    }
    await demo.page.keyboard.press('Home');
    await expect.poll(() => demo.mark()).toBe(0);
  });
});

describe('opening', () => {
  test('shows a file that is chosen, and a rotated one upright', async () => {
    for (const file of ['vp9_odd.webm', 'h264_rotated.mp4', 'h264_anamorphic.mp4']) {
      await demo.choose(media(file));
      await expect.poll(() => demo.page.textContent('#file-name')).toBe(file);
      await demo.seek(timestampsOf(clip(file))[30] ?? NaN);
      await expect.poll(() => demo.mark(), { message: file }).toBe(numbersOf(clip(file))[30]);
    }
  });

  test('takes a file that is dropped', async () => {
    const { readFile } = await import('node:fs/promises');
    const bytes = [...(await readFile(media('vp8.webm')))];
    const transfer = await demo.page.evaluateHandle((content) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(content)], 'dropped.webm'));
      return data;
    }, bytes);
    await demo.page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    await expect.poll(() => demo.page.textContent('#file-name')).toBe('dropped.webm');
    await demo.page.click('#play');
    await demo.reach('ended');
    expect(await demo.mark()).toBe(59);
  });

  test('says in words what is wrong with a file, and plays the next good one', async () => {
    await demo.choose({ name: 'noise.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(4000, 0x5a) });
    await expect.poll(() => demo.problem()).toContain('Try another file');
    await demo.page.click('#dismiss');
    expect(await demo.problem()).toBe('');
    await demo.choose(media('sound_only.mp4'));
    await expect.poll(() => demo.problem()).toContain('only sound');
    await demo.choose(media('av1.mp4'));
    await expect.poll(() => demo.page.textContent('#file-name')).toBe('av1.mp4');
    expect(await demo.problem()).toBe('');
    await demo.page.click('#play');
    await demo.reach('ended');
    expect(await demo.mark()).toBe(59);
  });
});

describe('the pool', () => {
  test('shows who holds what; a player that starves says so, and plays on when frames are let go', async () => {
    await demo.setCapacity(2);
    await demo.page.click('#play');
    await demo.reach('playing');
    await demo.page.click('#hold');
    await expect.poll(() => demo.slots()).toContain('held by you');
    await demo.page.click('#hold');
    await demo.reach('starved');
    expect(await demo.problem()).toContain('held by you');
    await expect.poll(() => demo.slots()).toEqual(['held by you', 'held by you']);
    await demo.page.click('#let-go');
    await demo.reach('playing');
    const position = await demo.position();
    await expect.poll(() => demo.position()).toBeGreaterThan(position + 200_000);
    expect(await demo.problem()).toBe('');
    await demo.page.click('#play');
    await demo.reach('paused');
  });
});
