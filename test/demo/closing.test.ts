/** Leaks of a player that was used in every way and closed: none. */
import type { Page } from 'playwright';
import { expect, inject, test } from 'vitest';
import { useDemo } from './fixture.ts';

/** Decoders, encoders and audio contexts that the page created. */
interface Made {
  readonly kind: string;
  readonly codec: { readonly state: string };
}

const asked = new Set<string>();

const demo = useDemo({
  prepare: async (page: Page) => {
    page.on('request', (request) => asked.add(new URL(request.url()).host));
    await page.addInitScript(() => {
      const made: Made[] = [];
      for (const kind of ['VideoDecoder', 'AudioDecoder', 'AudioContext'] as const) {
        const scope = globalThis as unknown as Record<string, new (...all: unknown[]) => { state: string }>;
        const Native = scope[kind] as new (...all: unknown[]) => { state: string };
        scope[kind] = class extends Native {
          constructor(...all: unknown[]) {
            super(...all);
            made.push({ kind, codec: this });
          }
        };
      }
      Object.assign(globalThis, { made });
    });
  },
});

/** Kind and state of everything that was created. */
const made = (): Promise<{ kind: string; state: string }[]> =>
  demo.page.evaluate(() =>
    (globalThis as unknown as { made: Made[] }).made.map(({ kind, codec }) => ({ kind, state: codec.state })),
  );

test('after use and close no decoder or audio context is left; other hosts are unused', async () => {
  for (const file of ['h264_sound.mp4', 'vp8_sound.webm']) {
    await demo.openClip(file);
    // A page that is blocked for a second misses all of such a short video.
    const begins = async (): Promise<void> => {
      await demo.press('k');
      await expect.poll(() => demo.state()).toBeOneOf(['playing', 'ended']);
    };
    await begins();
    await demo.page.click('#hold');
    await demo.seek(1_000_000);
    await demo.press('.');
    await demo.reach('paused');
    await demo.press(',');
    await begins();
  }
  await demo.empty();
  await expect.poll(async () => (await made()).filter(({ state }) => state !== 'closed')).toEqual([]);
  const kinds = (await made()).map(({ kind }) => kind);
  const countOf = (kind: string): number => kinds.filter((each) => each === kind).length;
  expect(countOf('VideoDecoder')).toBeGreaterThan(4);
  expect(countOf('AudioContext')).toBe(2);
  expect(countOf('AudioDecoder')).toBeGreaterThan(1);
  await demo.lendsNothing();
  expect([...asked].filter((host) => host !== '')).toEqual([new URL(inject('demoUrl')).host]);
});
