/** Loan: one use of a slot. Every share of the loan, and the frame lent through it, keep this object alive. */
import { isClosed } from './frames.ts';
import type { LoanOwner } from './home.ts';
import type { Slot } from './slot.ts';
import { noteCopy } from './snapshots.ts';

/** Reason of a loan that was ended before its holders released it. */
export interface Revocation {
  /** Name of the call that ended the loan, for error messages. */
  readonly by: string;
  /** The cause of errors that the loan's handles throw. */
  readonly reason: unknown;
}

const owned = new WeakSet<VideoFrame>();

/** Marks this frame object as owned by a slot. The frame is closed when it leaves the slot, so the mark is never removed. */
export const noteOwned = (frame: VideoFrame): void => void owned.add(frame);

/** Whether a pool has already taken ownership of this frame object. */
export const isOwned = (frame: VideoFrame): boolean => owned.has(frame);

const lentFrames = new WeakMap<VideoFrame, Loan>();

/** Whether a pool has lent this frame object and the loan has not ended. A lent frame is shared, so no pool may own it. */
export const isLent = (frame: VideoFrame): boolean => lentFrames.has(frame);

/**
 * handle ──┐
 * handle ──┼──▶ loan ──▶ slot ──▶ the decoder's frame        the registry watches the loan,
 * lent ····┘    │                                            and holds the slot's id
 * clone (WeakMap) └──▶ lent clone
 *
 * The loan lives as long as the app can reach a handle *or the frame it read through one*. When the app can reach neither,
 * the loan is garbage-collected and the leak detector (leak-detector.ts) returns the slot.
 */
export class Loan {
  readonly owner: LoanOwner;
  readonly slot: Slot;
  /** Whether the slot has left this loan. */
  hasEnded = false;
  /** Set when the pool's owner ends the loan before its holders do. Its handles count as released from then on. */
  revoked: Revocation | null = null;
  /** The clone that `handle.frame` returns, created at the first read; null before. Decoded frames only. */
  lent: VideoFrame | null = null;

  constructor(owner: LoanOwner, slot: Slot) {
    this.owner = owner;
    this.slot = slot;
  }

  /**
   * Returns the clone that all shares of this loan read. A clone copies no pixels: it is a second reference to the decoder's
   * memory. If a holder closed or transferred the clone itself, the next read creates a new one.
   */
  lendFrame(original: VideoFrame): VideoFrame {
    if (this.lent !== null) {
      if (!isClosed(this.lent)) return this.lent;
      lentFrames.delete(this.lent);
    }
    const lent = noteCopy(original, original.clone());
    this.lent = lent;
    lentFrames.set(lent, this);
    return lent;
  }

  /** Ends the loan: closes the clone that holders may still keep. Its slot returns to the owner, which calls this. */
  end(): void {
    this.hasEnded = true;
    const lent = this.lent;
    if (lent === null) return;
    this.lent = null;
    lentFrames.delete(lent);
    lent.close();
  }
}
