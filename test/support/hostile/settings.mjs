// @ts-check
/** What the environment says of the tests with hostile files. */
import process from 'node:process';

/**
 * @typedef {object} HostileSettings
 * @property {number} factor How many times as many damaged files as every day: `HOSTILE_FACTOR`.
 * @property {string | null} only The clip and the seed of the one file to be read, as a failure names it: `HOSTILE_ONLY`.
 */

/** @returns {HostileSettings} */
export function hostileSettings() {
  const factor = Number(process.env['HOSTILE_FACTOR'] ?? 1);
  if (!Number.isInteger(factor) || factor < 1)
    throw new RangeError('HOSTILE_FACTOR must be a whole number from 1');
  return { factor, only: process.env['HOSTILE_ONLY'] ?? null };
}
