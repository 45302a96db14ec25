/** A camera in the built demo: Chromium's own, which shows a moving picture. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { clip, timestampsOf } from '../media/clips.ts';
import { DemoPage, launch } from './page.ts';

const media = (file: string): string => fileURLToPath(new URL(`../media/${file}`, import.meta.url));
const BUILT_IN = timestampsOf(clip('demo.webm'));

/** A fake camera, and nobody to allow it: then a browser without a window refuses it by itself. */
const REFUSED = ['--use-fake-device-for-media-stream'];
const NONE = ['--use-fake-ui-for-media-stream'];

let browser: Browser;
/** Of a test that needs another one. */
let ownBrowser: Browser | null = null;
let demo: DemoPage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  await demo.page.evaluate(() => document.querySelector<HTMLButtonElement>('#close')?.click());
  await demo.reach('empty');
  await expect.poll(async () => new Set(Object.values(await demo.lent()))).toEqual(new Set([0]));
  await expect.poll(async () => new Set(await tracks())).not.toContain('live');
  await demo.settle();
  await demo.close();
  await ownBrowser?.close();
  ownBrowser = null;
});

/** Keeps every track that the page is given, so that a test sees whether it still runs. */
const keepTracks = async (page: Page): Promise<void> => {
  await page.addInitScript(() => {
    const kept: MediaStreamTrack[] = [];
    Object.assign(globalThis, { kept });
    const { getUserMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getUserMedia = async function (constraints) {
      const stream = await getUserMedia.call(this, constraints);
      kept.push(...stream.getTracks());
      return stream;
    };
  });
};

/** What each track is that the page was given. */
const tracks = (): Promise<string[]> =>
  demo.page.evaluate(() =>
    (globalThis as unknown as { kept: MediaStreamTrack[] }).kept.map(({ readyState }) => readyState),
  );

const open = async (prepare?: (page: Page) => Promise<void>, from = browser): Promise<void> => {
  demo = await DemoPage.open(from, inject('demoUrl'), async (page) => {
    await keepTracks(page);
    await prepare?.(page);
  });
};

const turnOn = async (): Promise<void> => {
  await demo.page.click('#camera');
  await expect.poll(() => demo.page.textContent('#file-name')).toBe('camera');
  await demo.reach('playing');
  await moves();
};

/** Waits until there are other pictures than now. */
const moves = async (): Promise<void> => {
  const position = await demo.position();
  await expect.poll(() => demo.position()).toBeGreaterThan(position + 200_000);
};

const dropped = async (): Promise<number> =>
  Number(/(\d+)$/u.exec((await demo.page.textContent('#dropped')) ?? '')?.[1] ?? NaN);

const held = async (): Promise<number> =>
  (await demo.slots()).filter((text) => text.includes('held by you')).length;

const shown = async (): Promise<string> => (await demo.pixels(null, 160)).data.join();

describe('a camera that is turned on', () => {
  test('shows moving pictures, which the panels see as they see a film’s', async () => {
    await open();
    await turnOn();
    const pictures = new Set<string>();
    await expect
      .poll(async () => {
        pictures.add(await shown());
        return pictures.size;
      })
      .toBeGreaterThan(3);
    expect(await demo.origin()).toContain('camera');
    const { width, height } = await demo.pixels(null, 640);
    expect([width, height]).toEqual([640, 480]);
    const notices = await demo.count('notices');
    await expect.poll(() => demo.count('notices')).toBeGreaterThan(notices);
    const counted = (): Promise<string | null> => demo.page.getAttribute('#histogram', 'data-time');
    const before = await counted();
    await expect.poll(counted).not.toBe(before);
    expect(await tracks()).toEqual(['live']);
  });

  test('is paused and played, and stays on meanwhile', async () => {
    await open();
    await turnOn();
    await demo.page.keyboard.press('k');
    await demo.reach('paused');
    await expect.poll(() => demo.count('lent')).toBe(0);
    // The panel tells a moment later what has come back.
    await demo.page.waitForTimeout(500);
    const [picture, position, notices] = [await shown(), await demo.position(), await demo.count('notices')];
    await demo.page.waitForTimeout(300);
    expect([await shown(), await demo.position(), await demo.count('notices')]).toEqual([
      picture,
      position,
      notices,
    ]);
    expect(await tracks()).toEqual(['live']);
    await demo.page.click('#play');
    await demo.reach('playing');
    await moves();
  });

  test('switches off what a live source has not, with a reason, until there is a film again', async () => {
    await open();
    await demo.fillStrip();
    await turnOn();
    for (const off of ['#seek', '#export-start', '#in-worker'])
      expect(await demo.page.isDisabled(off), off).toBe(true);
    for (const reason of ['#film-strip-off', '#export-off'])
      expect(await demo.page.textContent(reason), reason).toContain('no');
    expect((await demo.thumbnails()).every(({ disabled }) => disabled)).toBe(true);
    expect(await demo.page.textContent('#duration')).toBe('live');
    // Keys that seek in films are nobody's now.
    await demo.page.keyboard.press('Home');
    await moves();
    expect(await demo.state()).toBe('playing');

    await demo.choose(media('vp8.webm'));
    await expect.poll(() => demo.page.textContent('#file-name')).toBe('vp8.webm');
    await demo.fillStrip();
    for (const on of ['#seek', '#export-start', '#in-worker'])
      expect(await demo.page.isEnabled(on), on).toBe(true);
    for (const gone of ['#film-strip-off', '#export-off', '#dropped'])
      expect(await demo.page.isVisible(gone), gone).toBe(false);
    await demo.seek(timestampsOf(clip('vp8.webm'))[30] ?? NaN);
    await expect.poll(() => demo.mark()).toBe(30);
    await expect.poll(tracks).toEqual(['ended']);
  });
});

describe('frames that there is no room for', () => {
  test('are dropped while as many are held as may be open; the camera goes on afterwards', async () => {
    await open();
    await turnOn();
    await demo.page.click('#hold');
    await expect.poll(held).toBe(1);
    await moves();
    await demo.page.click('#hold');
    await demo.reach('starved');
    expect(await held()).toBe(2);
    expect(await demo.problem()).toMatch(/^The camera runs on, but its pictures are dropped: .*held by you/u);
    const [before, position] = [await dropped(), await demo.position()];
    // Whoever else looks at the camera sees it move.
    await demo.page.evaluate(async () => {
      const { kept } = globalThis as unknown as { kept: MediaStreamTrack[] };
      const other = document.createElement('video');
      other.muted = true;
      other.srcObject = new MediaStream(kept);
      await other.play();
      for (let picture = 0; picture < 10; picture++)
        await new Promise((resolve) => other.requestVideoFrameCallback(resolve));
      other.srcObject = null;
    });
    expect(await demo.position()).toBe(position);
    await demo.page.click('#let-go');
    await demo.reach('playing');
    await moves();
    // The browser tells how many it dropped with the next frame.
    expect(await dropped()).toBeGreaterThan(before + 5);
    expect(await demo.problem()).toBe('');
    expect(await tracks()).toEqual(['live']);
  });

  test('are dropped in a pool of one slot that is held, and come when there are more slots', async () => {
    await open();
    await turnOn();
    await demo.setCapacity(1);
    await moves();
    await demo.page.click('#hold');
    await demo.reach('starved');
    expect(await demo.problem()).toContain('held by you');
    await demo.setCapacity(4);
    await demo.reach('playing');
    await moves();
    expect(await held()).toBe(1);
  });

  test('are counted when the page is slow', async () => {
    await open();
    await turnOn();
    const before = await dropped();
    await demo.page.evaluate(() => {
      setInterval(() => {
        const until = performance.now() + 180;
        while (performance.now() < until);
      }, 200);
    });
    await expect.poll(dropped).toBeGreaterThan(before + 5);
    expect(await demo.page.isVisible('#dropped')).toBe(true);
    expect(await demo.state()).toBe('playing');
  });

  test('can be held one by one while the camera is paused', async () => {
    await open();
    await turnOn();
    await demo.page.click('#play');
    await demo.reach('paused');
    for (const count of [1, 2]) {
      await demo.page.click('#hold');
      await expect.poll(held).toBe(count);
    }
    expect(await demo.state()).toBe('paused');
    await demo.page.click('#hold');
    await expect.poll(() => demo.problem()).toContain('held by you');
    await demo.page.click('#let-go');
    await expect.poll(held).toBe(0);
    await demo.page.click('#play');
    await demo.reach('playing');
    await moves();
  });
});

describe('a camera that is left', () => {
  const left: Record<string, () => Promise<void>> = {
    'by Close': () => demo.page.click('#close'),
    'for a page elsewhere': async () => {
      // A page that is kept for the way back does nothing more after this event.
      const states = await demo.page.evaluate(() => {
        dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
        return (globalThis as unknown as { kept: MediaStreamTrack[] }).kept.map(
          ({ readyState }) => readyState,
        );
      });
      expect(states).toEqual(['ended']);
    },
  };
  for (const [how, leave] of Object.entries(left)) {
    test(`${how}, is off, and nothing is lent, not even what was held`, async () => {
      await open();
      await turnOn();
      await demo.page.click('#hold');
      await expect.poll(held).toBe(1);
      await leave();
      await demo.reach('empty');
      await expect.poll(tracks).toEqual(['ended']);
      await expect.poll(() => demo.lent()).toMatchObject({ player: 0, histogram: 0 });
      expect(await demo.page.isDisabled('#play')).toBe(true);
    });
  }

  test('for itself, is off, and the new one is on', async () => {
    await open();
    await turnOn();
    await demo.page.click('#camera');
    await expect.poll(tracks).toEqual(['ended', 'live']);
    await moves();
  });

  test('before it was there, is off as soon as it comes, and the film stays', async () => {
    await open(async (page) => {
      await page.addInitScript(() => {
        const { getUserMedia } = MediaDevices.prototype;
        MediaDevices.prototype.getUserMedia = async function (constraints) {
          const stream = await getUserMedia.call(this, constraints);
          await new Promise<void>((resolve) => Object.assign(globalThis, { answer: resolve }));
          return stream;
        };
      });
    });
    await demo.page.click('#camera');
    await expect.poll(() => tracks()).toEqual(['live']);
    await demo.choose(media('vp8.webm'));
    await expect.poll(() => demo.page.textContent('#file-name')).toBe('vp8.webm');
    await demo.page.evaluate(() => (globalThis as unknown as { answer(): void }).answer());
    await expect.poll(() => tracks()).toEqual(['ended']);
    expect(await demo.page.textContent('#file-name')).toBe('vp8.webm');
    expect(await demo.problem()).toBe('');
  });

  for (const paused of [false, true]) {
    test(`because it was unplugged while it ${paused ? 'was paused' : 'played'}, is told, and can be turned on again`, async () => {
      await open();
      await turnOn();
      if (paused) await demo.page.click('#play');
      await demo.reach(paused ? 'paused' : 'playing');
      // What the browser does then, which nobody can do to its fake camera: the track ends by itself, and says so.
      await demo.page.evaluate(() => {
        const [track] = (globalThis as unknown as { kept: MediaStreamTrack[] }).kept;
        track?.stop();
        track?.dispatchEvent(new Event('ended'));
      });
      await demo.reach('empty');
      expect(await demo.problem()).toMatch(/^The camera is gone/u);
      await demo.page.click('#camera');
      await demo.reach('playing');
      await moves();
      expect(await demo.problem()).toBe('');
    });
  }
});

describe('a camera that cannot be had', () => {
  const answers: Record<string, readonly [flags: readonly string[], words: RegExp]> = {
    'because it was refused': [REFUSED, /^The camera may not be used/u],
    'because there is none': [NONE, /^There is no camera here/u],
  };
  for (const [why, [flags, words]] of Object.entries(answers)) {
    test(`${why}, is told in words, and the film plays on`, async () => {
      ownBrowser = await launch(flags);
      await open(undefined, ownBrowser);
      await demo.page.click('#play');
      await demo.reach('playing');
      await demo.page.click('#camera');
      await expect.poll(() => demo.problem()).toMatch(words);
      await moves();
      expect(await demo.problem()).toMatch(words);
      await demo.page.click('#play');
      await demo.reach('paused');
      await demo.seek(BUILT_IN[77] ?? NaN);
      await expect.poll(() => demo.mark()).toBe(77);
      await demo.page.click('#close');
      await demo.reach('empty');
      expect(await demo.page.isEnabled('#camera')).toBe(true);
    });
  }
});
