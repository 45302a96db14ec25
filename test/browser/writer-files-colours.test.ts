/** Colours of written files: declared in the file, and as decoded by both readers. */
import { describe, expect, test } from 'vitest';
import { begun, coloursOf, readBack } from '../support/probe-files.ts';
import { CODECS, kindOf, KINDS_BY_CODEC } from '../support/probe-kinds.ts';
import { drawNumber, numberedPlanes, opaque } from '../support/probe-pictures.ts';
import { probed } from '../support/probe.ts';
import { sampled } from '../support/sampled.ts';
import { write } from '../support/writer/making.ts';

const TIMES = [0, 50_000, 100_000];

/** Primaries, transfer, matrix and range of WebCodecs' colour spaces. ffprobe has the same names, except for the range. */
const SPACES = [
  ['HD in the TV range', 'bt709', 'bt709', 'bt709', false],
  ['HD in the full range', 'bt709', 'bt709', 'bt709', true],
  ['NTSC', 'smpte170m', 'smpte170m', 'smpte170m', false],
  ['PAL', 'bt470bg', 'smpte170m', 'bt470bg', false],
] as const;

describe('the colour space of frames', () => {
  const cases = SPACES.flatMap(([name, primaries, transfer, matrix, fullRange]) => {
    const init = { primaries, transfer, matrix, fullRange };
    const declared = [fullRange ? 'pc' : 'tv', matrix, transfer, primaries];
    return ['MP4', 'MKV'].flatMap((kind) => CODECS.map((codec) => ({ name, init, declared, kind, codec })));
  });
  const inOthers = cases.slice(0, 1).flatMap((space) =>
    ['fast-start MP4', 'fragmented MP4', 'MOV', 'WebM'].map((kind) => ({
      ...space,
      kind,
      codec: 'vp9' as const,
    })),
  );
  test.each(sampled([...cases, ...inOthers]))(
    '$name goes into $kind with $codec and back',
    async ({ init, declared, kind, codec }) => {
      const { writer, file } = await begun(kindOf(kind), { codec });
      for (const [number, timestamp] of TIMES.entries()) {
        await write(writer, numberedPlanes(number, { timestamp }, { colorSpace: init }));
      }
      const blob = await file();
      const { pictures } = await readBack(blob);
      expect(pictures.map(({ number }) => number)).toEqual([0, 1, 2]);
      for (const { colorSpace } of pictures) expect(colorSpace).toEqual(init);
      const { complaints, video } = await probed(blob);
      expect(complaints).toBe('');
      const { color_range, color_space, color_transfer, color_primaries } = video;
      expect([color_range, color_space, color_transfer, color_primaries]).toEqual(declared);
    },
  );
});

describe('the colours of a canvas', () => {
  const COLOURS = [
    [200, 30, 40],
    [20, 160, 70],
    [30, 50, 210],
  ] as const;
  /** Four pixels share one colour difference, and encoders round. */
  const TOLERANCE = 6;

  function frameOf(number: number, [red, green, blue]: readonly [number, number, number]): VideoFrame {
    const context = opaque(320, 180);
    drawNumber(context, number);
    context.fillStyle = `rgb(${red} ${green} ${blue})`;
    context.fillRect(0, 120, 320, 60);
    return new VideoFrame(context.canvas, { timestamp: TIMES[number] ?? 0 });
  }

  function expectColours(seen: readonly (readonly number[])[]): void {
    expect(seen.length).toBe(COLOURS.length);
    for (const [place, ground] of seen.entries()) {
      const apart = ground.map((value, channel) => Math.abs(value - (COLOURS[place]?.[channel] ?? NaN)));
      expect(Math.max(...apart), `picture ${place} is ${ground.join()}`).toBeLessThanOrEqual(TOLERANCE);
    }
  }

  // VP8 declares limited range and BT.601 in its bitstream. Chromium encodes canvases otherwise, and the file declares that.
  // ffmpeg follows the codec, the browser follows the file; but in MOV mediabunny does not read the range.
  const cases = KINDS_BY_CODEC.filter(
    ({ name, codec }) => ['MP4', 'MOV', 'WebM', 'MKV'].includes(name) && (codec !== 'vp8' || name !== 'MOV'),
  );
  test.each(sampled(cases))('are the same when read from $name with $codec', async ({ kind, codec }) => {
    const { writer, file } = await begun(kind, { codec, bitrate: 2_000_000 });
    for (const [number, colour] of COLOURS.entries()) await write(writer, frameOf(number, colour));
    const blob = await file();
    if (codec !== 'vp8') expectColours((await probed(blob)).pictures.map(({ ground }) => ground));
    expectColours(await coloursOf(blob, [0.5, 0.9]));
  });
});
