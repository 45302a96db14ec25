/** How pictures are shown: turned, with pixels that are not square, of odd sizes, and in which colours. */
import { describe, expect, test } from 'vitest';
import { expectRoundTrip, expectWritten } from '../support/probe-expect.ts';
import { begun } from '../support/probe-files.ts';
import { kindOf, KINDS } from '../support/probe-kinds.ts';
import { numberedFrame, numberedPlanes } from '../support/probe-pictures.ts';
import { sampled } from '../support/sampled.ts';
import { write } from '../support/writer/making.ts';

const FILM = { times: [0, 50_000, 100_000], end: 150_000 };

const rotations = KINDS.flatMap((kind) =>
  ([90, 180, 270] as const).map((rotation) => ({ kind, name: kind.name, rotation })),
);

describe('[edge 15] rotation', () => {
  test.each(sampled(rotations))('of $rotation° goes into $name and back', async ({ kind, rotation }) => {
    const codec = kind.family === 'iso' ? 'avc' : 'vp9';
    const { back, probe } = await expectRoundTrip(kind, { codec, rotation }, FILM);
    expect(back.rotation).toBe(rotation);
    expect([back.displayWidth, back.displayHeight]).toEqual(rotation === 180 ? [320, 180] : [180, 320]);
    expect([probe.video.width, probe.video.height]).toEqual([320, 180]);
    // ffprobe counts anticlockwise.
    const [{ rotation: turn = NaN } = {}] = probe.video.side_data_list ?? [];
    expect((360 - turn) % 360).toBe(rotation);
  });

  test('of the frames themselves is the same as that of the stream', async () => {
    const kind = kindOf('MP4');
    const { writer, file } = await begun(kind, { codec: 'vp9', rotation: 90 });
    for (const [number, timestamp] of FILM.times.entries()) {
      const plain = numberedFrame(number, { timestamp, duration: 50_000, rotation: 90 });
      // Not in the types: https://github.com/w3c/webcodecs/pull/840
      const turned = new VideoFrame(plain, { rotation: 90 } as VideoFrameInit);
      plain.close();
      expect(turned).toMatchObject({ rotation: 90 });
      await write(writer, turned);
    }
    const { back } = await expectWritten(await file(), kind, FILM, 9 / 16);
    expect([back.rotation, back.displayWidth, back.displayHeight]).toEqual([90, 180, 320]);
  });
});

describe('[edge 15] pixels that are not square', () => {
  const cases = KINDS.flatMap((kind) => [
    { kind, name: kind.name, displayWidth: 427, displayHeight: 180, ratio: '427:320' },
    { kind, name: kind.name, displayWidth: 320, displayHeight: 240, ratio: '3:4' },
  ]);
  test.each(sampled(cases))(
    'shown as $displayWidth × $displayHeight in $name',
    async ({ kind, ratio, ...display }) => {
      const codec = kind.family === 'iso' ? 'avc' : 'vp9';
      const { displayWidth, displayHeight } = display;
      const { back, probe } = await expectRoundTrip(kind, { codec, ...display }, FILM);
      expect([back.displayWidth, back.displayHeight]).toEqual([displayWidth, displayHeight]);
      expect(probe.video).toMatchObject({ width: 320, height: 180, sample_aspect_ratio: ratio });
    },
  );

  test('are learned from the first frame, where the stream does not say', async () => {
    const kind = kindOf('MP4');
    const { writer, file } = await begun(kind, { codec: 'vp9' });
    for (const [number, timestamp] of FILM.times.entries()) {
      const init = { displayWidth: 427, displayHeight: 180 };
      await write(writer, numberedPlanes(number, { timestamp, duration: 50_000 }, init));
    }
    const { back, probe } = await expectWritten(await file(), kind, FILM);
    expect([back.displayWidth, back.displayHeight]).toEqual([427, 180]);
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
    expect([back.displayWidth, back.displayHeight]).toEqual([321, 241]);
    expect([probe.video.width, probe.video.height]).toEqual([321, 241]);
  });

  test('is refused for H.264, which has none', async () => {
    const adding = begun(kindOf('MP4'), { codec: 'avc', width: 321, height: 241 });
    await expect(adding).rejects.toMatchObject({
      name: 'NotSupportedError',
      message: expect.stringContaining('what can be had is vp9, av1, vp8'),
    });
  });
});
