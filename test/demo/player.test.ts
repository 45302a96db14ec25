/** Player of the built demo, driven from outside. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { drawnTimes, forgetDrawn, watchDrawing } from './drawn.ts';
import { useDemo } from './fixture.ts';
import { LAST, media, timeOf } from './page.ts';

const demo = useDemo({ prepare: watchDrawing });

/** Plays a number of µs at a rate, and returns the maximum lead over the page's clock in ms. */
const mostAhead = (rate: number, length: number): Promise<number> =>
  demo.page.evaluate(
    ([rate, length]) =>
      new Promise<number>((resolve) => {
        const player = document.querySelector('#player');
        const position = (): number => Number(player?.getAttribute('data-position'));
        document.querySelector<HTMLButtonElement>('#play')?.click();
        // Measured from before the start: a frame that was briefly late catches up, and is not ahead then.
        const begun = performance.now();
        let most = -Infinity;
        const look = (): void => {
          most = Math.max(most, position() / 1000 - (performance.now() - begun) * rate);
          if (position() < length) requestAnimationFrame(look);
          else resolve(most);
        };
        requestAnimationFrame(look);
      }),
    [rate, length] as const,
  );

describe('playing', () => {
  test('is never ahead of the clip’s own pace', async () => {
    await demo.press('r');
    expect(await mostAhead(1, 2_500_000)).toBeLessThan(1000 / 30);
    await demo.pause();
  });

  test('starts, pauses and resumes by keyboard, and restarts after the end', async () => {
    await demo.pressTo('Space', 'playing');
    await demo.pressTo('k', 'paused');
    await demo.press('End');
    await demo.shows(LAST);
    await demo.pressTo('Space', 'ended');
    await demo.play();
    await expect.poll(() => demo.position()).toBeLessThan(timeOf(LAST));
    await demo.pressTo('k', 'paused');
  });

  test('continues while the capacity changes', async () => {
    await demo.playOn();
    for (const capacity of [1, 16, 2, 8]) {
      await demo.setCapacity(capacity);
      await demo.expectPlayback();
      await expect.poll(async () => (await demo.slots()).length).toBeLessThanOrEqual(capacity + 3);
    }
    await demo.pause();
  });
});

describe('the speed', () => {
  test.each([0.5, 2, 4])('%s is never ahead of the page’s clock', async (rate) => {
    await demo.openClip('long_gop.mp4');
    await demo.page.selectOption('#rate', String(rate));
    await demo.press('r');
    expect(await mostAhead(rate, rate * 1_000_000)).toBeLessThan(1000 / 30);
    await demo.pause();
  });

  test('persists for the next video', async () => {
    await demo.page.selectOption('#rate', '4');
    await demo.openClip('long_gop.mp4');
    expect(await demo.page.inputValue('#rate')).toBe('4');
    await demo.playToEnd();
    expect(await demo.mark()).toBe(299);
  });
});

test('a busy page shows frames in order to the last, and counts each dropped one', async () => {
  await demo.openClip('long_gop.mp4');
  await demo.fillStrip();
  const first = 150;
  await demo.showFrame(first, 'long_gop.mp4');
  await forgetDrawn(demo.page);
  await demo.play();
  // For longer than three frames are shown.
  await demo.keepBusy(120);
  await demo.reach('ended');
  const drawn = await drawnTimes(demo.page);
  const dropped = Number.parseInt(await demo.text('#drops'), 10);
  expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
  expect(dropped).toBeGreaterThan(15);
  expect(new Set(drawn).size + dropped).toBe(300 - first);
  expect(await demo.mark()).toBe(299);
});

describe('seeking', () => {
  test('ends at the newest of many requests', async () => {
    await demo.seek(...Array.from({ length: 60 }, (_, n) => timeOf(n * 5)));
    await demo.shows(295);
  });

  test('continues playback from there', async () => {
    await demo.page.click('#play');
    await demo.seek(timeOf(300));
    await demo.passes(timeOf(310));
    await demo.reach('ended');
  });
});

describe('opening', () => {
  test('accepts a dropped file', async () => {
    const transfer = await demo.page.evaluateHandle(
      (content) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(content)], 'dropped.webm'));
        return data;
      },
      [...(await readFile(media('vp8.webm')))],
    );
    await demo.page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    await expect.poll(() => demo.text('#file-name')).toBe('dropped.webm');
    await demo.playToEnd();
    expect(await demo.mark()).toBe(59);
  });
});
