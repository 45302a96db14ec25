/** "Without a pool" in the built demo: the freeze, and the loop that avoids it. */
import type { Route } from 'playwright';
import { expect, test } from 'vitest';
import { useDemo } from './fixture.ts';

/** Frames and decoders that the page created since it was loaded. */
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

const run = (): Promise<void> => demo.page.click('#comparison-run');
const textOf = (id: string): Promise<string> => demo.text(`#${id}`);
const countOf = async (side: 'naive' | 'pooled'): Promise<number> =>
  parseInt(await textOf(`${side}-count`), 10);

/** Number of created objects that are still open: a closed frame has no size. */
const open = (): Promise<{ frames: number; decoders: number }> =>
  demo.page.evaluate(() => {
    const { frames, decoders } = (globalThis as unknown as { made: Made }).made;
    return {
      frames: frames.filter(({ codedWidth }) => codedWidth > 0).length,
      decoders: decoders.filter(({ state }) => state !== 'closed').length,
    };
  });

test('the plain loop freezes without an error; with a pool the clip reaches its end', async () => {
  await run();
  await expect
    .poll(() => textOf('naive-text'))
    .toBe('Frozen: the decoder waits for frames that the thumbnails hold, and reports no error.');
  expect(await countOf('naive')).toBe(4);
  await expect.poll(() => countOf('pooled')).toBeGreaterThan(60);
  expect(await textOf('pooled-text')).toBe('Playing');
  expect(await countOf('naive')).toBe(4);
  expect((await open()).frames).toBeGreaterThanOrEqual(4);
  await expect.poll(() => textOf('pooled-text'), { timeout: 60_000 }).toBe('Finished');
  expect(await countOf('pooled')).toBe(360);
  expect(await textOf('naive-text')).toBe('Froze after 4 frames, without an error.');
  const made = await demo.page.evaluate(() => (globalThis as unknown as { made: Made }).made.frames.length);
  expect(made).toBeGreaterThan(360);
  expect(await open()).toEqual({ frames: 0, decoders: 0 });
  expect(await demo.page.isEnabled('#comparison-run')).toBe(true);
});

test('stops and runs again by keyboard during playback, and leaves nothing open', async () => {
  await demo.playOn();
  await demo.page.focus('#comparison-run');
  const focused = (): Promise<string | undefined> => demo.page.evaluate(() => document.activeElement?.id);
  for (let runs = 0; runs < 2; runs++) {
    await demo.press('Enter');
    await expect.poll(() => countOf('pooled')).toBeGreaterThanOrEqual(20);
    expect(await focused()).toBe('comparison-stop');
    await demo.press('Enter');
    await expect.poll(() => textOf('pooled-text')).toBe('Stopped');
    expect(await focused()).toBe('comparison-run');
  }
  await demo.pause();
  await expect.poll(open).toEqual({ frames: 0, decoders: 0 });
});

test('clears the last run while the clip is loading, and can be stopped then', async () => {
  await run();
  await expect.poll(() => countOf('pooled')).toBeGreaterThanOrEqual(20);
  await demo.page.click('#comparison-stop');
  await expect.poll(() => textOf('pooled-text')).toBe('Stopped');
  const asked: Route[] = [];
  await demo.page.route('**/*.webm', (route) => void asked.push(route));
  await run();
  for (const side of ['naive', 'pooled'] as const) {
    expect(await textOf(`${side}-text`)).toBe('Loading the clip');
    expect(await textOf(`${side}-count`)).toBe('0 frames');
  }
  await demo.page.click('#comparison-stop');
  await expect.poll(() => textOf('pooled-text')).toBe('Stopped');
  expect(await countOf('naive')).toBe(0);
  expect(await textOf('comparison-problem')).toBe('');
  expect(await open()).toEqual({ frames: 0, decoders: 0 });
  for (const route of asked) await route.abort();
});

test('reports that the clip cannot be loaded', async () => {
  // The sides of a previous run would still be visible.
  await demo.openAlone();
  await demo.page.route('**/*.webm', (route) => route.fulfill({ status: 404, body: '' }));
  await run();
  await expect
    .poll(() => textOf('comparison-problem'))
    .toBe('Failed: the built-in clip could not be loaded (HTTP 404).');
  expect(await demo.page.isEnabled('#comparison-run')).toBe(true);
  expect(await demo.page.isVisible('#comparison-sides')).toBe(false);
  // The browser's own message about the response.
  expect(demo.complaints.splice(0).every((line) => line.includes('404'))).toBe(true);
});
