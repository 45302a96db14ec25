/** Melody of eight notes and two seconds. Animation and sound both follow it. */

/** Duration of a note in µs. */
export const NOTE_US = 250_000;

/** Frequencies in Hz: a pentatonic scale, in which any two notes sound good together. */
export const MELODY: readonly number[] = [261.63, 392, 329.63, 440, 523.25, 392, 587.33, 440];

/** A note that was struck. */
export interface Struck {
  /** Index in the melody. */
  readonly place: number;
  /** Time since then, in µs. */
  readonly age: number;
}

/** Returns the notes struck in the last second, newest first. */
export function struckBy(time: number): Struck[] {
  const newest = Math.floor(time / NOTE_US);
  return [0, 1, 2, 3]
    .map((back) => newest - back)
    .filter((number) => number >= 0)
    .map((number) => ({ place: number % MELODY.length, age: time - number * NOTE_US }));
}

/** Angle of a note on the circle, in radians clockwise from the top. */
export const angleOf = (place: number): number => (place / MELODY.length) * 2 * Math.PI;
