/** Timers that never fire, in a page or a worker. */

/**
 * Replaces the timers of this thread. A browser may delay a timer of a hidden tab for a minute, so progress that needs a timer
 * stops here.
 *
 * @returns The delays of all timers that are set from now on, in ms.
 */
export function stopTimers(): readonly number[] {
  const delays: number[] = [];
  const set = (_: unknown, ms = 0): number => delays.push(ms);
  Object.assign(globalThis, { setTimeout: set, setInterval: set });
  return delays;
}
