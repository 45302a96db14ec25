/** Interfaces of a pool to its handles and permits. */
import type { FrameHandle } from './handle.ts';
import type { HolderEntry } from './holders.ts';
import type { Loan } from './loan.ts';
import type { PoolNotice } from './notices.ts';
import type { Storage } from './storage.ts';

/** Lender of a loan: a pool, or the proxy of a pool in another thread. It is an interface, so that handles import neither. */
export interface LoanOwner {
  /** Name of the pool, for error messages. */
  readonly name: string;
  /** Makes an entry for the list of holders; undefined for a share that needs no entry. */
  entryFor(holder: string | undefined): HolderEntry | undefined;
  /** Makes another share of the loan. */
  share(loan: Loan, holder: string | undefined): FrameHandle<Storage>;
  /** Returns the slot to the pool during this call, after its last share ended. `holders` names holders that never released. */
  onLastShareReleased(loan: Loan, reason: PoolNotice['reason'], holders: readonly string[]): void;
  /** Makes a frame of the slot's content, which the caller owns. */
  toVideoFrame(loan: Loan, init: VideoFrameInit | undefined): VideoFrame;
}

/** Interface of a pool to its permits. */
export interface PermitOwner extends LoanOwner {
  /**
   * Puts the frame into the slot that a permit reserves, and passes the permit's share to a handle. With `beyondBytes` the frame
   * is admitted even if it is larger than the room for it.
   */
  fulfil(
    loan: Loan,
    frame: VideoFrame,
    holder: string | undefined,
    beyondBytes: boolean,
  ): FrameHandle<Storage>;
}
