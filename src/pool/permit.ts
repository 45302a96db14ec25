/** Permit for one more open decoded frame, taken before the frame exists. */
import { dispose } from '../base/disposal.ts';
import { invalidState } from '../base/errors.ts';
import { guardClass } from '../base/guarded-class.ts';
import type { DecodedStorage } from './decoded.ts';
import type { FrameHandle } from './handle.ts';
import type { HolderEntry } from './holders.ts';
import { NO_HOLDERS, requireHolder } from './holders.ts';
import type { LoanOwner } from './loan.ts';
import { Loan, requireFrameToOwn } from './loan.ts';
import type { Storage } from './storage.ts';

/** Pool that grants permits. */
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

/**
 * A reserved slot. It is taken from the pool before a chunk is passed to a decoder, and is either filled by `adopt()` or returned
 * by `release()`. Only a pool creates permits. The leak detector returns the slot of a leaked permit, as of a leaked handle.
 */
export class FramePermit {
  readonly #owner: PermitOwner;
  #loan: Loan | null;
  #entry: HolderEntry | undefined;

  static {
    guardClass(this.prototype, 'FramePermit', (made) => #loan in made);
  }

  /** @internal */
  constructor(loan: Loan, owner: PermitOwner, holder: string | undefined) {
    if (!(loan instanceof Loan))
      throw new TypeError('Illegal constructor: permits come from a VideoFramePool');
    this.#owner = owner;
    this.#loan = loan;
    this.#entry = loan.owner.entryFor(holder);
    loan.slot.addShare(this.#entry);
  }

  /** Whether this permit was used or released. */
  get released(): boolean {
    return this.#loan === null;
  }

  /**
   * Puts a frame into the reserved slot. The pool owns the frame from this call on. It also closes the frame if the call throws
   * `QuotaExceededError` or `InvalidStateError`.
   *
   * @param options.holder - Name of the handle's holder, as `holders()` reports it.
   * @returns One share, owned by the caller. The permit is spent.
   * @throws `TypeError` if the value is not a frame, or is a frame that a pool lent. The frame and the permit are unchanged.
   * @throws `InvalidStateError` if the permit is spent, the frame is closed, or the pool was closed meanwhile.
   * @throws `QuotaExceededError` if the frame does not fit into the pool's `maxBytes`. The permit is released.
   */
  adopt(frame: VideoFrame, options: { holder?: string } = {}): FrameHandle<DecodedStorage> {
    const { holder } = options;
    requireHolder(holder);
    requireFrameToOwn('frame', frame);
    return this.put(frame, holder, false);
  }

  /** @internal Like `adopt()`, without checks. `beyondBytes` also admits a frame that is larger than the free room. */
  put(frame: VideoFrame, holder: string | undefined, beyondBytes: boolean): FrameHandle<DecodedStorage> {
    const loan = this.#loan;
    if (loan === null) {
      frame.close();
      throw invalidState('adopt(): this permit was used or released already; the frame was closed');
    }
    this.#loan = null;
    loan.slot.dropShare(this.#entry);
    return this.#owner.fulfil(loan, frame, holder, beyondBytes) as FrameHandle<DecodedStorage>;
  }

  /** Returns the slot unused. Idempotent. */
  release(): void {
    const loan = this.#loan;
    if (loan === null) return;
    this.#loan = null;
    if (loan.slot.dropShare(this.#entry) === 0) loan.owner.onLastShareReleased(loan, 'released', NO_HOLDERS);
  }

  /** Same as `release()`, for `using`. */
  [dispose](): void {
    this.release();
  }
}
