/** What every share of a loan, and the frame lent through it, keep alive. */
import { isClosed } from './frames.ts';
import type { Home } from './home.ts';
import type { Slot } from './slot.ts';
import { noteCopy } from './snapshots.ts';

let loans = 0;

/** Why a loan ended without its holders. */
export interface Revocation {
  /** The call that ended it, as error messages name it. */
  readonly by: string;
  /** The cause of errors of its handles. */
  readonly reason: unknown;
}

/**
 * handle ──┐
 * handle ──┼──▶ lifeline ──▶ slot ──▶ the decoder's frame        the registry watches the lifeline,
 * lent ····┘        │                                            and holds the slot's id
 * clone  (WeakMap)  └──▶ lent clone
 *
 * As long as the app can reach a handle *or the frame it read through one*, the lifeline lives. When it can reach
 * neither, the lifeline is collected and the net takes the slot back.
 */
export class Lifeline {
  readonly home: Home;
  readonly slot: Slot;
  /** Which loan it serves, counted over all pools. */
  loan = ++loans;
  /** The clone that readers of `handle.frame` get; made at the first read. Decoded frames only. */
  lent: VideoFrame | null = null;
  /** Set when the pool's owner ended the loan instead of its holders. Their handles count as released from then on. */
  revoked: Revocation | null = null;

  constructor(home: Home, slot: Slot) {
    this.home = home;
    this.slot = slot;
  }

  /** It serves another loan of its slot. */
  renew(): void {
    this.loan = ++loans;
  }
}

const owned = new WeakSet<VideoFrame>();

/** Notes that a slot keeps this very frame; it is closed when it leaves the slot, so nobody needs to take that back. */
export const noteOwned = (frame: VideoFrame): void => void owned.add(frame);

/** Whether this very frame was handed over to a pool before. */
export const isOwned = (frame: VideoFrame): boolean => owned.has(frame);

const lifelines = new WeakMap<VideoFrame, Lifeline>();

/** Whether some pool lent this very frame, and it is still out: it is shared, so nobody may take it over. */
export const isLent = (frame: VideoFrame): boolean => lifelines.has(frame);

/**
 * The clone that all shares of this loan read. A clone costs no pixels: it is a second reference to the decoder's
 * memory. When a holder closed or transferred it behind the pool's back, the next reader gets a fresh one.
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

/** Ends the loan: what readers kept is closed. */
export function recallFrame(line: Lifeline): void {
  const { lent } = line;
  if (lent === null) return;
  line.lent = null;
  lifelines.delete(lent);
  lent.close();
}
