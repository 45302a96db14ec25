/** Loan: one use of a slot, and the detector of loans that were leaked. */
import { isClosed, noteCopy, requireOpenFrame } from './frames.ts';
import type { HolderEntry } from './holders.ts';
import type { PoolNotice } from './notices.ts';
import type { Slot } from './slot.ts';

/** Lender of a loan: a pool, or the proxy of a pool in another thread. */
export interface LoanOwner {
  /** Name of the pool, for error messages. */
  readonly name: string;
  /** Makes an entry for the list of holders; undefined for a share that needs no entry. */
  entryFor(holder: string | undefined): HolderEntry | undefined;
  /** Returns the slot to the pool during this call, after its last share ended. `holders` names holders that never released. */
  onLastShareReleased(loan: Loan, reason: PoolNotice['reason'], holders: readonly string[]): void;
}

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

/** Returns the loan of a lent frame; null for a frame that no pool lent. */
export const loanOfFrame = (frame: VideoFrame): Loan | null => lentFrames.get(frame) ?? null;

/** @throws `TypeError` if a pool owns the frame, and closes it at any time. */
export function requireNotOwned(name: string, frame: VideoFrame): void {
  if (isOwned(frame)) throw new TypeError(`${name} is a frame that a pool owns: use the handle of that pool`);
}

/**
 * Rejects a value that a pool must not take ownership of. Changes nothing.
 *
 * @throws `TypeError` if the value is not a frame, is lent by a pool, or is already owned by a pool; `InvalidStateError` for a
 *   closed frame.
 */
export function requireFrameToOwn(name: string, frame: unknown): asserts frame is VideoFrame {
  requireOpenFrame(name, frame);
  requireNotOwned(name, frame);
  if (isLent(frame)) throw new TypeError(`${name} is lent by a pool and shared: pass a frame of your own`);
}

/**
 * handle ──┐
 * handle ──┼──▶ loan ──▶ slot ──▶ the decoder's frame        the registry watches the loan,
 * lent ····┘    │                                            and holds the slot's id
 * clone (WeakMap) └──▶ lent clone
 *
 * Every share of the loan, and the frame lent through it, keep this object alive. When the app can reach neither a handle *nor
 * the frame that it read through one*, the loan is garbage-collected and the leak detector returns the slot.
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

/**
 * Leak detector: returns slots whose shares were all garbage-collected without a release. A diagnostic; no code relies on it.
 *
 * The registry watches loans and holds only the ids of their slots. A value that refers to the loan, through the slot, a handle
 * or a listener, would keep it alive forever. Each pool has its own registry, so an id is sufficient.
 */
export class LeakDetector {
  readonly #registry: FinalizationRegistry<number>;

  /** @param recover - Called with the id of a slot whose loan was garbage-collected, in a task of its own. */
  constructor(recover: (slotId: number) => void) {
    this.#registry = new FinalizationRegistry(recover);
  }

  /** Watches a loan until it ends. One registration covers all its shares. */
  watch(loan: Loan): void {
    this.#registry.register(loan, loan.slot.id, loan);
  }

  /** Stops watching a loan that has ended, so that its collection cannot return the slot from the slot's next loan. */
  unwatch(loan: Loan): void {
    this.#registry.unregister(loan);
  }
}
