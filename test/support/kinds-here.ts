/** Kinds of decoders for which the decode tests of this run repeat their claims. */
import { inject } from 'vitest';
import { isBlank } from '../../src/testing/decoder-limits.ts';
import type { DecoderLimits } from '../../src/testing/index.ts';
import type { Kind } from './decoder-kinds.ts';
import { KIND_NAMES, KINDS } from './decoder-kinds.ts';
import { sampledCount } from './sampled.ts';
import type { Suite } from './suite.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** The part of the tests that this run takes. */
    suite: Suite;
  }
}

/** Number of kinds beside the browser's own decoder in `npm test`. The seed of the run selects them. */
const QUICK_COUNT = 1;

/** What a claim needs of a decoder. */
export interface Needs {
  /** Number of frames that stay open while another one is awaited. Decoders of as few surfaces are left out. 0 by default. */
  readonly holding?: number;
  /** Whether a codec may be reclaimed. False for claims about a decoder or a source that nothing opens again. True by default. */
  readonly restarts?: boolean;
  /** Whether the pictures are those of the chunks. Blank ones satisfy most claims, so false by default. */
  readonly pictures?: boolean;
  /** Whether frames may come together with a frame that was not awaited. True by default. */
  readonly bursts?: boolean;
}

/** Whether a kind meets the needs of a claim. */
function meets(
  kind: Kind,
  { holding = 0, restarts = true, bursts = true, pictures = false }: Needs,
): boolean {
  const limits: DecoderLimits = KINDS[kind];
  const { surfaces = Infinity, burst = 1, reclaimAfter = null } = limits;
  if (surfaces <= holding || (pictures && isBlank(limits))) return false;
  return (restarts || reclaimAfter === null) && (bursts || burst === 1);
}

/**
 * Returns the browser's own decoder and other kinds: all in `npm run test:full` and in runs of single files, and few in `npm
 * test`.
 */
export function kindsHere(needs: Needs = {}): Kind[] {
  const [own, ...others] = KIND_NAMES.filter((kind) => meets(kind, needs));
  if (own === undefined) return [];
  const isWhole = inject('suite') !== 'quick';
  return [own, ...(isWhole ? others : sampledCount(others, QUICK_COUNT))];
}
