/** Permit for one more open decoded frame, taken before the frame exists. */
import { dispose } from '../base/disposal.ts';
import { invalidState } from '../base/errors.ts';
import { guardClass } from '../base/guarded-class.ts';
import type { DecodedStorage } from './decoded.ts';
import type { FrameHandle } from './handle.ts';
import type { HolderEntry } from './holders.ts';
import { NOBODY, requireHolder } from './holders.ts';
import type { PermitHome } from './home.ts';
import { Lifeline, requireFrameToOwn } from './lifeline.ts';

/**
 * A reserved slot. It is taken from the pool before a chunk is passed to a decoder, and is either filled by `adopt()` or returned
 * by `release()`. Only a pool creates permits. The leak detector returns the slot of a leaked permit, as of a leaked handle.
 */
export class FramePermit {
  readonly #home: PermitHome;
  #line: Lifeline | null;
  #entry: HolderEntry | undefined;

  static {
    guardClass(this.prototype, 'FramePermit', (made) => #line in made);
  }

  /** @internal */
  constructor(line: Lifeline, home: PermitHome, holder: string | undefined) {
    if (!(line instanceof Lifeline))
      throw new TypeError('Illegal constructor: permits come from a VideoFramePool');
    this.#home = home;
    this.#line = line;
    this.#entry = line.home.entryFor(holder);
    line.slot.addShare(this.#entry);
  }

  /** Whether this permit was used or released. */
  get released(): boolean {
    return this.#line === null;
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
    const line = this.#line;
    if (line === null) {
      frame.close();
      throw invalidState('adopt(): this permit was used or released already; the frame was closed');
    }
    this.#line = null;
    line.slot.dropShare(this.#entry);
    return this.#home.fulfil(line, frame, holder, beyondBytes) as FrameHandle<DecodedStorage>;
  }

  /** Returns the slot unused. Idempotent. */
  release(): void {
    const line = this.#line;
    if (line === null) return;
    this.#line = null;
    if (line.slot.dropShare(this.#entry) === 0) line.home.comeHome(line, 'released', NOBODY);
  }

  /** Same as `release()`, for `using`. */
  [dispose](): void {
    this.release();
  }
}
