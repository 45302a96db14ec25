/** What a program of threads knows of its frames: where each of them is. */
import type { FrameHandle, PoolLink, Storage } from '../../../src/index.ts';
import type { Wait } from './programs.ts';

/** A frame or buffer: the shares here, and where else it is. */
export interface Loan {
  readonly shares: FrameHandle<Storage>[];
  /** Parcels that are on their way, or over there, or wait for that. */
  out: number;
}

/** One sending of a loan. */
export interface Parcel {
  readonly number: number;
  readonly loan: Loan;
  readonly wait: Wait<void>;
  readonly controller: AbortController;
  /** `'queued'` here, `'sent'` and not taken, `'held'` by so many, or over. */
  state: 'queued' | 'sent' | 'held' | 'over';
  shares: number;
}

export interface Line {
  readonly number: number;
  readonly link: PoolLink;
  readonly ahead: number;
  parcels: Parcel[];
  taken: number;
  state: 'open' | 'closing' | 'closed';
}
