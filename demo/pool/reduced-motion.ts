/** Redraw intervals, longer under `prefers-reduced-motion`. */

const reduced = matchMedia('(prefers-reduced-motion: reduce)');

const REDUCED_MS = 1000;

/** Returns the minimum interval between two drawings in ms: `ms`, or longer under reduced motion. */
export const redrawInterval = (ms: number): number => (reduced.matches ? Math.max(ms, REDUCED_MS) : ms);
