// @ts-check
/** Which part of the tests a run takes: `VFP_SUITE` is `quick` (`npm test`), `full` (`npm run test:full`) or unset (all of them). */
import process from 'node:process';

/**
 * The part of a matrix that a run takes, as shares of the cases in an order that the seed gives.
 * @typedef {{ readonly from: number, readonly to: number, readonly seed: number }} Sample
 */

/** @typedef {'quick' | 'full' | 'all'} Suite */

/** The two daily suites take different parts of each matrix. The soak takes all of it. @type {Record<Suite, { from: number, to: number }>} */
const SHARES = { quick: { from: 0, to: 0.1 }, full: { from: 0.1, to: 0.5 }, all: { from: 0, to: 1 } };

/** @returns {Suite} */
export function chosenSuite() {
  const suite = process.env['VFP_SUITE'] ?? 'all';
  if (suite === 'quick' || suite === 'full' || suite === 'all') return suite;
  throw new RangeError(`VFP_SUITE must be quick, full or all, got "${suite}"`);
}

/** @returns {Sample} */
export function chosenSample() {
  const seed = Number(process.env['VFP_SEED'] ?? 1);
  if (!Number.isSafeInteger(seed)) throw new RangeError('VFP_SEED must be a whole number');
  return { ...SHARES[chosenSuite()], seed };
}
