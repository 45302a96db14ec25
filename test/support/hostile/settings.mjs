// @ts-check
/** Settings of the tests with hostile files, from the environment. */
import process from 'node:process';

/**
 * `HOSTILE_FACTOR` multiplies the number of damaged files. `HOSTILE_ONLY` names the clip and the seed of a single file, as a failure
 * prints them.
 */
export function hostileSettings() {
  const factor = Number(process.env['HOSTILE_FACTOR'] ?? 1);
  if (!Number.isInteger(factor) || factor < 1)
    throw new RangeError('HOSTILE_FACTOR must be a whole number from 1');
  return { factor, only: process.env['HOSTILE_ONLY'] ?? null };
}
