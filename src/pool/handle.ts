/** A holder's share of a slot. A share is given back once. */
import { dispose } from '../disposal.ts';
import { invalidState } from '../errors.ts';
import { guardClass, notItself } from '../guarded-class.ts';
import type { HolderEntry } from './holders.ts';
import { NOBODY, requireHolder } from './holders.ts';
import { Lifeline } from './lifeline.ts';
import type { PoolNotice } from './notices.ts';
import type { BufferStorage, Storage } from './storage.ts';
import type { CaptureRequest } from './options.ts';
import type { VideoFramePool } from './pool.ts';

/**
 * One holder's share of a frame or buffer: what every handle can do, next to what its storage shows (`frame` of a decoded
 * frame, `canvas` and `context` of a canvas).
 */
export type FrameHandle<S extends Storage = DecodedStorageLike> = HandleBase<S> & S['view'];

/** The shape of the default storage, by structure: this file knows no storage. */
interface DecodedStorageLike extends Storage {
  readonly view: { readonly frame: VideoFrame };
}

/** Reads the loan behind a handle. For storages and the pool; assigned inside the class, which alone can look. */
export let loanOf: (handle: HandleBase<Storage>, reading: string) => Lifeline;

/** Ends a share that stands for holders in another thread who did not release: they forgot, or are gone. */
export let endShare: (
  handle: HandleBase<Storage>,
  reason: 'recovered' | 'lost',
  holders: readonly string[],
) => void;

/** Names the app's call that a share is for, if that came before the share was made. With undefined nothing changes. */
export let noteCall: (handle: HandleBase<Storage>, call: string | undefined) => void;

/** The app's call that a share was made for; undefined without `trackHolders`. */
export let callOf: (handle: HandleBase<Storage>) => string | undefined;

/** @throws `TypeError` for a proxy around a handle. */
let real: <S extends Storage>(handle: HandleBase<S>) => HandleBase<S>;

/**
 * One share of a loan. Only a pool makes one; apps use the type.
 *
 * Owned by whoever got it, until `release()`, leaving the scope of a `using`, or `releaseAfter()`.
 */
export abstract class HandleBase<S extends Storage> {
  #line: Lifeline | null;
  #entry: HolderEntry | undefined;
  readonly #holder: string | undefined;
  // Copied, for the slot may hold another frame by the time that a released handle is asked.
  readonly #timestamp: number;
  readonly #duration: number | null;

  static {
    loanOf = (handle, reading) => {
      const line = real(handle).#line;
      if (line === null || line.revoked !== null) throw handle.#refusal(reading);
      return line;
    };
    endShare = (handle, reason, holders) => handle.#end(reason, holders);
    noteCall = (handle, call) => {
      const entry = handle.#entry;
      if (call !== undefined && entry !== undefined) entry.acquiredAt = call;
    };
    callOf = (handle) => handle.#entry?.acquiredAt;
    const isReal = (made: object): boolean => #line in made;
    real = (handle) => {
      if (!isReal(handle)) throw notItself('FrameHandle');
      return handle;
    };
    // Those that make shares, for stacks. The others are called for each frame, and check by themselves.
    guardClass(this.prototype, 'FrameHandle', isReal, ['retain', 'copyTo', 'releaseAfter']);
  }

