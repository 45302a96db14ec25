/** Conversion between the ticks of a track and whole microseconds. */

/**
 * Converts a time in ticks to whole µs, truncated toward zero as `EncodedVideoChunk` does. Exact for every whole number of ticks
 * per second, because whole seconds are split off before the multiplication.
 */
export function microsecondsOf(ticks: number, ticksPerSecond: number): number {
  if (ticks < 0) return -microsecondsOf(-ticks, ticksPerSecond) || 0;
  // Matroska tracks may have a fractional number of ticks per second.
  if (!Number.isInteger(ticksPerSecond))
    return Math.trunc((ticks / ticksPerSecond) * 1e6 * (1 + Number.EPSILON));
  const seconds = Math.floor(ticks / ticksPerSecond);
  return seconds * 1e6 + Math.floor(((ticks - seconds * ticksPerSecond) * 1e6) / ticksPerSecond);
}

/** The last tick that begins at or before a time in µs: the last one that `microsecondsOf()` does not convert to a later time. */
export function lastTickAt(microseconds: number, ticksPerSecond: number): number {
  if (!Number.isFinite(microseconds)) return microseconds;
  // Too late by two ticks at most, because a quotient may be rounded up.
  let tick = Math.ceil(((Math.floor(microseconds) + 1) / 1e6) * ticksPerSecond) + 1;
  while (microsecondsOf(tick, ticksPerSecond) > microseconds) tick--;
  return tick;
}
