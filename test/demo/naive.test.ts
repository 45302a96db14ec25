/** "Without a pool" in the built demo: the freeze, and its cure. */
import type { Route } from 'playwright';
import { expect, test } from 'vitest';
import { useDemo } from './fixture.ts';

/** What the page has made of frames and decoders since it was loaded. */
interface Made {
  readonly frames: VideoFrame[];
  readonly decoders: VideoDecoder[];
}

const demo = useDemo({
  prepare: (page) =>
    page.addInitScript(() => {
      const made: Made = { frames: [], decoders: [] };
      Object.assign(globalThis, { made });
      const Native = VideoDecoder;
      globalThis.VideoDecoder = class extends Native {
        constructor(init: VideoDecoderInit) {
          super({
            error: init.error,
            output(frame) {
              made.frames.push(frame);
              init.output(frame);
            },
          });
          made.decoders.push(this);
        }
      };
      const { clone } = VideoFrame.prototype;
      VideoFrame.prototype.clone = function cloneKept() {
        const copy = clone.call(this);
        made.frames.push(copy);
        return copy;
      };
    }),
  before: async () => {
    await demo.fillStrip();
    await expect.poll(open).toEqual({ frames: 0, decoders: 0 });
  },
});

const run = (): Promise<void> => demo.page.click('#without-run');
const textOf = (id: string): Promise<string> => demo.text(`#${id}`);
const countOf = async (side: 'naive' | 'pooled'): Promise<number> =>
  parseInt(await textOf(`${side}-count`), 10);

/** How much is open of all that was made: a closed frame has no size any more. */
const open = (): Promise<{ frames: number; decoders: number }> =>
  demo.page.evaluate(() => {
    const { frames, decoders } = (globalThis as unknown as { made: Made }).made;
    return {
      frames: frames.filter(({ codedWidth }) => codedWidth > 0).length,
      decoders: decoders.filter(({ state }) => state !== 'closed').length,
    };
  });

test('the bare loop freezes without an error when its thumbnails have all that the decoder has; with a pool the film comes to its end, and nothing is left open', async () => {
  await run();
  await expect
    .poll(() => textOf('naive-text'))
    .toBe('Frozen: the decoder waits for frames that the thumbnails keep. It says nothing.');
  expect(await countOf('naive')).toBe(4);
  await expect.poll(() => countOf('pooled')).toBeGreaterThan(60);
  expect(await textOf('pooled-text')).toBe('Plays.');
  expect(await countOf('naive')).toBe(4);
  expect((await open()).frames).toBeGreaterThanOrEqual(4);
  await expect.poll(() => textOf('pooled-text'), { timeout: 60_000 }).toBe('Played to its end.');
  expect(await countOf('pooled')).toBe(360);
  expect(await textOf('naive-text')).toBe('It froze after 4 pictures, without an error.');
  const made = await demo.page.evaluate(() => (globalThis as unknown as { made: Made }).made.frames.length);
  expect(made).toBeGreaterThan(360);
  expect(await open()).toEqual({ frames: 0, decoders: 0 });
  expect(await demo.page.isEnabled('#without-run')).toBe(true);
});

test('is stopped and run again by the keyboard, while the player plays, and leaves nothing open', async () => {
  await demo.playOn();
  await demo.page.focus('#without-run');
  const focused = (): Promise<string | undefined> => demo.page.evaluate(() => document.activeElement?.id);
  for (let runs = 0; runs < 2; runs++) {
    await demo.press('Enter');
    await expect.poll(() => countOf('pooled')).toBeGreaterThanOrEqual(20);
    expect(await focused()).toBe('without-stop');
    await demo.press('Enter');
    await expect.poll(() => textOf('pooled-text')).toBe('Stopped.');
    expect(await focused()).toBe('without-run');
  }
  await demo.pause();
  await expect.poll(open).toEqual({ frames: 0, decoders: 0 });
});

test('shows nothing of the last run while the clip is loaded again, and can be stopped then', async () => {
  await run();
  await expect.poll(() => countOf('pooled')).toBeGreaterThanOrEqual(20);
  await demo.page.click('#without-stop');
  await expect.poll(() => textOf('pooled-text')).toBe('Stopped.');
  const asked: Route[] = [];
  await demo.page.route('**/*.webm', (route) => void asked.push(route));
  await run();
  for (const side of ['naive', 'pooled'] as const) {
    expect(await textOf(`${side}-text`)).toBe('Loads the clip.');
    expect(await textOf(`${side}-count`)).toBe('0 pictures');
  }
  await demo.page.click('#without-stop');
  await expect.poll(() => textOf('pooled-text')).toBe('Stopped.');
  expect(await countOf('naive')).toBe(0);
  expect(await textOf('without-problem')).toBe('');
  expect(await open()).toEqual({ frames: 0, decoders: 0 });
  for (const route of asked) await route.abort();
});

test('says what is wrong where the clip cannot be loaded', async () => {
  // The sides of a run before would still be shown.
  await demo.openAlone();
  await demo.page.route('**/*.webm', (route) => route.fulfill({ status: 404, body: '' }));
  await run();
  await expect.poll(() => textOf('without-problem')).toBe('It failed: the built-in clip is not there (404).');
  expect(await demo.page.isEnabled('#without-run')).toBe(true);
  expect(await demo.page.isVisible('#without-sides')).toBe(false);
  // The browser's own line on the answer.
  expect(demo.complaints.splice(0).every((line) => line.includes('404'))).toBe(true);
});
