/**
 * `VideoFramePool`, the public class. It checks arguments and documents the contract of each call. core.ts implements the calls.
 */
import { dispose } from '../base/disposal.ts';
import { invalidState, requireFunction, shown } from '../base/errors.ts';
import { guardClass, notItself } from '../base/guarded-class.ts';
import type { CopyFrom } from './copy-from.ts';
import { PoolCore } from './core.ts';
import type { DecodedStorage } from './decoded.ts';
import { requirePlatform } from './frames.ts';
import type { CopyTarget, FrameHandle } from './handle.ts';
import { noteCopyTarget } from './handle.ts';
import type { HolderReport } from './holders.ts';
import { nameHolders } from './holders.ts';
import type { PoolListener } from './notices.ts';
import type { PoolState } from './lender.ts';
import type { CopyRequest, WaitOptions } from './options.ts';
import { readCopy, readWait } from './options.ts';
import type { FramePermit } from './permit.ts';
import type { EffectiveConfiguration, PoolOptions, ReconfigureOptions } from './settings.ts';
import { checkedSettings } from './settings.ts';
import { requireFrameToOwn } from './loan.ts';
import type { PoolStats } from './stats.ts';
import { statsOf } from './stats.ts';
import type { BufferAllocator, Storage } from './storage.ts';
import { isBufferAllocator, requireDevice, storageAdapter } from './storage.ts';
import { acquireOrWait, promiseTry } from './acquire-or-wait.ts';

/** Returns a pool's internal core, for other folders of the library. Assigned inside the class, because the field is private. */
export let coreOf: <S extends Storage>(pool: VideoFramePool<S>) => PoolCore;

/**
 * Owner of the video frames that an app holds. A pool limits their number, shares them through reference-counted handles, takes
 * them back by `release()` or, if a handle leaks, through a `FinalizationRegistry`, and reports each return to one listener.
 *
 * Reuse: permits for decoded frames (frames are immutable and never reused), the buffers themselves for other storages.
 * Ownership: the pool owns a frame from `adopt()` on; holders own shares. Return: a slot is returned inside the call that
 * releases its last share. Lifetime of idle buffers: `idleMs`. Change of parameters: see `configure()`.
 */
export class VideoFramePool<S extends Storage = DecodedStorage> implements CopyTarget<S> {
  readonly #core: PoolCore;
  readonly #kind: string;

  static {
    const isReal = (made: object): boolean => #core in made;
    coreOf = (pool) => {
      if (!isReal(pool)) throw notItself('VideoFramePool');
      return pool.#core;
    };
    guardClass(this.prototype, 'VideoFramePool', isReal);
  }

  /**
   * @throws `TypeError` or `RangeError` for an invalid option.
   * @throws `NotSupportedError` without WebCodecs or outside a secure context.
   */
  constructor(options: PoolOptions<S>) {
    const settings = checkedSettings(options);
    requirePlatform('VideoFramePool', 'VideoFrame', 'FinalizationRegistry');
    this.#kind = settings.kind;
    this.#core = new PoolCore(settings);
    noteCopyTarget(this);
  }

  /** Name of the pool in messages. */
  get name(): string {
    return this.#core.name;
  }
  /** Whether the pool lends, drains, is empty, or is closed. */
  get state(): PoolState {
    return this.#core.state;
  }
  /** Slots in effect. `capacity + stats().overcommitted = freeCount + lentCount + decodingCount`. */
  get capacity(): number {
    return this.#core.ledger.capacity;
  }
  /** Number of slots that can still be lent. */
  get freeCount(): number {
    return this.#core.ledger.free;
  }
  /** Number of frames and buffers that are lent to holders. */
  get lentCount(): number {
    return this.#core.ledger.lent;
  }
  /** Number of outstanding permits: frames that do not exist yet, most of them inside a decoder. */
  get decodingCount(): number {
    return this.#core.ledger.decoding;
  }
  /** Number of buffers that are allocated and free. */
  get idleCount(): number {
    return this.#core.inventory.idleCount;
  }
  /** Number of callers that wait for a slot. */
  get waitingCount(): number {
    return this.#core.admission.waiters.length;
  }
  /** Bytes that the pool holds, lent or idle; `stats().bytesEstimated` is true if part of it is an estimate. */
  get bytes(): number {
    return this.#core.ledger.bytes;
  }