  /** @internal */
  constructor(line: Lifeline, holder: string | undefined) {
    if (!(line instanceof Lifeline))
      throw new TypeError('Illegal constructor: handles come from a VideoFramePool');
    this.#line = line;
    this.#holder = holder;
    this.#timestamp = line.slot.timestamp;
    this.#duration = line.slot.duration;
    this.#entry = line.home.entryFor(holder);
    line.slot.addShare(this.#entry);
  }

  /** When the frame is shown, in µs; it may be below 0. 0 for a buffer that was acquired empty. Readable after release. */
  get timestamp(): number {
    return real(this).#timestamp;
  }

  /** How long the frame is shown, in µs, or null where nobody said. Readable after release. */
  get duration(): number | null {
    return real(this).#duration;
  }

  /** Whether this share was given back, or taken back by the owner of the pool, such as an aborted `FrameWriter`. */
  get released(): boolean {
    const line = real(this).#line;
    return line === null || line.revoked !== null;
  }

  /** The name given when this share was made. */
  get holder(): string | undefined {
    return real(this).#holder;
  }

  /**
   * Makes a second share of the same frame or buffer: no clone, no copy, no slot.
   *
   * @param holder - Who holds the new share, as `holders()` will name it.
   * @returns A share that the caller owns and releases once; this one stays as it is.
   * @throws `InvalidStateError` when this share was released.
   */
  retain(holder?: string): FrameHandle<S> {
    const line = loanOf(this, 'retain()');
    requireHolder(holder);
    return line.home.share(line, holder) as FrameHandle<S>;
  }

  /**
   * Gives the share back. The last one sends the slot home in this very call; the pool's listener is told in a microtask.
   *
   * Idempotent, as `VideoFrame.close()` is: a second call does nothing, and cannot take somebody else's share.
   */
  release(): void {
    real(this).#end('released', NOBODY);
  }

  /** Does what `release()` does, for `using`. */
  [dispose](): void {
    this.release();
  }

  /**
   * Gives the share back once a promise settles, either way: for work that still reads the frame after the call that
   * started it, such as a submitted GPU queue (`device.queue.onSubmittedWorkDone()`).
   *
   * This handle is spent at once, so that a `using` around it does not release too early; the slot stays lent until
   * `done` settles. A rejection of `done` is not reported here.
   *
   * @throws `InvalidStateError` when this share was released.
   * @see {@link https://github.com/w3c/webcodecs/issues/88 | w3c/webcodecs#88}, for what closing at once does to a GPU texture.
   */
  releaseAfter(done: Promise<unknown>): void {
    const share = this.retain(this.#holder);
    this.release();
    const release = (): void => share.release();
    Promise.resolve(done).then(release, release);
  }

  /**
   * Copies the picture into a buffer of another pool, out of the decoder's memory. Waits for a free buffer there, in its
   * turn; this share stays with its holder, who may release it during the wait.
   *
   * @param pool - A pool of buffers.
   * @param options - As in `pool.capture()`.
   * @returns One share of the copy, owned by the caller.
   * @throws `InvalidStateError` when this share was released, and all that `pool.capture()` throws.
   */
  copyTo<T extends BufferStorage>(
    pool: VideoFramePool<T>,
    options?: CaptureRequest,
  ): Promise<FrameHandle<T>> {
    // The view is part of every handle (FrameHandle), which the class alone cannot say.
    return pool.capture(this as unknown as FrameHandle<Storage>, options);
  }

  /**
   * Makes a `VideoFrame` of the caller's own: a second reference to the memory of a decoded frame, or a snapshot of a
   * buffer. It is outside the pool's account, and the caller closes it.
   *
   * @param init - As for the `VideoFrame` constructor; timestamp and duration are this handle's unless given.
   * @throws `InvalidStateError` when this share was released.
   */
  toVideoFrame(init?: VideoFrameInit): VideoFrame {
    const line = loanOf(this, 'toVideoFrame()');
    return line.home.toVideoFrame(line, init);
  }

  #end(reason: PoolNotice['reason'], holders: readonly string[]): void {
    const line = this.#line;
    if (line === null) return;
    this.#line = null;
    const entry = this.#entry;
    this.#entry = undefined;
    // The slot came back before, and may be lent to another holder.
    if (line.revoked !== null) return;
    if (line.slot.dropShare(entry) === 0) line.home.comeHome(line, reason, holders);
  }

  #refusal(reading: string): DOMException {
    const whose = this.#holder === undefined ? 'this handle' : `the handle of "${this.#holder}"`;
    const revoked = this.#line?.revoked ?? null;
    const how = revoked === null ? 'released' : `taken back by ${revoked.by}`;
    return invalidState(`${reading}: ${whose} (frame at ${this.#timestamp} µs) was ${how}`, revoked?.reason);
  }
}
