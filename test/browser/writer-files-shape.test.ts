/** Display of pictures: rotated, with non-square pixels, of odd sizes, and their colours. */
import { describe, expect, test } from 'vitest';
import type { VideoStreamConfig } from '../../src/media/index.ts';
import { expectRoundTrip, expectWritten } from '../support/probe-expect.ts';
import { begun } from '../support/probe-files.ts';
import { kindOf, KINDS } from '../support/probe-kinds.ts';
import { numberedFrame, numberedPlanes } from '../support/probe-pictures.ts';
import { sampled } from '../support/sampled.ts';
import { ORIENTATIONS } from '../support/track-matrix.ts';
import { write } from '../support/writer/making.ts';

const FILM = { times: [0, 50_000, 100_000], end: 150_000 };

/** Writes the video as frames of a test into an MP4, and reads it. */
async function expectFrames(
  pictures: Partial<VideoStreamConfig>,
  frameOf: (number: number, times: { timestamp: number; duration: number }) => VideoFrame,
) {
  const kind = kindOf('MP4');
  const { writer, file } = await begun(kind, { codec: 'vp9', ...pictures });
  for (const [number, timestamp] of FILM.times.entries())
    await write(writer, frameOf(number, { timestamp, duration: 50_000 }));
  return expectWritten(await file(), kind, FILM, (pictures.rotation ?? 0) % 180 === 0 ? 16 / 9 : 9 / 16);
}

const turned = ORIENTATIONS.filter(({ rotation, flip }) => rotation !== 0 || flip);
const orientations = KINDS.flatMap((kind) =>
  turned.map(({ rotation, flip }) => ({ kind, name: kind.name, rotation, flip })),
);

describe('[edge 15] rotation', () => {
  test.each(sampled(orientations))(
    'of $rotation°, flip $flip, goes into $name and back',
    async ({ kind, rotation, flip }) => {
      const codec = kind.family === 'iso' ? 'avc' : 'vp9';
      const { back, probe } = await expectRoundTrip(kind, { codec, rotation, flip }, FILM);
      const [displayWidth, displayHeight] = rotation % 180 === 0 ? [320, 180] : [180, 320];
      expect(back).toMatchObject({ rotation, flip, displayWidth, displayHeight });
      expect(probe.video).toMatchObject({ width: 320, height: 180 });
      // ffprobe counts anticlockwise, and does not report a flip.
      const [{ rotation: turn = NaN } = {}] = probe.video.side_data_list ?? [];
      if (!flip) expect((360 - turn) % 360).toBe(rotation);
    },
  );

  test.each(turned)('of $rotation°, flip $flip, of the frames is that of the stream', async (orientation) => {
    const { rotation, flip } = orientation;
    const { back } = await expectFrames({ rotation, flip }, (number, times) => {
      const plain = numberedFrame(number, { ...times, rotation, flip });
      // Not in the types: https://github.com/w3c/webcodecs/pull/840
      const oriented = new VideoFrame(plain, { rotation, flip } as VideoFrameInit);
      plain.close();
      expect(oriented).toMatchObject({ rotation, flip });
      return oriented;
    });
    expect(back).toMatchObject({ rotation, flip });
  });

  test.each(turned)(
    'of $rotation°, flip $flip, of a stream applies to frames of another',
    async (orientation) => {
      const { rotation, flip } = orientation;
      const { back } = await expectFrames({ rotation, flip }, (number, times) => {
        // Square pixels of the stored shape, so that no bars are left.
        const sideways = rotation % 180 === 0 ? 180 : 90;
        const own = { rotation: sideways, flip: !flip } as const;
        const plain = numberedFrame(number, { ...times, ...own });
        const oriented = new VideoFrame(plain, own as VideoFrameInit);
        plain.close();
        return oriented;
      });
      expect(back).toMatchObject({ rotation, flip });
    },
  );
});

describe('[edge 15] pixels that are not square', () => {
  const cases = KINDS.flatMap((kind) => [
    { kind, name: kind.name, displayWidth: 427, displayHeight: 180, ratio: '427:320' },
    { kind, name: kind.name, displayWidth: 320, displayHeight: 240, ratio: '3:4' },
  ]);
  test.each(sampled(cases))(
    'shown as $displayWidth × $displayHeight in $name',
    async ({ kind, ratio, displayWidth, displayHeight }) => {
      const codec = kind.family === 'iso' ? 'avc' : 'vp9';
      const display = { displayWidth, displayHeight };
      const { back, probe } = await expectRoundTrip(kind, { codec, ...display }, FILM);
      expect(back).toMatchObject(display);
      expect(probe.video).toMatchObject({ width: 320, height: 180, sample_aspect_ratio: ratio });
    },
  );

  test('are taken from the first frame, if the stream does not specify them', async () => {
    const display = { displayWidth: 427, displayHeight: 180 };
    const { back, probe } = await expectFrames({}, (...picture) => numberedPlanes(...picture, display));
    expect(back).toMatchObject(display);
    expect(probe.video.sample_aspect_ratio).toBe('427:320');
  });
});

describe('[edge 15] an odd size', () => {
  const cases = ['MP4', 'WebM'].flatMap((name) =>
    ['vp8', 'vp9', 'av1'].map((codec) => [name, codec] as const),
  );
  test.each(sampled(cases))('of 321 × 241 goes into %s as %s and back', async (name, codec) => {
    const pictures = { codec, width: 321, height: 241 };
    const { back, probe } = await expectRoundTrip(kindOf(name), pictures, FILM);
    expect(back).toMatchObject({ displayWidth: 321, displayHeight: 241 });
    expect(probe.video).toMatchObject({ width: 321, height: 241 });
  });

  test('is refused for H.264, which does not support it', async () => {
    const adding = begun(kindOf('MP4'), { codec: 'avc', width: 321, height: 241 });
    await expect(adding).rejects.toMatchObject({
      name: 'NotSupportedError',
      message: expect.stringContaining('321 × 241 is odd; 320 × 240 is accepted'),
    });
  });
});
