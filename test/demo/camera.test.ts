/** The camera in the built demo, with Chromium's fake device, which shows moving frames. */
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';
import type { DemoPage } from './page.ts';

/** A fake camera without permission: headless browsers deny it automatically. */
const REFUSED = ['--use-fake-device-for-media-stream'];
const NONE = ['--use-fake-ui-for-media-stream'];

/** Global scope of the page. */
interface Keeping {
  readonly kept: MediaStreamTrack[];
}

/** Saves every track that the page receives, so that tests can check whether it is live. */
const keepTracks = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const kept: MediaStreamTrack[] = [];
    Object.assign(globalThis, { kept });
    const { getUserMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getUserMedia = async function (constraints) {
      const stream = await getUserMedia.call(this, constraints);
      kept.push(...stream.getTracks());
      return stream;
    };
  });

const expectAllOff = async (demo: DemoPage): Promise<void> => {
  await demo.page.evaluate(() => document.querySelector<HTMLButtonElement>('#close')?.click());
  await demo.reach('empty');
  await demo.lendsNothing();
  await expect.poll(() => tracks(demo)).not.toContain('live');
  await demo.page.evaluate(() => void (globalThis as unknown as Keeping).kept.splice(0));
};

const demo = useDemo({ prepare: keepTracks, after: expectAllOff });

/** State of each track that the page received. */
const tracks = ({ page }: DemoPage = demo): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as Keeping).kept.map(({ readyState }) => readyState));

const turnOn = async (): Promise<void> => {
  await demo.turnOnCamera();
  await demo.expectPlayback();
};

const dropped = async (): Promise<number> => Number(/(\d+)$/u.exec(await demo.text('#dropped'))?.[1] ?? NaN);
const shown = async (): Promise<string> => (await demo.pixels(null, 160)).data.join();

describe('a camera that is turned on', () => {
  test('shows moving frames, which the panels show as those of a video', async () => {
    await turnOn();
    const pictures = new Set<string>();
    await expect.poll(async () => pictures.add(await shown()).size).toBeGreaterThan(3);
    expect(await demo.text('#origin')).toContain('camera');
    expect(await demo.pixels(null, 640)).toMatchObject({ width: 640, height: 480 });
    const notices = await demo.count('notices');
    await expect.poll(() => demo.count('notices')).toBeGreaterThan(notices);
    const counted = (): Promise<string | null> => demo.page.getAttribute('#histogram', 'data-time');
    await expect.poll(counted).not.toBe(await counted());
    expect(await tracks()).toEqual(['live']);
  });

  test('is paused and played, and stays on throughout', async () => {
    await turnOn();
    await demo.pause();
    const seen = async (): Promise<unknown[]> =>
      Promise.all([shown(), demo.position(), demo.count('lent'), demo.count('notices')]);
    // The panel shows returned frames a moment later: it has settled once two samples are equal.
    let last: unknown[] = [];
    await expect
      .poll(async () => String(last) === String((last = await seen())), { interval: 500 })
      .toBe(true);
    expect(last[2]).toBe(0);
    await demo.page.waitForTimeout(300);
    expect(await seen()).toEqual(last);
    expect(await tracks()).toEqual(['live']);
    await demo.play();
    await demo.expectPlayback();
  });

  test('disables what a live source lacks, with a reason, until a video is opened', async () => {
    await demo.fillStrip();
    await turnOn();
    for (const off of ['#seek', '#export-start', '#in-worker'])
      expect(await demo.page.isDisabled(off), off).toBe(true);
    for (const reason of ['#film-strip-off', '#export-off'])
      expect(await demo.text(reason), reason).toContain('no');
    expect((await demo.thumbnails()).every(({ disabled }) => disabled)).toBe(true);
    expect(await demo.text('#duration')).toBe('live');
    // Keys that seek do nothing with a camera.
    await demo.press('Home');
    await demo.expectPlayback();
    expect(await demo.state()).toBe('playing');

    await demo.openClip('vp8.webm');
    await demo.fillStrip();
    for (const on of ['#seek', '#export-start', '#in-worker'])
      expect(await demo.page.isEnabled(on), on).toBe(true);
    for (const gone of ['#film-strip-off', '#export-off', '#dropped'])
      expect(await demo.page.isVisible(gone), gone).toBe(false);
    await demo.showFrame(30, 'vp8.webm');
    await expect.poll(() => tracks()).toEqual(['ended']);
  });
});

