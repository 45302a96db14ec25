/** A melody of eight notes, two seconds long, and where in it a moment is. Picture and sound both follow it. */

/** One note in µs. */
export const NOTE_US = 250_000;

/** The melody, in Hz: a pentatonic scale, in which no two notes sound wrong together. */
export const MELODY: readonly number[] = [261.63, 392, 329.63, 440, 523.25, 392, 587.33, 440];

/** A note that was struck. */
export interface Struck {
  /** Its place in the melody. */
  readonly place: number;
  /** µs since then. */
  readonly age: number;
}

/** The notes that were struck in the last second, the newest first. */
export function struckBy(time: number): Struck[] {
  const newest = Math.floor(time / NOTE_US);
  return [0, 1, 2, 3]
    .map((back) => newest - back)
    .filter((number) => number >= 0)
    .map((number) => ({ place: number % MELODY.length, age: time - number * NOTE_US }));
}

/** Where a note stands on the round, in radians clockwise from the top. */
export const angleOf = (place: number): number => (place / MELODY.length) * 2 * Math.PI;
