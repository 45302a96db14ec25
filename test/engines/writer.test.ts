/** Files written by `FrameWriter`, and read back by `openVideo()` in the same engine. */
import { describe, expect, test } from 'vitest';
import { begun, numbersOf, writeNumbers } from '../support/probe-files.ts';
import { kindOf } from '../support/probe-kinds.ts';
import { drawNumber } from '../support/probe-pictures.ts';

const WEBM = kindOf('WebM');

/** Uneven, in the milliseconds of WebM, and long enough for a second key frame. */
const TIMES = [0, 33_000, 67_000, 100_000, 900_000, 1_900_000, 2_033_000];
const FILM = { times: TIMES, end: 2_066_000 };

describe('FrameWriter: VP8 in WebM', () => {
  test('written frames are read again: each of them, with its time', async () => {
    const { writer, file } = await begun(WEBM);
    await writeNumbers(writer, FILM);
    const written = await file();
    expect(writer.state).toBe('finalized');
    expect(await numbersOf(written)).toEqual(TIMES.map((time, number) => [number, time]));
  });

  test('[C12] lent canvases return to be lent again, and the drawn pictures are in the file', async () => {
    const { writer, file } = await begun(WEBM);
    for (const [number, timestamp] of TIMES.entries()) {
      const sample = await writer.allocateSample(0);
      if (!('context' in sample)) throw new Error('the sample is no canvas');
      drawNumber(sample.context, number);
      await writer.writeSample(0, sample, { timestamp });
      expect(sample.released).toBe(true);
    }
    expect(await numbersOf(await file())).toEqual(TIMES.map((time, number) => [number, time]));
  });

  test('abort() in the middle of writing leaves nothing open', async () => {
    const { writer } = await begun(WEBM);
    await writeNumbers(writer, FILM);
    await writer.abort();
    expect(writer.state).toBe('aborted');
  });
});