  /**
   * Registers the listener that receives a notice for each returned slot. It replaces the previous listener; null removes it.
   * Allowed in every state.
   *
   * The listener is called from a microtask, never inside a call of the pool or a handle, so a holder may release at any point.
   * The slot is already free when the listener runs. Slots that are returned while the listener runs are reported in a later
   * task. Exceptions of the listener are passed to `reportError`. Room that other pools of the same budget free is not reported:
   * with a budget, use `acquire()` and `reserve()` to wait for it.
   */
  setListener(listener: PoolListener | null): void {
    if (listener !== null) requireFunction('listener', listener);
    if (this.#core.state !== 'closed') this.#core.notices.setListener(listener);
  }

  /**
   * Lends a buffer if one is free now.
   *
   * @returns One share, owned by the caller; null if no buffer is free, which is the normal backpressure path.
   * @throws `InvalidStateError` if the pool is not active.
   * @throws `TypeError` for a pool of decoded frames; the storage's error if it cannot allocate a buffer.
   */
  tryAcquire(options: { holder?: string } = {}): FrameHandle<S> | null {
    const wait = readWait(options);
    this.#requireBuffers('tryAcquire()');
    requireDevice(this.#core.adapter);
    this.#core.requireActive('tryAcquire()');
    this.#core.admission.pruneAborted();
    return this.#core.admission.canGrantNow() ? (this.#core.lend(wait) as FrameHandle<S>) : null;
  }

  /**
   * Lends a buffer. Waits while no buffer is free. Waiters are served in FIFO order.
   *
   * The buffer is clean: it has no content and no timestamp.
   *
   * @returns One share, owned by the caller, which must release it once.
   * @throws `InvalidStateError` if the pool is not active. No slot is taken.
   * @throws `AbortError`, or the signal's own reason, if the signal fires or the pool is decommitted during the wait.
   * @throws `PoolStarvedError` if later callers were served first for `starvationMs`, because a budget had room only for them.
   * @throws `TypeError` for a pool of decoded frames; the storage's error if it cannot allocate a buffer.
   */
  acquire(options: WaitOptions = {}): Promise<FrameHandle<S>> {
    return promiseTry(() => {
      const wait = readWait(options);
      const buffers = this.#requireBuffers('acquire()');
      requireDevice(this.#core.adapter);
      const lent = acquireOrWait(
        this.#core,
        'acquire()',
        () => this.#core.lend(wait) as FrameHandle<S>,
        wait,
      );
      return buffers.allocated === undefined
        ? lent
        : lent.then((handle) => this.#core.whenAllocated(handle) ?? handle);
    });
  }

  /**
   * Waits for a free buffer and copies a picture into it. The copy may be held for any length of time, because the decoder gets
   * its memory back immediately.
   *
   * @param source - A frame, which the caller still owns and may close as soon as this call returns, also during the wait and the
   *   copy; or a handle of any pool, which keeps its share. The timestamp and the duration are copied too.
   * A handle, and a frame that was read from a handle, keep their slot during the wait. If that slot belongs to this pool, or counts
   * against the budget that this pool shares, several such waiters may hold all slots; then only an abort ends their wait. Leave
   * room for the copies.
   *
   * @returns One share of the copy, owned by the caller.
   * @throws `TypeError` or `RangeError` for an invalid argument, or for a frame that a pool owns.
   * @throws `RangeError` if the picture has another size and `sizeChange` rejects that size or cannot provide a buffer for it.
   * @throws `NotSupportedError` if these buffers cannot hold the picture.
   * @throws `QuotaExceededError` if the copy would wait for the slot of its own source.
   * @throws `SecurityError` from the browser, for a canvas that shows content of another origin.
   * @throws `InvalidStateError` if the pool is not active, its device is lost, the frame is closed or the handle is released.
   * @throws `AbortError`, or the signal's own reason, if the signal fires or the pool is decommitted during the wait.
   * @throws `PoolStarvedError` as `acquire()` does.
   */
  async copyFrom(
    source: VideoFrame | FrameHandle<Storage>,
    options: CopyRequest = {},
  ): Promise<FrameHandle<S>> {
    const request = readCopy(options);
    const buffers = this.#requireBuffers('copyFrom()');
    buffers.checkCopy(request);
    // The boundary: storage.ts, which declares `copyFrom`, does not import its types.
    const copyFrom = buffers.copyFrom as CopyFrom;
    return copyFrom(this.#core, source, request) as Promise<FrameHandle<S>>;
  }

  /**
   * Takes a permit for one decoded frame if one is free now.
   *
   * @returns A permit, owned by the caller, which must use or release it; null if no slot is free.
   * @throws `InvalidStateError` if the pool is not active. `TypeError` for a pool of buffers.
   */
  tryReserve(options: { holder?: string } = {}): FramePermit | null {
    const { holder } = readWait(options);
    this.#requireDecoded('tryReserve()');
    this.#core.requireActive('tryReserve()');
    this.#core.admission.pruneAborted();
    return this.#core.admission.canGrantNow() ? this.#core.reserve(holder) : null;
  }

  /**
   * Takes a permit for one decoded frame. Waits while no slot is free.
   *
   * Waiters are served in FIFO order. `capacity` is a limit that the application sets, because a decoder does not report how many
   * frames an app can hold before the decoder stalls.
   *
   * @returns A permit, owned by the caller, which must use it by `adopt()` or return it by `release()`.
   * @throws `InvalidStateError` if the pool is not active. No slot is taken.
   * @throws `AbortError`, or the signal's own reason, if the signal fires or the pool is decommitted during the wait.
   * @throws `PoolStarvedError` as `acquire()` does.
   * @throws `TypeError` for a pool of buffers.
   * @see {@link https://github.com/w3c/webcodecs/issues/612 | w3c/webcodecs#612}, why a decoder does not report this number.
   */
  reserve(options: WaitOptions = {}): Promise<FramePermit> {
    return promiseTry(() => {
      const wait = readWait(options);
      this.#requireDecoded('reserve()');
      return acquireOrWait(this.#core, 'reserve()', () => this.#core.reserve(wait.holder), wait);
    });
  }

  /**
   * Takes ownership of a decoded frame and puts it into a free slot. The pool owns the frame immediately. It also closes the
   * frame if the call throws `QuotaExceededError` or `InvalidStateError`, because the decoder's callback has no other place for
   * it.
   *
   * @returns One share, owned by the caller, which must release it once.
   * @throws `QuotaExceededError` if no slot is free, waiters come first, or the bytes exceed a limit. The error names a few
   *   holders.
   * @throws `InvalidStateError` if the pool is not active, or the frame is already closed.
   * @throws `TypeError` for a value that is not a frame, a frame that a pool lent, or a pool of buffers. The frame is unchanged.
   */
  adopt(frame: VideoFrame, options: { holder?: string } = {}): FrameHandle<S> {
    const { holder } = readWait(options);
    this.#requireDecoded('adopt()');
    requireFrameToOwn('frame', frame);
    const core = this.#core;
    if (core.state !== 'active') {
      frame.close();
      throw invalidState(`adopt(): pool "${core.name}" is ${core.state}; the frame was closed`);
    }
    core.admission.pruneAborted();
    return core.admit(frame, holder) as FrameHandle<S>;
  }

  /**
   * Changes the pool's settings. Existing handles stay valid.
   *
   * A larger capacity serves waiters, and idle buffers are kept. A smaller capacity takes effect as slots are returned. A new
   * storage starts a new generation: idle buffers are destroyed now, and lent buffers are destroyed when they are returned. While
   * the pool is decommitted, the settings are only recorded; `commit()` allocates the buffers.
   *
   * @returns The configuration that is in effect.
   * @throws `TypeError` or `RangeError` for an invalid setting, `InvalidStateError` if the pool is closed, and the storage's
   *   error if it cannot allocate the `initial` buffers. The pool is unchanged then.
   */
  configure(options: ReconfigureOptions<S>): EffectiveConfiguration {
    const core = this.#core;
    const requireOpen = (): void => {
      if (core.state === 'closed') throw invalidState(`configure(): pool "${core.name}" is closed`);
    };
    requireOpen();
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`options must be an object, got ${shown(options)}`);
    }
    const { storage, capacity = core.ledger.target, maxBytes = core.ledger.maxBytes, initial } = options;
    // Checked again, because getters of the options run the app's code.
    requireOpen();
    const settings = checkedSettings({
      capacity,
      maxBytes,
      // A smaller capacity reduces the recorded number of initial buffers. A requested number is checked.
      initial: initial ?? Math.min(core.initial, capacity),
      storage: storage ?? { kind: this.#kind, view: {}, [storageAdapter]: core.adapter },
    });
    if (storage !== undefined && storage.kind !== this.#kind) {
      throw new TypeError(`storage must be of the pool's own kind, "${this.#kind}", got "${storage.kind}"`);
    }
    core.reconfigure(settings, storage !== undefined);
    return {
      capacity: core.ledger.capacity,
      idleCount: core.inventory.idleCount,
      maxBytes: core.ledger.maxBytes,
      bufferBytes: isBufferAllocator(core.adapter) ? core.adapter.bufferBytes : null,
      generation: core.inventory.generation,
    };
  }

  /**
   * Makes a decommitted pool lend again, with `initial` buffers. In a pool that still drains it cancels the decommit, and
   * outstanding loans continue. Does nothing in an active pool.
   *
   * @throws `InvalidStateError` if the pool is closed, and the storage's error if it cannot allocate its buffers. The pool stays
   *   decommitted then.
   */
  commit(): void {
    this.#core.commit();
  }

  /**
   * Stops lending immediately. Pending waits reject with `AbortError`, new calls with `InvalidStateError`. Idle buffers are
   * destroyed now. Lent frames and buffers stay readable and are destroyed when they are returned.
   *
   * @returns Resolves to `true` when the last slot is returned, to `false` if `commit()` was called first.
   */
  decommit(): Promise<boolean> {
    return this.#core.decommit();
  }

  /** Destroys all idle buffers. Loans are not affected. */
  trim(): void {
    this.#core.inventory.freeIdle();
  }

  /** Closes the pool permanently and immediately. Idempotent. Same effects as `decommit()`; also removes the listener. */
  close(): void {
    this.#core.close();
  }

  /** Same as `close()`, for `using`. */
  [dispose](): void {
    this.close();
  }

  /** Returns the pool's statistics: current counts, and totals since the pool was created. */
  stats(): PoolStats {
    return statsOf(this.#core);
  }

  /** Returns the current holders: one report for each named share, one for all unnamed shares of each slot. */
  holders(): HolderReport[] {
    return this.#core.holders();
  }

  /**
   * Returns a slot's current picture, for a panel or a debugger that shows the pool's content. It takes no share.
   *
   * @param slot - Number of the slot, as `holders()` reports it.
   * @returns A frame owned by the caller, which must close it immediately: while it is open, a camera or a decoder lacks its
   *   memory. Null if there is no picture: the slot is free, its frame has not arrived yet, or the frame is in another thread.
   * @throws `NotSupportedError` for a pool of textures.
   */
  peek(slot: number): VideoFrame | null {
    return this.#core.peek(slot);
  }

  /**
   * Asserts that all slots are returned. For the tests of apps.
   *
   * @throws `Error` that names the remaining holders and their slots.
   */
  assertNoLeaks(): void {
    const { out } = this.#core.ledger;
    if (out === 0) return;
    const holders = this.holders();
    const places = holders.flatMap(({ acquiredAt }) => (acquiredAt === undefined ? [] : [acquiredAt]));
    throw new Error(
      [`pool "${this.name}": ${out} not released, held by ${nameHolders(holders)}`, ...places].join('\n'),
    );
  }

  #requireBuffers(call: string): BufferAllocator {
    const { adapter } = this.#core;
    if (isBufferAllocator(adapter)) return adapter;
    throw new TypeError(
      `${call} is for pools of buffers; frames enter "${this.name}" by adopt() or reserve()`,
    );
  }

  #requireDecoded(call: string): void {
    if (isBufferAllocator(this.#core.adapter)) {
      throw new TypeError(
        `${call} is for pools of decoded frames; "${this.name}" lends by acquire() or copyFrom()`,
      );
    }
  }
}

/**
 * Check of the argument `pool` of functions that need a pool of decoded frames.
 *
 * @throws `TypeError` if `pool` is not a pool of decoded frames.
 */
export function requireDecodedPool(who: string, pool: VideoFramePool): PoolCore {
  if (!(pool instanceof VideoFramePool))
    throw new TypeError(`pool must be a VideoFramePool, got ${shown(pool)}`);
  const core = coreOf(pool);
  if (isBufferAllocator(core.adapter)) {
    throw new TypeError(`${who} needs a pool of decoded frames; "${core.name}" holds buffers`);
  }
  return core;
}
