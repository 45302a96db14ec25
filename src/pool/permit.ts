/** The right to one more live decoded frame, before the frame exists. */
import { dispose } from '../disposal.ts';
import { invalidState } from '../errors.ts';
import { guardClass } from '../guarded-class.ts';
import type { DecodedStorage } from './decoded.ts';
import type { FrameHandle } from './handle.ts';
import type { HolderEntry } from './holders.ts';
import { NOBODY, requireHolder } from './holders.ts';
import type { PermitHome } from './home.ts';
import { Lifeline } from './lifeline.ts';
import { requireFrameToOwn } from './source.ts';

/**
 * A reserved slot: taken from the pool before a chunk goes into a decoder, and either filled by `adopt()` or given back
 * by `release()`. Only a pool makes one. A forgotten permit is brought back by the net, as a forgotten handle is.
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

  /** Whether this permit was used or given back. */
  get released(): boolean {
    return this.#line === null;
  }

  /**
   * Puts a frame into the reserved slot. The pool owns the frame from here on, and closes it also when this throws
   * `QuotaExceededError` or `InvalidStateError`.
   *
   * @param options.holder - Who holds the handle, as `holders()` will name it.
   * @returns One share, owned by the caller. The permit is spent.
   * @throws `TypeError` for what is no frame, or one that a pool lent; the frame and the permit stay as they are.
   * @throws `InvalidStateError` when the permit is spent, the frame was closed, or the pool was closed meanwhile.
   * @throws `QuotaExceededError` when the frame does not fit into the pool's `maxBytes`; the permit is given back.
   */
  adopt(frame: VideoFrame, options: { holder?: string } = {}): FrameHandle<DecodedStorage> {
    const { holder } = options;
    requireHolder(holder);
    requireFrameToOwn('frame', frame);
    return this.put(frame, holder, false);
  }

  /** @internal As `adopt()`, unchecked; `beyondBytes` takes a frame that turned out larger than there is room for. */
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

  /** Gives the slot back unused. Idempotent. */
  release(): void {
    const line = this.#line;
    if (line === null) return;
    this.#line = null;
    if (line.slot.dropShare(this.#entry) === 0) line.home.comeHome(line, 'released', NOBODY);
  }

  /** Does what `release()` does, for `using`. */
  [dispose](): void {
    this.release();
  }
}
