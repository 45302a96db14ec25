/** Export panel of the built demo: cancellation, errors and cleanup. */
import { describe, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';
import { FilePanelPage, slowEncoder, without } from './file-panel.ts';
import { BUILT_IN } from './page.ts';

const demo = useDemo({ before: false, after: (it) => it.lends({ export: 0 }) });
const panel = new FilePanelPage(demo, 'export');

describe('a run that is ended early', () => {
  test('by Cancel leaves nothing lent, and the video still plays', async () => {
    await demo.open(slowEncoder);
    await panel.startAndThen('webm-vp8', '#export-cancel');
    await panel.ends('cancelled');
    expect(await panel.status()).toMatch(/^Cancelled after \d+ frames\. All frames are returned\.$/u);
    expect(await demo.page.isVisible('#export-result')).toBe(false);
    await expect.poll(() => demo.poolLine('export')).toEqual(['export', '0 / 4', '–', '0.0 MB']);
    await demo.play();
    await demo.passes(500_000);
    await demo.pause();
    await panel.chooseRange('0', '0.2');
    await panel.make('webm-vp8');
  });

  test('by Cancel ends even while the encoder hangs', async () => {
    await demo.open((page) =>
      page.addInitScript(() => {
        const { encode, flush, close } = VideoEncoder.prototype;
        const pictures = new WeakMap<VideoEncoder, number>();
        const ends = new WeakMap<VideoEncoder, (reason: unknown) => void>();
        VideoEncoder.prototype.encode = function (...given) {
          pictures.set(this, (pictures.get(this) ?? 0) + 1);
          encode.apply(this, given);
        };
        // The writer encodes a single frame to find out which codecs are supported.
        VideoEncoder.prototype.flush = function () {
          if (pictures.get(this) === 1) return flush.call(this);
          return new Promise((_, reject) => ends.set(this, reject));
        };
        VideoEncoder.prototype.close = function () {
          close.call(this);
          ends.get(this)?.(new DOMException('closed', 'AbortError'));
        };
      }),
    );
    await panel.chooseRange('0', '1');
    await panel.start('webm-vp8');
    await expect.poll(() => demo.text('#export-count')).toContain('30 frames written');
    expect(await panel.state()).toBe('running');
    await demo.page.click('#export-cancel');
    await panel.ends('cancelled');
    expect(await panel.status()).toBe('Cancelled after 30 frames. All frames are returned.');
  });

  test('by closing the video leaves nothing lent and nothing to export', async () => {
    await demo.open(slowEncoder);
    await panel.startAndThen('webm-vp8', '#close');
    await panel.ends('cancelled');
    await demo.reach('empty');
    await demo.lendsNothing();
    expect(await demo.page.isDisabled('#export-start')).toBe(true);
  });
});

describe('an unsupported codec', () => {
  test('is reported with the supported ones, and another one can be chosen', async () => {
    await demo.open(without('VideoEncoder', '^(avc1|hev1)'));
    await panel.start('mp4-avc');
    await panel.ends('failed');
    expect(await panel.status()).toMatch(
      /^This format cannot be encoded: "avc" cannot .*; available are (?!.*avc).*av1.*\. Choose another format\.$/u,
    );
    await panel.chooseRange('0', '0.5');
    await panel.make('mp4-av1');
  });
});

describe('the panel', () => {
  test('keeps the keys of its own controls', async () => {
    await demo.open();
    await demo.page.focus('#export-kind');
    await demo.press('ArrowDown', 'End');
    expect(await demo.page.inputValue('#export-kind')).toBe('mp4-av1');
    await demo.page.fill('#export-to', '0.1');
    await demo.page.focus('#export-from');
    await demo.press('Enter');
    await panel.ends('done');
    expect([await demo.position(), await demo.state()]).toEqual([BUILT_IN[0], 'paused']);
  });

  test('frees the bytes of a result when the next run starts', async () => {
    await demo.open();
    await panel.chooseRange('0', '0.1');
    const readable = (address: string | null): Promise<boolean> =>
      demo.page.evaluate(async (url) => {
        const answer = await fetch(url ?? '').catch(() => null);
        return answer?.ok ?? false;
      }, address);
    await panel.make('webm-vp8');
    const first = await demo.page.getAttribute('#export-save', 'href');
    expect(await readable(first)).toBe(true);
    await panel.make('webm-vp8');
    expect(await demo.page.getAttribute('#export-save', 'href')).not.toBe(first);
    expect(await readable(first)).toBe(false);
    // The browser reports the revoked URL, as expected.
    await expect
      .poll(() => demo.complaints.splice(0))
      .toEqual([expect.stringContaining('ERR_FILE_NOT_FOUND')]);
  });
});
