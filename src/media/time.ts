/** Seconds, as mediabunny counts, and microseconds, as WebCodecs and this library do: converted here and nowhere else. */

/** Whole microseconds, rounded as mediabunny rounds the times of the chunks that it makes, so that the two compare. */
export const toMicroseconds = (seconds: number): number => Math.trunc(seconds * 1e6 * (1 + Number.EPSILON));

/**
 * The latest moment, in seconds, whose whole microsecond is the given one or an earlier one: packets have times in between,
 * which are rounded towards zero. The margins are far below any container's ticks, and far above a double's precision.
 */
export const endOfMicrosecond = (microseconds: number): number =>
  (microseconds < 0 ? microseconds + 0.0001 : microseconds + 0.9999) / 1e6;
