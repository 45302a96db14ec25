/** What is left of a player that was used in every way and closed: nothing. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { DemoPage, launch } from './page.ts';

const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));

/** Codecs and devices that the page made, by kind, and those of them that are not closed. */
interface Alive {
  readonly made: Record<string, number>;
  readonly open: string[];
}

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const alive = (demo: DemoPage): Promise<Alive> =>
  demo.page.evaluate(() => (globalThis as unknown as { alive(): Alive }).alive());

/** It plays, or has played: a page that is held up for a second misses all of so short a film. */
const begun = (demo: DemoPage): Promise<void> =>
  expect.poll(() => demo.state()).toBeOneOf(['playing', 'ended']);

test('a player that was played, sought in, stepped, held on to and closed leaves no decoder and no audio context, and asked nobody but its host', async () => {
  const asked = new Set<string>();
  const demo = await DemoPage.open(browser, inject('demoUrl'), async (page) => {
    page.on('request', (request) => asked.add(new URL(request.url()).host));
    await page.addInitScript(() => {
      const made: { readonly kind: string; readonly codec: { readonly state: string } }[] = [];
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
      Object.assign(globalThis, {
        alive: () => ({
          made: Object.fromEntries(
            made.map(({ kind }) => [kind, made.filter((other) => other.kind === kind).length]),
          ),
          open: made.filter(({ codec }) => codec.state !== 'closed').map(({ kind }) => kind),
        }),
      });
    });
  });
  const { page } = demo;
  for (const file of ['h264_sound.mp4', 'vp8_sound.webm']) {
    await demo.choose(media(file));
    await expect.poll(() => page.textContent('#file-name')).toBe(file);
    await demo.reach('paused');
    await page.keyboard.press('k');
    await begun(demo);
    await page.click('#hold');
    await demo.seek(1_000_000);
    await page.keyboard.press('.');
    await demo.reach('paused');
    await page.keyboard.press(',');
    await page.keyboard.press('k');
    await begun(demo);
  }
  await page.click('#close');
  await demo.reach('empty');
  await expect.poll(async () => (await alive(demo)).open).toEqual([]);
  const { made } = await alive(demo);
  expect(made['VideoDecoder']).toBeGreaterThan(4);
  expect(made['AudioContext']).toBe(2);
  expect(made['AudioDecoder']).toBeGreaterThan(1);
  // The table is drawn a moment later.
  await expect.poll(async () => Object.values(await demo.lent()).filter((lent) => lent > 0)).toEqual([]);
  expect([...asked].filter((host) => host !== '')).toEqual([new URL(inject('demoUrl')).host]);
  await demo.settle();
  await demo.close();
});
