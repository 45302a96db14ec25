/** Assertions on every written file, by both readers. */
import { expect } from 'vitest';
import type { VideoStreamConfig } from '../../src/media/index.ts';
import type { Film } from './probe-files.ts';
import { begun, readBack, writeNumbers } from './probe-files.ts';
import type { Kind } from './probe-kinds.ts';
import { microsecondsOf, ticksOf } from './probe-kinds.ts';
import { probed } from './probe.ts';

/**
 * Reads a file by `openVideo()`, ffprobe and ffmpeg. Asserts that there are no complaints, that every picture occurs once and in
 * order by the number in its pixels, and that times and durations are exact to the tick. `aspect` is the upright picture's width
 * divided by its height.
 */
export async function expectWritten(file: Blob, kind: Kind, { times, end }: Film, aspect?: number) {
  const numbers = times.map((_, number) => number);
  const ticks = times.map((time) => ticksOf(time, kind));
  const last = ticksOf(end, kind);
  const back = await readBack(file);
  const seen = back.pictures.map(({ number, timestamp }) => [number, timestamp]);
  expect(seen).toEqual(ticks.map((tick, number) => [number, microsecondsOf(tick, kind)]));
  const probe = await probed(file, aspect);
  expect(probe.complaints).toBe('');
  expect(probe.video.time_base).toBe(`1/${kind.timescale}`);
  expect(Number(probe.video.nb_read_frames)).toBe(times.length);
  expect(probe.frames.map(({ pts }) => pts)).toEqual(ticks);
  for (const [place, { duration }] of back.pictures.entries()) {
    const next = place + 1 < ticks.length ? (ticks[place + 1] ?? 0) : last;
    const expected = microsecondsOf(next, kind) - microsecondsOf(ticks[place] ?? 0, kind);
    // Matroska's blocks have no durations. The last picture lasts to the end of the file, unless there is also sound.
    const isOpen = kind.family === 'matroska' && place + 1 === ticks.length && probe.audio !== undefined;
    if (!isOpen) expect(duration, `duration of picture ${place}`).toBe(expected);
  }
  expect(probe.packets.map(({ pts = NaN }) => pts).toSorted((a, b) => a - b)).toEqual(ticks);
  if (kind.family === 'iso') {
    expect(probe.video.duration_ts).toBe(last - (kind.hasEdits ? (ticks[0] ?? 0) : 0));
    expect(back.duration).toBe(microsecondsOf(last, kind));
  }
  if (probe.audio === undefined) expect(probe.duration).toBeCloseTo(end / 1e6, 3);
  expect(probe.pictures.map(({ number }) => number)).toEqual(numbers);
  return { back, probe };
}

/** Writes a film whose frames have the size and the orientation of their stream, and checks it with `expectWritten()`. */
export async function expectRoundTrip(kind: Kind, pictures: Partial<VideoStreamConfig>, film: Film) {
  const { width = 320, height = 180, rotation = 0, flip = false } = pictures;
  const { writer, file } = await begun(kind, pictures);
  await writeNumbers(writer, film, { width, height, rotation, flip });
  return expectWritten(await file(), kind, film, rotation % 180 === 0 ? width / height : height / width);
}
