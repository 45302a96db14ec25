/** How often what moves by itself is drawn: seldom for who asked the system for less motion. */

const less = matchMedia('(prefers-reduced-motion: reduce)');

const CALM_MS = 1000;

/** The least time between two drawings, in ms, where `ms` is what others get. */
export const redrawInterval = (ms: number): number => (less.matches ? Math.max(ms, CALM_MS) : ms);
