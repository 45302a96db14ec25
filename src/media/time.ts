/** Seconds, as mediabunny counts, and microseconds, as WebCodecs and this library do: converted here and nowhere else. */

/** Whole microseconds, rounded as mediabunny rounds the times of the chunks that it makes, so that the two compare. */
export const toMicroseconds = (seconds: number): number => Math.trunc(seconds * 1e6 * (1 + Number.EPSILON));

/**
 * The latest moment, in seconds, that is still the given whole microsecond: packets have times in between, which are
 * rounded down.
 */
export const endOfMicrosecond = (microseconds: number): number => (microseconds + 0.999) / 1e6;
