/**
 * Layout of the built demo: on a phone, on high-density screens, dark, in full screen; and its controls under a
 * pointer.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';
import { BUILT_IN, NOISE } from './page.ts';

const TELEPHONE = { width: 360, height: 740 };
/** Touch target size in CSS pixels. */
const TOUCH = 44;

const demo = useDemo();

const sizeOf = async (element: string): Promise<{ x: number; y: number; width: number; height: number }> => {
  const box = await demo.page.locator(element).boundingBox();
  if (box === null) throw new Error(`${element} is not on the page`);
  return box;
};

describe('on a phone', () => {
  beforeEach(() => demo.page.setViewportSize(TELEPHONE));

  test('nothing is wider than the screen, in any state', async () => {
    expect(await demo.overflow(), 'paused').toBe(0);
    await demo.openAudible('h264_sound.mp4');
    await demo.press('o');
    expect(await demo.overflow(), 'range').toBe(0);
    await demo.choose({ ...NOISE, name: `${'a-very-long-name-'.repeat(8)}.mp4` });
    await expect.poll(() => demo.problem()).not.toBe('');
    expect(await demo.overflow(), 'error').toBe(0);
    for (const [button, sheet] of Object.entries({ '#help-open': '#help', '#open-address': '#address' })) {
      await demo.page.click(button);
      const { x, width } = await sizeOf(sheet);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(TELEPHONE.width);
      await demo.press('Escape');
    }
  });

  test('every control of the player has a touch size', async () => {
    const small = await demo.page.$$eval(
      '.sources button, .controls button, .controls select, .controls input, .panel summary, .panel button',
      (controls, least) =>
        controls
          .map((control) => ({ id: control.id, box: control.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 0 && (box.width < least || box.height < least))
          .map(({ id, box }) => `${id}: ${box.width} x ${box.height}`),
      TOUCH,
    );
    expect(small).toEqual([]);
    expect((await sizeOf('#film-strip button >> nth=0')).height).toBe(TOUCH);
  });

  test('the screen is first, then its controls, the strip, the pool', async () => {
    const tops: number[] = [];
    for (const part of ['#screen', '#seek', '#film-strip', '.pool', '#histogram', '#export'])
      tops.push((await sizeOf(part)).y);
    expect(tops).toEqual([...tops].sort((one, other) => one - other));
  });
});

describe('the screen', () => {
  test('keeps the pixel size of the video, at any displayed size', async () => {
    const own = await demo.screenSize();
    const wide = await sizeOf('#screen');
    await demo.page.setViewportSize(TELEPHONE);
    expect(await demo.screenSize()).toEqual(own);
    expect((await sizeOf('#screen')).width).toBeLessThan(wide.width / 2);
    expect(await demo.mark()).toBe(0);
  });

  test('shows another aspect ratio in whole, without moving the layout', async () => {
    const before = await sizeOf('#play');
    await demo.openClip('h264_rotated.mp4');
    expect(await sizeOf('#play')).toEqual(before);
    expect(await demo.page.$eval('#screen', (canvas) => getComputedStyle(canvas).objectFit)).toBe('contain');
  });
});

test('an error moves no control', async () => {
  const before = await sizeOf('#play');
  await demo.openNoise();
  expect(await sizeOf('#play')).toEqual(before);
});

test('follows the system’s dark scheme and reduced motion', async () => {
  const style = (name: 'backgroundColor' | 'transitionDuration', of: string): Promise<string> =>
    demo.page.$eval(of, (element, name) => getComputedStyle(element)[name], name);
  await demo.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
  const light = await style('backgroundColor', 'body');
  expect(await style('transitionDuration', '#play')).not.toBe('0s');
  await demo.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  expect(await style('backgroundColor', 'body')).not.toBe(light);
  expect(await style('transitionDuration', '#play')).toBe('0s');
});

test('dropped frames are shown once there are any', async () => {
  expect(await demo.page.isVisible('#drops')).toBe(false);
  await demo.playOn();
  await demo.keepBusy();
  await expect.poll(() => demo.page.isVisible('#drops')).toBe(true);
  expect(await demo.text('#drops')).toMatch(/^[1-9]\d* dropped$/u);
  await demo.pause();
});

describe('under a pointer', () => {
  test('the buttons play, step, loop, and set and clear a range', async () => {
    const click = (id: string): Promise<void> => demo.page.click(id);
    for (const [button, frame] of [
      ['#step-forward', 1],
      ['#step-forward', 2],
      ['#step-back', 1],
    ] as const) {
      await click(button);
      await demo.shows(frame);
    }
    await click('#range-in');
    await demo.showFrame(30);
    await click('#range-out');
    expect(await demo.text('#range-text')).toBe('0:00.04 – 0:01.00');
    await click('#range-clear');
    expect(await demo.page.isVisible('#range-text')).toBe(false);
    expect(await demo.page.isDisabled('#range-clear')).toBe(true);
    await click('#loop');
    expect(await demo.page.getAttribute('#loop', 'aria-pressed')).toBe('true');
    await demo.page.selectOption('#rate', '2');
    expect(await demo.text('#announcement')).toBe('Paused, at 2× speed, loop on');
    await demo.play();
    await demo.pause();
  });

  test('the seek bar shows frames while dragged, and the exact one on release', async () => {
    const { x, y, width, height } = await sizeOf('#seek');
    const at = (share: number): [number, number] => [x + 7 + share * (width - 14), y + height / 2];
    await demo.page.mouse.move(...at(0));
    await demo.page.mouse.down();
    for (const share of [0.25, 0.75, 0.5]) {
      await demo.page.mouse.move(...at(share), { steps: 3 });
      await expect
        .poll(async () => Math.abs((await demo.position()) / 12e6 - share), { message: `at ${share}` })
        .toBeLessThan(0.02);
    }
    await demo.page.mouse.up();
    const wanted = Number(await demo.page.inputValue('#seek'));
    const frame = BUILT_IN.findLastIndex((time) => time <= wanted);
    await demo.shows(frame);
  });

  test('the seek bar stays under the pointer during playback', async () => {
    await demo.playOn();
    const { x, y, width, height } = await sizeOf('#seek');
    await demo.page.mouse.move(x + width * 0.6, y + height / 2);
    await demo.page.mouse.down();
    const wanted = await demo.page.inputValue('#seek');
    await demo.passes(Number(wanted) + 300_000);
    expect(await demo.page.inputValue('#seek')).toBe(wanted);
    await demo.page.mouse.up();
    await demo.pause();
  });

  test('slider and button set volume and mute; without sound they report it', async () => {
    await expect.poll(() => demo.page.isEnabled('#volume')).toBe(true);
    // In its middle.
    await demo.page.click('#volume');
    expect(Number(await demo.page.inputValue('#volume'))).toBeCloseTo(0.5, 1);
    await demo.page.click('#mute');
    expect(await demo.page.getAttribute('#mute', 'aria-pressed')).toBe('true');
    await demo.openClip('vp8.webm');
    await expect.poll(() => demo.page.isDisabled('#mute')).toBe(true);
    expect(await demo.page.getAttribute('#volume', 'title')).toBe('No sound');
  });

  test('full screen shows screen and controls, and the same button exits it', async () => {
    const label = (): Promise<string | null> => demo.page.getAttribute('#full-screen', 'aria-label');
    await demo.page.click('#full-screen');
    await expect.poll(label).toBe('Exit full screen');
    const [screen, play] = [await sizeOf('#screen'), await sizeOf('#play')];
    expect(screen.width).toBe(await demo.page.evaluate(() => innerWidth));
    expect(play.y).toBeGreaterThanOrEqual(screen.y + screen.height);
    expect(play.y + play.height).toBeLessThanOrEqual(await demo.page.evaluate(() => innerHeight));
    await demo.page.click('#full-screen');
    await expect.poll(label).toBe('Full screen');
  });
});
