/** Handle of a frame or buffer: one holder's share of a slot, released once. */
import { dispose } from '../base/disposal.ts';
import { invalidState } from '../base/errors.ts';
import { guardClass, notItself } from '../base/guarded-class.ts';
import type { HolderEntry } from './holders.ts';
import { NO_HOLDERS, requireHolder } from './holders.ts';
import { Loan } from './loan.ts';
import type { PoolNotice } from './notices.ts';
import type { CopyRequest } from './options.ts';
import type { BufferStorage, Storage, StorageAdapter } from './storage.ts';

/**
 * One holder's share of a frame or buffer. It has the members of every handle and those of its storage (`frame` of a decoded
 * frame, `canvas` and `context` of a canvas).
 */
export type FrameHandle<S extends Storage = DecodedStorageLike> = HandleBase<S> & S['view'];

/** Structural type of the default storage, because this file imports no storage. */
interface DecodedStorageLike extends Storage {
  readonly view: { readonly frame: VideoFrame };
}

/** Target of `copyTo()`: a `VideoFramePool` of buffers. Other objects with this method are rejected. */
export interface CopyTarget<S extends Storage> {
  /** Copies a picture into a buffer, see `VideoFramePool.copyFrom()`. */
  copyFrom(source: VideoFrame | FrameHandle<Storage>, options?: CopyRequest): Promise<FrameHandle<S>>;
}

const copyTargets = new WeakSet<CopyTarget<Storage>>();

/** Registers a pool as a target of `copyTo()`, because this file does not import pools. */
export const noteCopyTarget = (pool: CopyTarget<Storage>): void => void copyTargets.add(pool);

/** Makes a handle for one more share of a loan. */
export const newShare = (loan: Loan, holder: string | undefined): FrameHandle<Storage> =>
  // The boundary: adapters make handles of their storage, but storage.ts, which declares them, does not import this file.
  (loan.slot.adapter as StorageAdapter).wrap(loan, holder) as FrameHandle<Storage>;

/** Returns the loan of a handle, for storages and the pool. Assigned inside the class, because only the class can read it. */
export let loanOf: (handle: HandleBase<Storage>, reading: string) => Loan;

/** Ends a share on behalf of holders in another thread that never released it: they forgot it, or the thread is gone. */
export let endShare: (
  handle: HandleBase<Storage>,
  reason: 'recovered' | 'lost',
  holders: readonly string[],
) => void;

/** Sets the stack of the app's call for a share made later than that call. With undefined it changes nothing. */
export let noteCall: (handle: HandleBase<Storage>, call: string | undefined) => void;

/** Returns the stack of the app's call that a share was made for; undefined without `trackHolders`. */
export let callOf: (handle: HandleBase<Storage>) => string | undefined;

/** @throws `TypeError` for a proxy around a handle. */
let real: <S extends Storage>(handle: HandleBase<S>) => HandleBase<S>;

/**
 * One share of a loan. Only a pool creates handles; apps use the type.
 *
 * The caller that receives a handle owns it until `release()`, the end of a `using` scope, or `releaseAfter()`.
 */
export abstract class HandleBase<S extends Storage> {
  #loan: Loan | null;
  #entry: HolderEntry | undefined;
  readonly #holder: string | undefined;
  // Copied, because the slot may hold another frame when a released handle is read.
  readonly #timestamp: number;
  readonly #duration: number | null;

  static {
    loanOf = (handle, reading) => {
      const loan = real(handle).#loan;
      if (loan === null || loan.revoked !== null) throw handle.#refusal(reading);
      return loan;
    };
    endShare = (handle, reason, holders) => handle.#end(reason, holders);
    noteCall = (handle, call) => {
      const entry = handle.#entry;
      if (call !== undefined && entry !== undefined) entry.acquiredAt = call;
    };
    callOf = (handle) => handle.#entry?.acquiredAt;
    const isReal = (made: object): boolean => #loan in made;
    real = (handle) => {
      if (!isReal(handle)) throw notItself('FrameHandle');
      return handle;
    };
    // Only members that make shares are guarded, to mark their stacks. The others run for each frame and check `this` themselves.
    guardClass(this.prototype, 'FrameHandle', isReal, ['retain', 'copyTo', 'releaseAfter']);
  }

