/** Times in written files: starts, frame rates, gaps in pictures and in sound. */
import { describe, expect, test } from 'vitest';
import { expectRoundTrip, expectWritten } from '../support/probe-expect.ts';
import { begun, numbersOf, readBack, writeNumbers, writeTone } from '../support/probe-files.ts';
import { kindOf, KINDS, microsecondsOf, ticksOf } from '../support/probe-kinds.ts';
import { numberedFrame, SAMPLE_RATE } from '../support/probe-pictures.ts';
import { probed, soundByFfmpeg } from '../support/probe.ts';
import { sampled } from '../support/sampled.ts';
import { write } from '../support/writer/making.ts';

const testEachKind = test.each(sampled(KINDS));

describe('the first timestamp', () => {
  testEachKind('is above 0 in $name, and is read back unchanged', async (kind) => {
    const film = { times: [1_500_000, 1_533_333, 1_566_667], end: 1_600_000 };
    const { writer, file } = await begun(kind, { codec: 'vp9' }, { hasSound: true });
    await writeTone(writer, 1_250_000, 1_600_000);
    await writeNumbers(writer, film);
    const { back, probe } = await expectWritten(await file(), kind, film);
    expect(back.firstTimestamp).toBe(1_500_000);
    expect(probe.video.start_pts).toBe(ticksOf(1_500_000, kind));
    expect(Number(probe.audio?.start_time)).toBe(1.25);
  });

  testEachKind('is below 0 in $name, and openVideo() also gives the part before 0', async (kind) => {
    const times = [-100_000, -50_000, 0, 50_000];
    const { writer, file } = await begun(kind, { codec: 'vp9' });
    await writeNumbers(writer, { times, end: 100_000 });
    const blob = await file();
    expect((await readBack(blob)).firstTimestamp).toBe(-100_000);
    expect(await numbersOf(blob)).toEqual([...times.entries()]);
    const { complaints, frames, pictures } = await probed(blob);
    const ticks = times.map((time) => ticksOf(time, kind));
    // An edit list cuts off the part before 0, and players apply it.
    expect(pictures.map(({ number }) => number)).toEqual(kind.hasEdits ? [2, 3] : [0, 1, 2, 3]);
    const shown = frames.map(({ pts }) => pts);
    if (kind.family === 'matroska') {
      // Matroska discourages times below 0: ffmpeg shows those pictures, treats their times as unknown, and reports it.
      expect(shown.slice(2)).toEqual(ticks.slice(2));
    } else {
      expect(complaints).toBe('');
      expect(shown).toEqual(kind.hasEdits ? ticks.slice(2) : ticks);
    }
  });
});

describe('metadata.frameRate', () => {
  const NTSC = 30_000 / 1001;
  const times = [0, 1, 2, 5, 6].map((place) => Math.round((place * 1e6) / NTSC));
  const end = Math.round((7 * 1e6) / NTSC);
  // MP4 and MOV choose fitting ticks. Matroska keeps its milliseconds.
  test.each(KINDS.filter(({ family }) => family === 'iso'))(
    'shows every picture for a whole number of ticks in $name',
    async (kind) => {
      const pictures = { codec: 'vp9', metadata: { frameRate: NTSC } };
      const { probe } = await expectRoundTrip({ ...kind, timescale: 30_000 }, pictures, { times, end });
      expect(probe.frames.map(({ pts }) => pts)).toEqual([0, 1001, 2002, 5005, 6006]);
    },
  );
});

describe('sendStreamTick()', () => {
  testEachKind(
    'in the middle and at the end extends the picture for the right time in $name',
    async (kind) => {
      const times = [0, 33_333, 700_000];
      const { writer, file } = await begun(kind, { codec: 'vp9' });
      for (const [number, timestamp] of times.entries()) {
        if (number === 2) writer.sendStreamTick(0, 500_000);
        await write(writer, numberedFrame(number, { timestamp, duration: 33_333 }));
      }
      writer.sendStreamTick(0, 1_000_000);
      writer.sendStreamTick(0, 1_900_000);
      const { back } = await expectWritten(await file(), kind, { times, end: 1_900_000 });
      const [begins, ends] = [33_333, 700_000].map((time) => microsecondsOf(ticksOf(time, kind), kind));
      expect((begins ?? NaN) + (back.pictures[1]?.duration ?? NaN)).toBe(ends);
    },
  );

  testEachKind(
    'of sound is silence for the right time in $name, in the middle and at the end',
    async (kind) => {
      const { writer, file } = await begun(kind, {}, { hasSound: true });
      await writeNumbers(writer, { times: [0, 400_000, 800_000], end: 1_000_000 });
      await writeTone(writer, 0, 200_000);
      // The first gap is declared, but not up to its end: a later sample determines its length.
      writer.sendStreamTick(1, 300_000);
      await writeTone(writer, 500_000, 700_000);
      writer.sendStreamTick(1, 1_000_000);
      const blob = await file();
      const { complaints, audio } = await probed(blob);
      expect(complaints).toBe('');
      expect(Number(audio?.start_time)).toBe(0);
      const sound = await soundByFfmpeg(blob);
      expect(sound.length).toBeGreaterThanOrEqual(SAMPLE_RATE);
      expect(sound.length).toBeLessThan(1.02 * SAMPLE_RATE);
      // Opus rings for a few ms on either side of an edge.
      expect(edgesOf(sound)).toEqual([0, 0.2, 0.5, 0.7].map((at) => expect.closeTo(at, 2) as number));
    },
  );
});

describe('a marker, which flushes the last packet early,', () => {
  const times = [0, 33_333, 66_667, 1_100_000];

  testEachKind('after a gap in $name: the picture lasts as long as declared before', async (kind) => {
    const { writer, file } = await begun(kind);
    await writeNumbers(writer, { times, end: 1_133_333 });
    writer.sendStreamTick(0, 2_000_000);
    await writer.placeMarker(0);
    await expectWritten(await file(), kind, { times, end: 2_000_000 });
  });

  test('follows pictures inside the encoder: each lasts until the next, across fragments', async () => {
    const kind = kindOf('fragmented MP4');
    const { writer, file } = await begun(kind);
    // Without waits, so that all of them are inside at the marker.
    for (const [number, timestamp] of times.entries()) {
      const frame = numberedFrame(number, { timestamp, ...(number === 3 ? { duration: 50_000 } : {}) });
      void write(writer, frame, { keyFrame: number === 3 });
    }
    await writer.placeMarker(0);
    await expectWritten(await file(), kind, { times, end: 1_150_000 });
  });
});

/** Alternating starts and ends of a tone, in seconds, from pieces of 2.5 ms: a whole period and a little more. */
function edgesOf(sound: Float32Array): number[] {
  const piece = 0.0025 * SAMPLE_RATE;
  const edges: number[] = [];
  for (let at = 0; at + piece <= sound.length; at += piece) {
    const sounds = sound.subarray(at, at + piece).some((value) => Math.abs(value) > 0.25);
    if (sounds !== (edges.length % 2 === 1)) edges.push(at / SAMPLE_RATE);
  }
  return edges;
}
