/** Accessibility of the built demo: axe in every state, and the announcements of screen readers. */
import { describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';

const demo = useDemo();

const STATES: Readonly<Record<string, () => Promise<unknown>>> = {
  empty: () => demo.empty(),
  paused: async () => {},
  playing: () => demo.playOn(),
  starved: async () => {
    await demo.setCapacity(1);
    await demo.play();
    await demo.page.click('#hold');
    await demo.reach('starved');
  },
  'with a camera': () => demo.turnOnCamera(),
  'with an error': () => demo.openNoise(),
  'with a range and sound': async () => {
    await demo.openAudible('h264_sound.mp4');
    await demo.press('o');
    await expect.poll(() => demo.page.isVisible('#range-text')).toBe(true);
  },
  'with the help dialog': () => demo.press('?'),
  'with the URL dialog': () => demo.page.click('#open-address'),
};

const SIZES = { '': { width: 1280, height: 800 }, 'narrow and ': { width: 360, height: 740 } };
const LOOKS = Object.entries(SIZES).flatMap(([shape, size]) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ look: `${shape}${colorScheme}`, colorScheme, size })),
);

describe.each(Object.entries(STATES))('axe finds no violation, %s:', (_, enter) => {
  test(LOOKS.map(({ look }) => look).join(', '), async () => {
    await enter();
    for (const { look, colorScheme, size } of LOOKS) {
      await demo.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await demo.page.setViewportSize(size);
      expect(await demo.violations(), look).toEqual([]);
    }
    await demo.page.evaluate(() => {
      for (const id of ['release-held', 'close'])
        document.querySelector<HTMLElement>(`#${id}:enabled`)?.click();
    });
  });
});

describe('a screen reader user', () => {
  /** Records the announcements of live regions from here on. */
  const listen = (): Promise<void> =>
    demo.page.evaluate(() => {
      const announced: string[] = [];
      Object.assign(globalThis, { announced });
      for (const region of document.querySelectorAll('[role=status], [role=alert], [aria-live], output')) {
        new MutationObserver(() => {
          const text = region.textContent?.trim() ?? '';
          if (text !== '' && text !== announced.at(-1)) announced.push(text);
        }).observe(region, { childList: true, subtree: true, characterData: true });
      }
    });
  const announced = (): Promise<string[]> =>
    demo.page.evaluate(() => (globalThis as unknown as { announced: string[] }).announced);

  test('gets changes of state announced, and nothing during playback', async () => {
    await listen();
    await demo.pressTo('k', 'playing');
    await demo.passes(2_000_000);
    expect(await announced()).toEqual(['Playing']);
    await demo.pressTo('l', 'ended');
    await demo.pressTo('Home', 'paused');
    await demo.press('>');
    await expect.poll(announced).toEqual(['Playing', 'Ended', 'Paused', 'Paused, at 1.5× speed']);
  });

  test('gets the position in whole seconds, and the volume, as text', async () => {
    const valueText = (bar: string): Promise<string | null> => demo.page.getAttribute(bar, 'aria-valuetext');
    expect(await valueText('#seek')).toBe('0:00 of 0:12');
    await demo.press('ArrowRight');
    await expect.poll(() => valueText('#seek')).toBe('0:05 of 0:12');
    await expect.poll(() => demo.page.isEnabled('#volume')).toBe(true);
    await demo.press('ArrowDown', 'm');
    expect(await valueText('#volume')).toBe('95 %, muted');
  });

  test('finds name and key on every button; the name follows the state', async () => {
    const names = await demo.page.$$eval('#player .controls button', (buttons) =>
      buttons.map((button) => [button.ariaLabel, button.getAttribute('title') ?? ''] as const),
    );
    expect(names.length).toBe(10);
    for (const [name, title] of names) expect(title).toMatch(new RegExp(`^${name ?? '-'} \\(.+\\)$`, 'u'));
    expect(await demo.page.getAttribute('#play', 'title')).toBe('Play (Space, K)');
    await demo.play();
    expect(await demo.page.getAttribute('#play', 'aria-label')).toBe('Pause');
    await demo.pause();
  });
});
