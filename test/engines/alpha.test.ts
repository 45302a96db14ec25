/** Transparent files: colour and alpha of each frame belong together, and two decoders end wherever one would. */
import { describe, expect, test } from 'vitest';
import { FrameBudget } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import type { AlphaClip } from '../support/alpha-clips.ts';
import { alphaBlob, alphaOf, greyOf, seenIn, STEP } from '../support/alpha-clips.ts';
import { livePictures } from '../support/accounting.ts';
import { hookedDecoder } from '../support/decoders.ts';
import { poolOf } from '../support/decoding.ts';
import { answer } from '../support/engine.ts';
import { clipBlob } from '../support/packets.ts';
import { releaseUntil, takeAll } from '../support/streams.ts';

/** Alpha in frames: drift of coding and of conversions there and back. */
const NEAR = 4;

/**
 * The same for colours, which are multiplied by alpha and divided again. WebKitGTK 2.50 shows opaque ones darker
 * by 7.
 */
const NEAR_COLOUR = 8;

/** Expects frame n of a clip; `isOpaque` for a frame without alpha. */
function expectFrame(frame: VideoFrame, number: number, isOpaque = false): void {
  const { grey, alpha } = seenIn(frame);
  expect(frame.timestamp).toBe(number * STEP);
  expect(
    Math.abs(alpha - (isOpaque ? 255 : alphaOf(number))),
    `alpha ${alpha} of frame ${number}`,
  ).toBeLessThanOrEqual(NEAR);
  expect(Math.abs(grey - greyOf(number)), `grey ${grey} of frame ${number}`).toBeLessThanOrEqual(NEAR_COLOUR);
}

const CLIPS: readonly AlphaClip[] = [
  { codec: 'vp8', container: 'webm' },
  { codec: 'vp9', container: 'webm' },
  { codec: 'vp9', container: 'mkv' },
];

describe.each(CLIPS)('$codec with alpha in $container', (clip) => {
  test.each([1, 3])('frames() are transparent, each with its own alpha, at capacity %i', async (capacity) => {
    const pool = poolOf({ capacity });
    await using reader = await openVideo(await alphaBlob(clip));
    expect(reader.hasAlpha).toBe(true);
    let number = 0;
    await takeAll(reader.frames({ pool }), ({ frame }) => {
      expect(frame.format).toBe(answer('transparentFormat'));
      expectFrame(frame, number++);
    });
    expect(number).toBe(30);
  });

  test.each([1, 3])('frameAt() gives the alpha of its time, at capacity %i', async (capacity) => {
    const pool = poolOf({ capacity });
    await using reader = await openVideo(await alphaBlob(clip));
    for (const number of [0, 29, 11]) {
      using handle = await reader.frameAt(number * STEP + 1, { pool });
      expectFrame(handle.frame, number);
    }
  });
});

describe('the alpha’s key frames', () => {
  const clip: AlphaClip = { codec: 'vp8', frames: 40, colourKeys: [10, 20, 30], alphaKeys: [15] };

  test('may lie elsewhere than the colour’s: frameAt() starts where both can be decoded', async () => {
    const pool = poolOf({ capacity: 1 });
    await using reader = await openVideo(await alphaBlob(clip));
    for (const number of [9, 10, 12, 14, 15, 17, 20, 35, 39]) {
      using handle = await reader.frameAt(number * STEP, { pool });
      expectFrame(handle.frame, number);
    }
  });

  test('and so do frames()', async () => {
    const pool = poolOf({ capacity: 3 });
    await using reader = await openVideo(await alphaBlob(clip));
    for (const first of [12, 16, 33]) {
      let number = first;
      const to = (first + 5) * STEP;
      await takeAll(reader.frames({ pool, from: first * STEP, to }), ({ frame }) =>
        expectFrame(frame, number++),
      );
      expect(number).toBe(first + 5);
    }
  });
});

describe('packets without alpha', () => {
  test('among others are opaque, in the format of the others', async () => {
    const hasAlpha = (number: number): boolean => number < 5 || number > 9;
    const pool = poolOf({ capacity: 2 });
    await using reader = await openVideo(await alphaBlob({ frames: 15, hasAlpha, alphaKeys: [10] }));
    let number = 0;
    await takeAll(reader.frames({ pool }), ({ frame }) => {
      expect(frame.format).toBe(answer('transparentFormat'));
      expectFrame(frame, number, !hasAlpha(number++));
    });
    expect(number).toBe(15);
  });
});

describe('decoders of a transparent file', () => {
  /** A class of decoders that lists its open ones. */
  function watchedDecoders() {
    const open = new Set<VideoDecoder>();
    let made = 0;
    const type = hookedDecoder(() => ({
      configured(decoder) {
        if (!open.has(decoder)) made++;
        open.add(decoder);
      },
      closed() {
        for (const decoder of open) if (decoder.state === 'closed') open.delete(decoder);
      },
    }));
    return { type, open, made: () => made };
  }

  test.each(['keep', 'discard'] as const)(
    'are two for each iteration with alpha: %s, or one, and all are closed',
    async (alpha) => {
      const { type, open, made } = watchedDecoders();
      const pool = poolOf({ capacity: 2 });
      await using reader = await openVideo(await alphaBlob({ frames: 12 }), { decoder: type, alpha });
      expect(reader.hasAlpha).toBe(true);
      let number = 0;
      await takeAll(reader.frames({ pool }), ({ frame }) =>
        expectFrame(frame, number++, alpha === 'discard'),
      );
      expect([number, made(), open.size]).toEqual([12, alpha === 'keep' ? 2 : 1, 0]);
      (await reader.frameAt(3 * STEP, { pool })).release();
      expect([made(), open.size]).toEqual([alpha === 'keep' ? 4 : 2, 0]);
    },
  );

  test.each([1, 2, 5])('[C10] leave nothing open when the loop is left, at capacity %i', async (capacity) => {
    const { type, open } = watchedDecoders();
    const pool = poolOf({ capacity });
    await using reader = await openVideo(await alphaBlob({ frames: 20 }), { decoder: type });
    await releaseUntil(reader.frames({ pool }), (taken) => taken === 7);
    expect([pool.freeCount, livePictures(), open.size]).toEqual([capacity, 0, 0]);
  });

  test('[C3] keep to the cap of a budget while its frames are held', async () => {
    const budget = new FrameBudget({ maxFrames: 2 });
    const pool = poolOf({ capacity: 4, budget });
    await using reader = await openVideo(await alphaBlob({ frames: 12 }));
    let taken = 0;
    await takeAll(reader.frames({ pool }), () => {
      expect(pool.lentCount + pool.decodingCount).toBeLessThanOrEqual(2 + pool.stats().overcommitted);
      taken++;
    });
    expect(taken).toBe(12);
  });
});

test('an opaque file has no alpha', async () => {
  const type = hookedDecoder();
  const pool = poolOf({ capacity: 1 });
  await using reader = await openVideo(await clipBlob('vp8.webm'), { decoder: type });
  expect(reader.hasAlpha).toBe(false);
  (await reader.frameAt(0, { pool })).release();
  expect(type.made.length).toBe(1);
});

test('`alpha` is refused if it is neither keep nor discard', async () => {
  const alpha = 'blend' as unknown as AlphaOption;
  await expect(openVideo(new Blob(), { alpha })).rejects.toThrow(TypeError);
});
