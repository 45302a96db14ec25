/** Recording in the built demo: a generated video with sound. */
import { describe, expect, test } from 'vitest';
import type { Prepare } from './fixture.ts';
import { useDemo } from './fixture.ts';
import { FilePanelPage, without } from './file-panel.ts';

const demo = useDemo({ before: false });
const panel = new FilePanelPage(demo, 'record');

const open = async (prepare?: Prepare): Promise<void> => {
  await demo.open(prepare);
  await demo.page.selectOption('#record-seconds', '2');
};

/** Levels of the left and right channel of the result from 0 to 1, and its duration. */
const measureSound = (): Promise<{ levels: number[]; seconds: number }> =>
  demo.page.evaluate(async () => {
    const address = document.querySelector<HTMLAnchorElement>('#record-save')?.href ?? '';
    const bytes = await (await fetch(address)).arrayBuffer();
    const sound = await new OfflineAudioContext(2, 48_000, 48_000).decodeAudioData(bytes);
    const levels = Array.from({ length: sound.numberOfChannels }, (_, channel) =>
      Math.sqrt(sound.getChannelData(channel).reduce((sum, value) => sum + value ** 2, 0) / sound.length),
    );
    return { levels, seconds: sound.duration };
  });

/** Brightness of the pixels on the screen. */
const shown = async (): Promise<number[]> => [...(await demo.pixels(null, 64)).data];

const difference = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? NaN)), 0) / one.length;

describe('recording', () => {
  test('creates a video with sound, which plays to its end', async () => {
    await open();
    await panel.make('webm-vp8');
    expect(await panel.status()).toMatch(/^WebM, VP8, with Opus sound: 60 frames, [\d.]+ [kM]B\.$/u);

    const { times, sound, ...made } = await panel.contents();
    expect(made).toMatchObject({ name: 'recording.webm', isWebM: true, codec: 'vp8', size: [640, 360] });
    expect(sound?.codec).toBe('opus');
    expect(times).toHaveLength(60);
    expect(Math.max(...times.map((time, frame) => Math.abs(time - (frame / 30) * 1e6)))).toBeLessThan(1000);
    expect(Math.abs((sound?.seconds ?? NaN) - 2)).toBeLessThan(0.1);
    const { levels, seconds } = await measureSound();
    expect(levels).toHaveLength(2);
    expect(Math.min(...levels)).toBeGreaterThan(0.01);
    expect(Math.abs(seconds - 2)).toBeLessThan(0.1);

    const before = await shown();
    await panel.play();
    await expect.poll(async () => difference(await shown(), before)).toBeGreaterThan(20);
    const first = await shown();
    await demo.playToEnd();
    expect(difference(await shown(), first)).toBeGreaterThan(1);
  });

  test('uses another audio codec if the engine lacks the first', async () => {
    await open(without('AudioEncoder', '^mp4a'));
    await panel.make('mp4-av1');
    expect(await panel.status()).toContain('MP4, AV1, with Opus sound: 60 frames');
    const { times, ...made } = await panel.contents();
    expect(made).toMatchObject({ isMp4: true, codec: 'av1', sound: { codec: 'opus' } });
    expect(times).toHaveLength(60);
  });

  test('reports that no audio codec is supported', async () => {
    await open(without('AudioEncoder', '.'));
    await panel.start('webm-vp8');
    await panel.ends('failed');
    expect(await panel.status()).toMatch(
      /^This format cannot be encoded: "opus" cannot .*no codec is available/u,
    );
  });

  test('runs in a page that is never painted', async () => {
    await demo.openAlone();
    await demo.page.selectOption('#record-seconds', '2');
    await demo.page.evaluate(() => {
      globalThis.requestAnimationFrame = () => 0;
    });
    await panel.make('webm-vp8');
  });

  test('needs no open video, and the result can be exported', async () => {
    await open();
    await demo.empty();
    await panel.make('webm-vp8');
    await panel.play();
    const again = new FilePanelPage(demo, 'export');
    await again.make('webm-vp8');
    const { times, sound } = await again.contents();
    expect(times).toHaveLength(60);
    expect(sound).toBeNull();
  });
});

describe('cancelled midway', () => {
  test('creates no file, and the next recording is complete', async () => {
    await open();
    await demo.page.selectOption('#record-seconds', '10');
    await panel.startAndThen('webm-vp8', '#record-cancel');
    await panel.ends('cancelled');
    expect(await panel.status()).toMatch(/^Cancelled after \d{2} frames\. No file was created\.$/u);
    expect(await demo.page.isVisible('#record-result')).toBe(false);
    expect(await demo.page.isDisabled('#record-cancel')).toBe(true);
    await demo.page.selectOption('#record-seconds', '2');
    await panel.make('webm-vp8');
    expect(await panel.status()).toContain('60 frames');
  });
});