  /** @internal */
  constructor(loan: object, holder: string | undefined) {
    if (!(loan instanceof Loan))
      throw new TypeError('Illegal constructor: handles come from a VideoFramePool');
    this.#loan = loan;
    this.#holder = holder;
    this.#timestamp = loan.slot.timestamp;
    this.#duration = loan.slot.duration;
    this.#entry = loan.owner.entryFor(holder);
    loan.slot.addShare(this.#entry);
  }

  /** Presentation timestamp in µs; it may be negative. 0 for a buffer that was acquired empty. Readable after release. */
  get timestamp(): number {
    return real(this).#timestamp;
  }

  /** Duration in µs, or null if it is unknown. Readable after release. */
  get duration(): number | null {
    return real(this).#duration;
  }

  /** Whether this share was released, or revoked by the owner of the pool, such as an aborted `FrameWriter`. */
  get released(): boolean {
    const loan = real(this).#loan;
    return loan === null || loan.revoked !== null;
  }

  /** The holder's name, given when this share was made. */
  get holder(): string | undefined {
    return real(this).#holder;
  }

  /**
   * Makes another share of the same frame or buffer. It needs no clone, no copy and no slot.
   *
   * @param holder - Name of the new share's holder, reported by `holders()`.
   * @returns A share that the caller owns and must release once; this share is unchanged.
   * @throws `InvalidStateError` when this share was released.
   */
  retain(holder?: string): FrameHandle<S> {
    const loan = loanOf(this, 'retain()');
    requireHolder(holder);
    return newShare(loan, holder) as FrameHandle<S>;
  }

  /**
   * Releases the share. If it is the last one, the slot returns to the pool during this call, and the pool's listener is called
   * in a microtask.
   *
   * Idempotent, like `VideoFrame.close()`: a second call does nothing, and cannot release another holder's share.
   */
  release(): void {
    real(this).#end('released', NO_HOLDERS);
  }

  /** Same as `release()`, for `using`. */
  [dispose](): void {
    this.release();
  }

  /**
   * Releases the share once a promise is fulfilled or rejected. Use it for work that reads the frame after the call that started
   * the work has returned, such as a submitted GPU queue (`device.queue.onSubmittedWorkDone()`).
   *
   * This handle counts as released at once, so that a `using` around it does not release too early. The slot stays lent until
   * `done` settles. A rejection of `done` is not reported here.
   *
   * @throws `InvalidStateError` when this share was released.
   * @see {@link https://github.com/w3c/webcodecs/issues/88 | w3c/webcodecs#88}, for the effect of an early close on textures.
   */
  releaseAfter(done: Promise<unknown>): void {
    const share = this.retain(this.#holder);
    this.release();
    const release = (): void => share.release();
    Promise.resolve(done).then(release, release);
  }

  /**
   * Copies the picture into a buffer of another pool, out of the decoder's memory. The call waits in that pool's queue for a free
   * buffer. The holder keeps this share and may release it during the wait.
   *
   * @param pool - A pool of buffers.
   * @param options - As in `pool.copyFrom()`.
   * @returns One share of the copy, owned by the caller.
   * @throws `TypeError` if `pool` is not a `VideoFramePool`.
   * @throws `InvalidStateError` when this share was released, and all errors of `pool.copyFrom()`.
   */
  copyTo<T extends BufferStorage>(pool: CopyTarget<T>, options?: CopyRequest): Promise<FrameHandle<T>> {
    return copyTargets.has(pool) ? pool.copyFrom(this, options) : Promise.reject(notItself('VideoFramePool'));
  }

  /**
   * Makes a `VideoFrame` that the caller owns and must close: a second reference to the memory of a decoded frame, or a snapshot
   * of a buffer. The pool does not count it.
   *
   * @param init - As for the `VideoFrame` constructor; timestamp and duration default to those of this handle.
   * @throws `InvalidStateError` when this share was released.
   */
  toVideoFrame(init?: VideoFrameInit): VideoFrame {
    return loanOf(this, 'toVideoFrame()').slot.toVideoFrame(init);
  }

  #end(reason: PoolNotice['reason'], holders: readonly string[]): void {
    const loan = this.#loan;
    if (loan === null) return;
    this.#loan = null;
    const entry = this.#entry;
    this.#entry = undefined;
    // A revoked loan's slot is already back in the pool, and may be lent to another holder.
    if (loan.revoked !== null) return;
    if (loan.slot.dropShare(entry) === 0) loan.owner.onLastShareReleased(loan, reason, holders);
  }

  #refusal(reading: string): DOMException {
    const whose = this.#holder === undefined ? 'this handle' : `the handle of "${this.#holder}"`;
    const revoked = this.#loan?.revoked ?? null;
    const how = revoked === null ? 'released' : `taken back by ${revoked.by}`;
    return invalidState(`${reading}: ${whose} (frame at ${this.#timestamp} µs) was ${how}`, revoked?.reason);
  }
}
