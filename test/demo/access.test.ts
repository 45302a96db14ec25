/** The built demo for everybody: axe in every state, and what who listens is told. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { DemoPage, launch } from './page.ts';

const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let demo: DemoPage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  await demo.settle();
  await demo.close();
});

const open = async (prepare?: (page: Page) => Promise<void>): Promise<void> => {
  demo = await DemoPage.open(browser, inject('demoUrl'), prepare);
};

/** What axe finds, each with the element that it finds it at. */
async function violations(): Promise<string[]> {
  // Evaluated, not added as a script: a policy against foreign scripts stays what it is.
  await demo.page.evaluate(AXE);
  return demo.page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

const starve = async (): Promise<void> => {
  await demo.setCapacity(1);
  await demo.page.click('#play');
  await demo.reach('playing');
  await demo.page.click('#hold');
  await demo.reach('starved');
};

const STATES: Readonly<Record<string, readonly [enter: () => Promise<void>, leave: () => Promise<void>]>> = {
  empty: [() => demo.page.click('#close').then(() => demo.reach('empty')), async () => {}],
  paused: [async () => {}, async () => {}],
  playing: [() => demo.page.click('#play').then(() => demo.reach('playing')), () => demo.page.click('#play')],
  starved: [starve, () => demo.page.click('#play').then(() => demo.page.click('#let-go'))],
  'with a camera': [
    () => demo.page.click('#camera').then(() => demo.reach('playing')),
    () => demo.page.click('#close'),
  ],
  'with an error': [
    async () => {
      await demo.choose({ name: 'noise.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(4000, 0x5a) });
      await expect.poll(() => demo.problem()).not.toBe('');
    },
    async () => {},
  ],
  'with a range and sound': [
    async () => {
      await demo.choose(media('h264_sound.mp4'));
      await expect.poll(() => demo.page.isEnabled('#mute')).toBe(true);
      await demo.page.keyboard.press('o');
      await expect.poll(() => demo.page.isVisible('#range-text')).toBe(true);
    },
    async () => {},
  ],
  'with the help sheet': [() => demo.page.keyboard.press('?'), async () => {}],
  'with the address sheet': [() => demo.page.click('#open-address'), async () => {}],
};

const LOOKS = {
  light: { colorScheme: 'light', size: { width: 1280, height: 800 } },
  dark: { colorScheme: 'dark', size: { width: 1280, height: 800 } },
  'narrow and light': { colorScheme: 'light', size: { width: 360, height: 740 } },
  'narrow and dark': { colorScheme: 'dark', size: { width: 360, height: 740 } },
} as const;

describe.each(Object.entries(STATES))('axe finds nothing, %s:', (_, [enter, leave]) => {
  test(Object.keys(LOOKS).join(', '), async () => {
    await open();
    await enter();
    for (const [look, { colorScheme, size }] of Object.entries(LOOKS)) {
      await demo.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await demo.page.setViewportSize(size);
      expect(await violations(), look).toEqual([]);
    }
    await leave();
  });
});

describe('who listens', () => {
  /** Keeps all that is said from here on, by the regions that are read out. */
  const listen = (): Promise<void> =>
    demo.page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(globalThis, { heard });
      for (const region of document.querySelectorAll('[role=status], [role=alert], [aria-live], output')) {
        new MutationObserver(() => {
          const text = region.textContent?.trim() ?? '';
          if (text !== '' && text !== heard.at(-1)) heard.push(text);
        }).observe(region, { childList: true, subtree: true, characterData: true });
      }
    });
  const heard = (): Promise<string[]> =>
    demo.page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);

  test('is told of changes of state, and nothing while the film goes on', async () => {
    await open();
    await listen();
    await demo.page.keyboard.press('k');
    await demo.reach('playing');
    await expect.poll(() => demo.position()).toBeGreaterThan(2_000_000);
    expect(await heard()).toEqual(['Playing']);
    await demo.page.keyboard.press('l');
    await demo.reach('ended');
    await demo.page.keyboard.press('Home');
    await demo.reach('paused');
    await demo.page.keyboard.press('>');
    await expect.poll(heard).toEqual(['Playing', 'At the end', 'Paused', 'Paused, at 1.5 times the speed']);
  });

  test('hears the position and the volume in words, the position in whole seconds', async () => {
    await open();
    const said = (bar: string): Promise<string | null> => demo.page.getAttribute(bar, 'aria-valuetext');
    expect(await said('#seek')).toBe('0:00 of 0:12');
    await demo.page.keyboard.press('ArrowRight');
    await expect.poll(() => said('#seek')).toBe('0:05 of 0:12');
    await expect.poll(() => demo.page.isEnabled('#volume')).toBe(true);
    await demo.page.keyboard.press('ArrowDown');
    await demo.page.keyboard.press('m');
    expect(await said('#volume')).toBe('95 %, muted');
  });

  test('finds a name and the key at every button of the player, and the name follows what it does', async () => {
    await open();
    const names = await demo.page.$$eval('#player .controls button', (buttons) =>
      buttons.map(
        (button) => [button.getAttribute('aria-label'), button.getAttribute('title') ?? ''] as const,
      ),
    );
    expect(names.length).toBe(10);
    for (const [name, title] of names) expect(title).toMatch(new RegExp(`^${name ?? '-'} \\(.+\\)$`, 'u'));
    expect(await demo.page.getAttribute('#play', 'title')).toBe('Play (Space, K)');
    await demo.page.click('#play');
    await demo.reach('playing');
    expect(await demo.page.getAttribute('#play', 'aria-label')).toBe('Pause');
    await demo.page.click('#play');
    await demo.reach('paused');
  });
});
