/** State of one loan. Every share of the loan, and the frame lent through it, keep this object alive. */
import { isClosed, requireOpenFrame } from './frames.ts';
import type { Home } from './home.ts';
import type { Slot } from './slot.ts';
import { noteCopy } from './snapshots.ts';

let loans = 0;

/** Reason of a loan that was ended before its holders released it. */
export interface Revocation {
  /** Name of the call that ended the loan, for error messages. */
  readonly by: string;
  /** The cause of errors that the loan's handles throw. */
  readonly reason: unknown;
}

/**
 * handle ──┐
 * handle ──┼──▶ lifeline ──▶ slot ──▶ the decoder's frame        the registry watches the lifeline,
 * lent ····┘        │                                            and holds the slot's id
 * clone  (WeakMap)  └──▶ lent clone
 *
 * The lifeline lives as long as the app can reach a handle *or the frame it read through one*. When the app can reach neither,
 * the lifeline is garbage-collected and the leak detector (net.ts) returns the slot.
 */
export class Lifeline {
  readonly home: Home;
  readonly slot: Slot;
  /** Number of the current loan, counted across all pools. */
  loan = ++loans;
  /** The clone that `handle.frame` returns, created at the first read; null before. Decoded frames only. */
  lent: VideoFrame | null = null;
  /** Set when the pool's owner ends the loan before its holders do. Its handles count as released from then on. */
  revoked: Revocation | null = null;

  constructor(home: Home, slot: Slot) {
    this.home = home;
    this.slot = slot;
  }

  /** Starts another loan of the same slot. */
  renew(): void {
    this.loan = ++loans;
  }
}

const owned = new WeakSet<VideoFrame>();

/** Marks this frame object as owned by a slot. The frame is closed when it leaves the slot, so the mark is never removed. */
export const noteOwned = (frame: VideoFrame): void => void owned.add(frame);

/** Whether a pool has already taken ownership of this frame object. */
export const isOwned = (frame: VideoFrame): boolean => owned.has(frame);

const lifelines = new WeakMap<VideoFrame, Lifeline>();

/** Whether a pool has lent this frame object and the loan has not ended. A lent frame is shared, so no pool may own it. */
export const isLent = (frame: VideoFrame): boolean => lifelines.has(frame);

/** Returns the loan of a lent frame; null for a frame that no pool lent. */
export const loanOfFrame = (frame: VideoFrame): Lifeline | null => lifelines.get(frame) ?? null;

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
 * Returns the clone that all shares of this loan read. A clone copies no pixels: it is a second reference to the decoder's
 * memory. If a holder closed or transferred the clone itself, the next read creates a new one.
 */
export function lendFrame(line: Lifeline, original: VideoFrame): VideoFrame {
  if (line.lent !== null) {
    if (!isClosed(line.lent)) return line.lent;
    lifelines.delete(line.lent);
  }
  const lent = noteCopy(original, original.clone());
  line.lent = lent;
  lifelines.set(lent, line);
  return lent;
}

/** Ends the loan: closes the clone that holders may still keep. */
export function recallFrame(line: Lifeline): void {
  const { lent } = line;
  if (lent === null) return;
  line.lent = null;
  lifelines.delete(lent);
  lent.close();
}
