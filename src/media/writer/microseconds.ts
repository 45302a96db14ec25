/**
 * Conversions between seconds, samples and whole microseconds in the writer. Fractions of a µs are truncated toward zero, as
 * `EncodedVideoChunk` and `AudioData` do with a timestamp, so a time that is read from a file is written unchanged.
 */

import { shown } from '../../base/errors.ts';

const SECOND_US = 1_000_000;

/** A time or duration in seconds, as mediabunny expects it. */
export const toSeconds = (microseconds: number): number => microseconds / SECOND_US;

/**
 * The duration of `count` units, in whole µs.
 *
 * Whole seconds are split off first because `count × 1,000,000` loses its last digits in a long file.
 *
 * @param count - A whole number of samples or pictures.
 * @param rate - Units per second, above 0; also a fraction, such as 30,000 / 1,001.
 */
export function microsecondsOf(count: number, rate: number): number {
  if (!Number.isInteger(rate)) return Math.trunc((count * SECOND_US) / rate);
  const rest = count % rate;
  return ((count - rest) / rate) * SECOND_US + Math.trunc((rest * SECOND_US) / rate);
}

/**
 * Checks a time or duration in µs from an app; a fraction is truncated.
 *
 * @throws `TypeError` for a value that is not a number, `RangeError` for one that is below `least` or not finite.
 */
export function requireMicroseconds(name: string, value: unknown, least = Number.MIN_SAFE_INTEGER): number {
  const range = `${name} must be a time in microseconds from ${least}`;
  if (typeof value !== 'number') throw new TypeError(`${range}, got ${shown(value)}`);
  if (!(value >= least && value <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`${range}, got ${value}`);
  // The sum turns -0 into 0.
  return Math.trunc(value) + 0;
}

/** The number of units nearest to a duration in µs, because a gap in sound is filled with whole samples. */
export const countIn = (microseconds: number, rate: number): number =>
  Math.round((microseconds * rate) / SECOND_US);
