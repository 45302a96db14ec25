/** Keyboard of the built demo: every key does what the help sheet says, and leaves to the controls what is theirs. */
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
  test('K plays also where a step before it still waits for what is being sought', async () => {
    await demo.page.evaluate(() => {
      for (const key of ['ArrowRight', '.', 'k'])
        document.dispatchEvent(new KeyboardEvent('keydown', { key }));
    });
    // Of a film that goes on for seven seconds from there.
    await demo.passes(5_500_000);
    expect(await demo.state()).toBe('playing');
    await demo.pressTo('k', 'paused');
  });

  test('a key that is kept down plays once', async () => {
    await demo.page.keyboard.down('k');
    for (let again = 0; again < 5; again++) await demo.page.keyboard.down('k');
    await demo.page.keyboard.up('k');
    await demo.reach('playing');
    await demo.pressTo('k', 'paused');
  });

  test('go a frame, five seconds, ten seconds, to tenths and to the ends', async () => {
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
      // The film's end, and so its tenths, are not to the frame: its last one has a length.
      await expect
        .poll(async () => Math.abs((await demo.mark()) - frame), { message: `${key}: ${frame}` })
        .toBeLessThanOrEqual(Number.isInteger(frame) && frame < LAST / 2 ? 0 : 1);
    }
  });

  test('add up, where they come faster than the pictures', async () => {
    await demo.press('ArrowRight', 'ArrowRight');
    await demo.shows(10 * FRAMES_A_SECOND);
  });

  test('make it faster and slower, from a quarter to four times', async () => {
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

  test('begin and end a range, clear it, and loop', async () => {
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

  test('turn the sound down and up, and mute it', async () => {
    // The film before has its sound to turn down until then.
    await demo.openAudible('h264_sound.mp4');
    await demo.press('ArrowDown', 'ArrowDown');
    expect(await valueOf('#volume')).toBe('0.9');
    await demo.press('m');
    expect(await isDown('#mute')).toBe(true);
    await demo.press('ArrowUp');
    expect(await valueOf('#volume')).toBe('0.95');
    expect(await isDown('#mute')).toBe(false);
  });

  test('scroll the page where there is no sound to turn down', async () => {
    await demo.openClip('vp8.webm');
    await demo.page.setViewportSize({ width: 360, height: 500 });
    expect(await demo.page.isDisabled('#mute')).toBe(true);
    expect(await demo.page.getAttribute('#mute', 'title')).toBe('No sound here');
    await demo.press('ArrowDown');
    await expect.poll(() => demo.page.evaluate(() => scrollY)).toBeGreaterThan(0);
  });

  test('fill the screen, with the controls, and leave it', async () => {
    await demo.press('f');
    const full = (): Promise<string | undefined> => demo.page.evaluate(() => document.fullscreenElement?.id);
    await expect.poll(full).toBe('player');
    expect(await demo.page.isVisible('#play')).toBe(true);
    await demo.pressTo('k', 'playing');
    await demo.press('k', 'f');
    await expect.poll(full).toBeUndefined();
  });
});

describe('the help sheet', () => {
  test('lists every key that a button names, and drives nothing while it is open', async () => {
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

  test('opens and closes by its buttons', async () => {
    for (const act of ['open', 'close']) {
      await demo.page.click(`#help-${act}`);
      expect(await demo.page.isVisible('#help')).toBe(act === 'open');
    }
  });
});

describe('keys stay with the control that has the focus', () => {
  test('a field is typed into', async () => {
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

  test('a list is chosen from', async () => {
    await demo.page.focus('#rate');
    await demo.press('ArrowDown');
    expect(await valueOf('#rate')).toBe('1.5');
    await demo.press('End');
    expect(await valueOf('#rate')).toBe('4');
    expect(await demo.mark()).toBe(0);
  });

  test('a button is pressed by Space, and nothing else happens', async () => {
    await demo.page.focus('#loop');
    await demo.press('Space');
    expect(await isDown('#loop')).toBe(true);
    expect(await demo.state()).toBe('paused');
    // Other keys of the player's are none of a button's.
    await demo.press('.');
    await demo.shows(1);
  });

  test('a panel is unfolded by Space', async () => {
    await demo.page.focus('#record summary');
    await demo.press('Space');
    expect(await demo.page.isVisible('#record-start')).toBe(false);
    expect(await demo.state()).toBe('paused');
  });

  test('another slider is moved by arrows; the seek bar by the player’s', async () => {
    await demo.page.focus('#capacity');
    await demo.press('ArrowRight');
    expect([await valueOf('#capacity'), await demo.mark()]).toEqual(['7', 0]);
    await demo.page.focus('#seek');
    await demo.press('ArrowRight');
    await demo.shows(5 * FRAMES_A_SECOND);
  });

  test('keys of the browser’s are the browser’s', async () => {
    await demo.press('Control+k', 'Alt+k', 'Meta+.');
    expect([await demo.state(), await demo.mark()]).toEqual(['paused', 0]);
  });

  test('with nothing open there is nothing to do', async () => {
    await demo.empty();
    await demo.press('k', '.', 'l', '5', 'i', 'o', 'x', 'r', 'm', '>', 'Home');
    expect(await demo.state()).toBe('empty');
    expect(await isDown('#loop')).toBe(false);
  });
});