describe('frames without a free slot', () => {
  test('are dropped while the maximum is held; the camera continues afterwards', async () => {
    await turnOn();
    await demo.hold(1);
    await demo.expectPlayback();
    await demo.page.click('#hold');
    await demo.reach('starved');
    expect(await demo.held()).toBe(2);
    expect(await demo.problem()).toMatch(/^The camera is on, but new frames are dropped .*held by you/u);
    const [before, position] = [await dropped(), await demo.position()];
    // Another consumer of the camera still receives frames.
    await demo.page.evaluate(async () => {
      const { kept } = globalThis as unknown as Keeping;
      const other = document.createElement('video');
      other.muted = true;
      other.srcObject = new MediaStream(kept);
      await other.play();
      for (let picture = 0; picture < 10; picture++)
        await new Promise((resolve) => other.requestVideoFrameCallback(resolve));
      other.srcObject = null;
    });
    expect(await demo.position()).toBe(position);
    await demo.releaseAll();
    // The browser reports its dropped frames with the next frame.
    await expect.poll(dropped).toBeGreaterThan(before + 5);
    expect(await demo.problem()).toBe('');
    expect(await tracks()).toEqual(['live']);
  });

  test('are dropped while the only slot is held, and arrive with more slots', async () => {
    await turnOn();
    await demo.setCapacity(1);
    await demo.expectPlayback();
    await demo.starve();
    await demo.setCapacity(4);
    await demo.reach('playing');
    await demo.expectPlayback();
    expect(await demo.held()).toBe(1);
  });

  test('are counted if the page is slow', async () => {
    await turnOn();
    const before = await dropped();
    await demo.keepBusy(180);
    await expect.poll(dropped).toBeGreaterThan(before + 5);
    expect(await demo.page.isVisible('#dropped')).toBe(true);
    expect(await demo.state()).toBe('playing');
  });

  test('can be held one by one while the camera is paused', async () => {
    await turnOn();
    await demo.pause();
    for (const count of [1, 2]) await demo.hold(count);
    expect(await demo.state()).toBe('paused');
    await demo.page.click('#hold');
    await expect.poll(() => demo.problem()).toContain('held by you');
    await demo.page.click('#release-held');
    await expect.poll(() => demo.held()).toBe(0);
    await demo.play();
    await demo.expectPlayback();
  });
});

describe('leaving a camera', () => {
  const left: Record<string, () => Promise<void>> = {
    'by Close': () => demo.page.click('#close'),
    'for another page': async () => {
      // A page in the back/forward cache runs no code after this event.
      const states = await demo.page.evaluate(() => {
        dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
        return (globalThis as unknown as Keeping).kept.map(({ readyState }) => readyState);
      });
      expect(states).toEqual(['ended']);
    },
  };
  test.each(Object.entries(left))(
    '%s turns it off and returns all frames, including held ones',
    async (_, leave) => {
      await turnOn();
      await demo.hold(1);
      await leave();
      await demo.reach('empty');
      await expect.poll(() => tracks()).toEqual(['ended']);
      await demo.lends({ player: 0, histogram: 0 });
      expect(await demo.page.isDisabled('#play')).toBe(true);
    },
  );

  test('for another camera turns it off and the new one on', async () => {
    await turnOn();
    await demo.page.click('#camera');
    await expect.poll(() => tracks()).toEqual(['ended', 'live']);
    await demo.expectPlayback();
  });

  test('before it is granted turns it off on arrival, and the video stays', async () => {
    await demo.open(async (page) => {
      await keepTracks(page);
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
    await demo.openClip('vp8.webm');
    await demo.page.evaluate(() => (globalThis as unknown as { answer(): void }).answer());
    await expect.poll(() => tracks()).toEqual(['ended']);
    expect(await demo.text('#file-name')).toBe('vp8.webm');
    expect(await demo.problem()).toBe('');
  });

  test.each(['played', 'was paused'])(
    'by unplugging it while it %s shows an error, and it can be turned on again',
    async (what) => {
      await demo.openAlone();
      // The engine owns the frame that was pending when the track ended, and may report it.
      demo.allowCollection();
      await turnOn();
      if (what === 'was paused') await demo.pause();
      // A real disconnection ends the track and fires `ended`; Chromium's fake camera cannot be disconnected.
      await demo.page.evaluate(() => {
        const [track] = (globalThis as unknown as Keeping).kept;
        track?.stop();
        track?.dispatchEvent(new Event('ended'));
      });
      await demo.reach('empty');
      expect(await demo.problem()).toMatch(/^The camera was disconnected/u);
      await turnOn();
      expect(await demo.problem()).toBe('');
    },
  );
});

describe.each([
  ['because access is denied', REFUSED, /^Camera access was denied/u],
  ['because there is none', NONE, /^No camera was found/u],
])('a camera that is unavailable', (why, camera, words) => {
  const other = useDemo({ prepare: keepTracks, after: expectAllOff, camera });

  test(`${why}: the error is shown, and the video plays on`, async () => {
    await other.play();
    await other.page.click('#camera');
    await expect.poll(() => other.problem()).toMatch(words);
    await other.expectPlayback();
    expect(await other.problem()).toMatch(words);
    await other.pause();
    await other.showFrame(77);
    await other.empty();
    expect(await other.page.isEnabled('#camera')).toBe(true);
  });
});
