/** The error of a decoder that stopped without one: that of every wait for room. */
export { PoolStarvedError } from '../pool/starved.ts';
