/**
 * Keyboard of the built demo: every key acts as documented in the help dialog, and focused controls keep their own
 * keys.
 */
import { describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';
import { LAST, timeOf } from './page.ts';

const FRAMES_A_SECOND = 30;

const demo = useDemo();

const valueOf = (control: string): Promise<string> => demo.page.inputValue(control);
const isDown = async (button: string): Promise<boolean> =>
  (await demo.page.getAttribute(button, 'aria-pressed')) === 'true';
const band = async (): Promise<string> =>
  (await demo.page.isVisible('#range-shown')) ? demo.text('#range-text') : '';

describe('keys', () => {
  test('K plays even if an earlier step still waits for a seek', async () => {
    await demo.page.evaluate(() => {
      for (const key of ['ArrowRight', '.', 'k'])
        document.dispatchEvent(new KeyboardEvent('keydown', { key }));
    });
    // In a video that continues for seven seconds from there.
    await demo.passes(5_500_000);
    expect(await demo.state()).toBe('playing');
    await demo.pressTo('k', 'paused');
  });

  test('a key that is held down plays once', async () => {
    await demo.page.keyboard.down('k');
    for (let again = 0; again < 5; again++) await demo.page.keyboard.down('k');
    await demo.page.keyboard.up('k');
    await demo.reach('playing');
    await demo.pressTo('k', 'paused');
  });

  test('move by a frame, 5 and 10 seconds, to tenths, start and end', async () => {
    await demo.step({ key: '.', frames: [1, 2] }, { key: ',', frames: [1, 0] });
    const second = FRAMES_A_SECOND;
    for (const [key, frame] of [
      ['ArrowRight', 5 * second],
      ['l', LAST],
      ['j', LAST - 10 * second],
      ['Home', 0],
      ['5', LAST / 2],
      ['ArrowLeft', LAST / 2 - 5 * second],
      ['9', LAST * 0.9],
      ['0', 0],
      ['End', LAST],
    ] as const) {
      await demo.press(key);
      // The end of the video, and so its tenths, are not exact frames: the last frame has a duration.
      await expect
        .poll(async () => Math.abs((await demo.mark()) - frame), { message: `${key}: ${frame}` })
        .toBeLessThanOrEqual(Number.isInteger(frame) && frame < LAST / 2 ? 0 : 1);
    }
  });

  test('add up if they are faster than the frames', async () => {
    await demo.press('ArrowRight', 'ArrowRight');
    await demo.shows(10 * FRAMES_A_SECOND);
  });

  test('change the speed, from a quarter to four times', async () => {
    expect(await valueOf('#rate')).toBe('1');
    for (const rate of ['1.5', '2', '4', '4']) {
      await demo.press('>');
      expect(await valueOf('#rate')).toBe(rate);
    }
    for (const rate of ['2', '1.5', '1', '0.5', '0.25', '0.25']) {
      await demo.press('<');
      expect(await valueOf('#rate')).toBe(rate);
    }
  });

  test('set and clear a range, and loop', async () => {
    await demo.showFrame(60);
    await demo.press('i');
    expect(await band()).toContain('0:02.00 – 0:12');
    await demo.showFrame(90);
    await demo.press('o');
    expect(await band()).toBe('0:02.00 – 0:03.00');
    await demo.press('r');
    expect(await isDown('#loop')).toBe(true);
    await demo.press('k');
    await expect.poll(() => demo.position()).toBeLessThan(timeOf(80));
    await demo.pressTo('k', 'paused');
    await demo.press('x', 'r');
    expect(await band()).toBe('');
    expect(await isDown('#loop')).toBe(false);
  });

  test('lower and raise the volume, and mute', async () => {
    // Until then the volume still belongs to the previous video.
    await demo.openAudible('h264_sound.mp4');
    await demo.press('ArrowDown', 'ArrowDown');
    expect(await valueOf('#volume')).toBe('0.9');
    await demo.press('m');
    expect(await isDown('#mute')).toBe(true);
    await demo.press('ArrowUp');
    expect(await valueOf('#volume')).toBe('0.95');
    expect(await isDown('#mute')).toBe(false);
  });

  test('scroll the page if there is no sound', async () => {
    await demo.openClip('vp8.webm');
    await demo.page.setViewportSize({ width: 360, height: 500 });
    expect(await demo.page.isDisabled('#mute')).toBe(true);
    expect(await demo.page.getAttribute('#mute', 'title')).toBe('No sound');
    await demo.press('ArrowDown');
    await expect.poll(() => demo.page.evaluate(() => scrollY)).toBeGreaterThan(0);
  });

  test('enter full screen with the controls, and exit it', async () => {
    await demo.press('f');
    const full = (): Promise<string | undefined> => demo.page.evaluate(() => document.fullscreenElement?.id);
    await expect.poll(full).toBe('player');
    expect(await demo.page.isVisible('#play')).toBe(true);
    await demo.pressTo('k', 'playing');
    await demo.press('k', 'f');
    await expect.poll(full).toBeUndefined();
  });
});

describe('the help dialog', () => {
  test('lists every key that a button names, and disables keys while open', async () => {
    await demo.press('?');
    expect(await demo.page.isVisible('#help')).toBe(true);
    const listed = await demo.page.$$eval('#keys kbd', (caps) => caps.map(({ textContent }) => textContent));
    const named = await demo.page.$$eval('[data-shortcut]', (buttons) =>
      buttons.flatMap((button) => ((button as HTMLElement).dataset['shortcut'] ?? '').split(', ')),
    );
    expect(named.length).toBeGreaterThan(8);
    const others = ['J', 'L', '←', '→', '↑', '↓', '<', '>', '0', '9', 'Home'];
    expect(listed).toEqual(expect.arrayContaining([...named, ...others]));
    await demo.press('k', '.', 'Escape');
    expect(await demo.page.isVisible('#help')).toBe(false);
    expect([await demo.state(), await demo.mark()]).toEqual(['paused', 0]);
  });

  test('opens and closes with its buttons', async () => {
    for (const act of ['open', 'close']) {
      await demo.page.click(`#help-${act}`);
      expect(await demo.page.isVisible('#help')).toBe(act === 'open');
    }
  });
});

describe('keys belong to the focused control', () => {
  test('a text field takes typing', async () => {
    await demo.page.click('#open-address');
    await demo.page.keyboard.type('kl.5?');
    expect(await valueOf('#address-input')).toBe('kl.5?');
    await demo.press('Escape');
    await demo.page.fill('#export-from', '');
    await demo.page.focus('#export-from');
    await demo.page.keyboard.type('1.5');
    expect(await valueOf('#export-from')).toBe('1.5');
    expect([await demo.state(), await demo.mark()]).toEqual(['paused', 0]);
  });

  test('a list takes selection keys', async () => {
    await demo.page.focus('#rate');
    await demo.press('ArrowDown');
    expect(await valueOf('#rate')).toBe('1.5');
    await demo.press('End');
    expect(await valueOf('#rate')).toBe('4');
    expect(await demo.mark()).toBe(0);
  });

  test('a button is pressed by Space, without other effects', async () => {
    await demo.page.focus('#loop');
    await demo.press('Space');
    expect(await isDown('#loop')).toBe(true);
    expect(await demo.state()).toBe('paused');
    // Other player keys do not belong to a button.
    await demo.press('.');
    await demo.shows(1);
  });

  test('a panel is expanded by Space', async () => {
    await demo.page.focus('#record summary');
    await demo.press('Space');
    expect(await demo.page.isVisible('#record-start')).toBe(false);
    expect(await demo.state()).toBe('paused');
  });

  test('arrows move other sliders; on the seek bar they are the player’s', async () => {
    await demo.page.focus('#capacity');
    await demo.press('ArrowRight');
    expect([await valueOf('#capacity'), await demo.mark()]).toEqual(['7', 0]);
    await demo.page.focus('#seek');
    await demo.press('ArrowRight');
    await demo.shows(5 * FRAMES_A_SECOND);
  });

  test('browser shortcuts stay with the browser', async () => {
    await demo.press('Control+k', 'Alt+k', 'Meta+.');
    expect([await demo.state(), await demo.mark()]).toEqual(['paused', 0]);
  });

  test('without a video they do nothing', async () => {
    await demo.empty();
    await demo.press('k', '.', 'l', '5', 'i', 'o', 'x', 'r', 'm', '>', 'Home');
    expect(await demo.state()).toBe('empty');
    expect(await isDown('#loop')).toBe(false);
  });
});
