/** Formats and parses times. */

const SECOND = 1_000_000;

/** Formats µs as minutes, seconds and hundredths: `0:12.34`. */
export function clock(microseconds: number): string {
  const hundredths = Math.floor(Math.max(0, microseconds) / 10_000);
  const minutes = Math.floor(hundredths / 6000);
  const seconds = ((hundredths % 6000) / 100).toFixed(2).padStart(5, '0');
  return `${minutes}:${seconds}`;
}

/** Formats µs as minutes and whole seconds: `0:12`. */
export const shortClock = (microseconds: number): string => clock(microseconds).slice(0, -3);

/** Formats µs as seconds with hundredths, rounded up so that a range that ends there is complete: `12.01`. */
export const secondsUp = (microseconds: number): string =>
  (Math.ceil(microseconds / 10_000) / 100).toFixed(2);

/** Converts seconds to whole µs. */
export const toMicroseconds = (seconds: number): number => Math.round(seconds * SECOND);
