/** The public class: checks what it is given, and says what each call promises. core.ts does the work. */
import { dispose } from '../disposal.ts';
import { invalidState, requireFunction, shown } from '../errors.ts';
import { guardClass, notItself } from '../guarded-class.ts';
import type { PoolState } from './core.ts';
import { PoolCore } from './core.ts';
import type { DecodedStorage } from './decoded.ts';
import { requirePlatform } from './frames.ts';
import { requireGround } from './ground.ts';
import type { FrameHandle } from './handle.ts';
import type { HolderReport } from './holders.ts';
import { nameHolders } from './holders.ts';
import type { PoolListener } from './notices.ts';
import type {
  CaptureRequest,
  EffectiveConfiguration,
  PoolOptions,
  ReconfigureOptions,
  WaitOptions,
} from './options.ts';
import { checkedSettings, readCapture, readWait } from './options.ts';
import type { FramePermit } from './permit.ts';
import { requireFrameToOwn } from './source.ts';
import type { PoolStats } from './stats.ts';
import { statsOf } from './stats.ts';
import type { BufferAllocator, Storage } from './storage.ts';
import { driver, isBufferAllocator } from './storage.ts';
import { acquireOrWait, promiseTry } from './acquire-or-wait.ts';

/** Reads a pool's machinery. For the library's other folders; assigned inside the class, which alone can look. */
export let coreOf: <S extends Storage>(pool: VideoFramePool<S>) => PoolCore;

/**
 * Owns every video frame that an app holds: caps them, shares them by counted handles, takes them back by `release()`
 * and, for the forgotten, through a `FinalizationRegistry`, and tells one listener about each return.
 *
 * What it saves: permits for decoded frames (they are immutable and are never reused), the buffers themselves for other
 * storages. Who owns a frame: the pool, from `adopt()` on; holders own shares. When a slot comes back: in the very call
 * that releases its last share. How long an idle buffer is kept: `idleMs`. What happens when the parameters change: see
 * `configure()`.
 */
export class VideoFramePool<S extends Storage = DecodedStorage> {
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
   * @throws `TypeError` or `RangeError` for an option that is none.
   * @throws `NotSupportedError` without WebCodecs or outside a secure context.
   */
  constructor(options: PoolOptions<S>) {
    const settings = checkedSettings(options);
    requirePlatform('VideoFramePool', 'VideoFrame', 'FinalizationRegistry');
    this.#kind = settings.kind;
    this.#core = new PoolCore(settings);
  }

  /** What messages call the pool. */
  get name(): string {
    return this.#core.name;
  }
  /** Whether the pool lends, drains, holds nothing, or is closed. */
  get state(): PoolState {
    return this.#core.state;
  }
  /** Slots in effect. `capacity = freeCount + lentCount + decodingCount`, but for `stats().surplus`. */
  get capacity(): number {
    return this.#core.ledger.capacity;
  }
  /** Slots that may still be lent. */
  get freeCount(): number {
    return this.#core.ledger.free;
  }
  /** Frames and buffers that holders have. */
  get lentCount(): number {
    return this.#core.ledger.lent;
  }
  /** Permits that are out: frames still to come, most of them inside a decoder. */
  get decodingCount(): number {
    return this.#core.ledger.decoding;
  }
  /** Buffers that are allocated and free. */
  get idleCount(): number {
    return this.#core.inventory.idleCount;
  }
  /** How many wait for a slot. */
  get waitingCount(): number {
    return this.#core.admission.waiters.length;
  }
  /** Bytes that the pool holds, lent or idle; `stats().bytesEstimated` tells whether some of it is an estimate. */
  get bytes(): number {
    return this.#core.ledger.bytes;
  }

  /**
   * Registers the one function that is told of each slot that came back, replacing the one before; null removes it.
   * Legal in every state.
   *
   * The listener is called from a microtask, never inside a call of the pool or a handle, so a holder may release in the
   * middle of anything. Slots that come back while the listener runs are reported in a later task. The slot is free before. What
   * it throws goes to `reportError`. Room that other pools of the same budget give back is not told: under a budget, `acquire()`
   * and `reserve()` wait for that.
   */
  setListener(listener: PoolListener | null): void {
    if (listener !== null) requireFunction('listener', listener);
    if (this.#core.state !== 'closed') this.#core.notices.setListener(listener);
  }

  /**
   * Lends a buffer if one is free now.
   *
   * @returns One share, owned by the caller, or null when all are out: the normal backpressure path.
   * @throws `InvalidStateError` when the pool is not active.
   * @throws `TypeError` for a pool of decoded frames, and what the storage throws when it cannot make a buffer.
   */
  tryAcquire(options: { holder?: string } = {}): FrameHandle<S> | null {
    const wait = readWait(options);
    this.#requireBuffers('tryAcquire()');
    requireGround(this.#core);
    this.#core.requireActive('tryAcquire()');
    this.#core.admission.serveAfterAbort();
    return this.#core.admission.hasRoom ? (this.#core.lend(wait) as FrameHandle<S>) : null;
  }

  /**
   * Lends a buffer, waiting while every one is out. Those who wait are served in the order in which they came.
   *
   * The buffer is like new: empty, without a time of its own.
   *
   * @returns One share, owned by the caller: to be released once.
   * @throws `InvalidStateError` when the pool is not active. Nothing is taken.
   * @throws `AbortError`, or the signal's own reason, when the signal fires or the pool is decommitted during the wait.
   * @throws `PoolStarvedError` when others were served before it for `starvationMs`, because a budget had room for them alone.
   * @throws `TypeError` for a pool of decoded frames, and what the storage throws when it cannot make a buffer.
   */
  acquire(options: WaitOptions = {}): Promise<FrameHandle<S>> {
    return promiseTry(() => {
      const wait = readWait(options);
      const buffers = this.#requireBuffers('acquire()');
      requireGround(this.#core);
      const lent = acquireOrWait(
        this.#core,
        'acquire()',
        () => this.#core.lend(wait) as FrameHandle<S>,
        wait,
      );
      return buffers.allocated === undefined
        ? lent
        : lent.then((handle) => this.#core.settled(handle) ?? handle);
    });
  }

  /**
   * Waits for a free buffer and copies a picture into it, which may then be held for as long as need be: the decoder gets
   * its memory back at once.
   *
   * @param source - A frame, which the pool owns from here on and closes as early as it can, whatever happens; or a handle
   *   of any pool, which keeps its share. Time and duration go with the picture.
   * A handle keeps its slot during the wait. Where that slot is of this very pool, or counts against the budget that this
   * pool shares, everything may be held by several who wait so, and then only an abort ends it: leave room for the copies.
   *
   * @returns One share of the copy, owned by the caller.
   * @throws `TypeError` or `RangeError` for a wrong argument, or a frame that a pool lent; the source stays as it is.
   * @throws `RangeError` for a picture of another size, where `sizeChange` says so.
   * @throws `NotSupportedError` for a picture that these buffers cannot take.
   * @throws `QuotaExceededError` where the copy would have to wait for the very slot that it is to be made from.
   * @throws `SecurityError` of the browser, for a canvas with a picture of another origin on it.
   * @throws `InvalidStateError` when the pool is not active or its device lost, the frame closed or the handle released.
   * @throws `AbortError`, or the signal's own reason, when the signal fires or the pool is decommitted during the wait.
   * @throws `PoolStarvedError` as `acquire()`.
   */
  async capture(
    source: VideoFrame | FrameHandle<Storage>,
    options: CaptureRequest = {},
  ): Promise<FrameHandle<S>> {
    const request = readCapture(options);
    const buffers = this.#requireBuffers('capture()');
    buffers.checkCapture(request);
    return buffers.captured(this.#core, source, request) as Promise<FrameHandle<S>>;
  }

  /**
   * Takes a permit for one decoded frame if one is free now.
   *
   * @returns A permit, owned by the caller: to be used or released; or null when all slots are out.
   * @throws `InvalidStateError` when the pool is not active. `TypeError` for a pool of buffers.
   */
  tryReserve(options: { holder?: string } = {}): FramePermit | null {
    const { holder } = readWait(options);
    this.#requireDecoded('tryReserve()');
    this.#core.requireActive('tryReserve()');
    this.#core.admission.serveAfterAbort();
    return this.#core.admission.hasRoom ? this.#core.reserve(holder) : null;
  }

  /**
   * Takes a permit for one decoded frame, waiting while every slot is out.
   *
   * Those who wait are served in the order in which they came. `capacity` is a budget that the application sets, because
   * a decoder does not tell how many frames it will part with before it stalls.
   *
   * @returns A permit, owned by the caller: to be used by `adopt()` or given back by `release()`.
   * @throws `InvalidStateError` when the pool is not active. Nothing is taken.
   * @throws `AbortError`, or the signal's own reason, when the signal fires or the pool is decommitted during the wait.
   * @throws `PoolStarvedError` as `acquire()`.
   * @throws `TypeError` for a pool of buffers.
   * @see {@link https://github.com/w3c/webcodecs/issues/612 | w3c/webcodecs#612}, for why no count can be asked of a decoder.
   */
  reserve(options: WaitOptions = {}): Promise<FramePermit> {
    return promiseTry(() => {
      const wait = readWait(options);
      this.#requireDecoded('reserve()');
      return acquireOrWait(this.#core, 'reserve()', () => this.#core.reserve(wait.holder), wait);
    });
  }

  /**
   * Takes a decoded frame over, into a free slot. The pool owns it at once, and closes it also when this throws
   * `QuotaExceededError` or `InvalidStateError`: the decoder's callback has nowhere else to put it.
   *
   * @returns One share, owned by the caller: to be released once.
   * @throws `QuotaExceededError` when no slot is free, waiters come first, or the bytes would pass a limit. It names a few holders.
   * @throws `InvalidStateError` when the pool is not active, or the frame was closed before.
   * @throws `TypeError` for what is no frame, a frame that a pool lent, or a pool of buffers; the frame stays as it is.
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
    core.admission.serveAfterAbort();
    return core.admit(frame, holder) as FrameHandle<S>;
  }

  /**
   * Changes the pool's settings, also with handles out: they stay valid.
   *
   * A larger capacity serves who waits, and idle buffers stay. A smaller one takes effect as slots come back. A storage
   * starts a new generation: idle buffers go now, and those that are out are destroyed when they come back. While the
   * pool is decommitted the settings are recorded, and `commit()` allocates.
   *
   * @returns What the pool really made of the request.
   * @throws `TypeError` or `RangeError` for a setting that is none, `InvalidStateError` when the pool is closed, and what
   *   the storage throws when it cannot make `initial` buffers. Nothing has changed then.
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
    // Once more: getters of the options are the app's code.
    requireOpen();
    const settings = checkedSettings({
      capacity,
      maxBytes,
      // A smaller capacity takes the recorded number of initial buffers along; one that is asked for is checked.
      initial: initial ?? Math.min(core.initial, capacity),
      storage: storage ?? { kind: this.#kind, view: {}, [driver]: core.driver },
    });
    if (storage !== undefined && storage.kind !== this.#kind) {
      throw new TypeError(`storage must be of the pool's own kind, "${this.#kind}", got "${storage.kind}"`);
    }
    core.reconfigure(settings, storage !== undefined);
    return {
      capacity: core.ledger.capacity,
      idleCount: core.inventory.idleCount,
      maxBytes: core.ledger.maxBytes,
      bufferBytes: isBufferAllocator(core.driver) ? core.driver.bufferBytes : null,
      generation: core.inventory.generation,
    };
  }

  /**
   * Makes a decommitted pool lend again, with `initial` buffers. Before the last slot of a draining pool is home it calls
   * the decommit off, and what is still out stays. Does nothing to an active pool.
   *
   * @throws `InvalidStateError` when the pool is closed, and what the storage throws when it cannot make its buffers; the
   *   pool stays decommitted then.
   */
  commit(): void {
    this.#core.commit();
  }

  /**
   * Stops lending, without waiting: who waits fails with `AbortError`, who comes with `InvalidStateError`. Idle buffers go
   * now; what is out stays readable, and goes as it comes back.
   *
   * @returns `true` once the last slot is home, `false` if `commit()` came first.
   */
  decommit(): Promise<boolean> {
    return this.#core.decommit();
  }

  /** Gives up all idle buffers. What is lent stays. */
  trim(): void {
    this.#core.inventory.freeIdle();
  }

  /** Ends the pool for good, without waiting; idempotent. As `decommit()`, and the listener is removed. */
  close(): void {
    this.#core.close();
  }

  /** Does what `close()` does, for `using`. */
  [dispose](): void {
    this.close();
  }

  /** The pool's account: counts now, and totals since it was made. */
  stats(): PoolStats {
    return statsOf(this.#core);
  }

  /** Who holds what now: one report for each named share, one for the unnamed shares of each slot. */
  holders(): HolderReport[] {
    return this.#core.holders();
  }

  /**
   * A look at what a slot holds, for who shows a pool as it is: a panel, a debugger. It takes no share.
   *
   * @param slot - Its number, as `holders()` tells it.
   * @returns A frame of the caller's own, who closes it at once: a camera or a decoder misses it while it is open. Null where
   *   nothing is to be seen: the slot is free, its frame has not come, or is in another thread.
   * @throws `NotSupportedError` for a pool of textures.
   */
  peek(slot: number): VideoFrame | null {
    return this.#core.peek(slot);
  }

  /**
   * For the tests of apps: passes when every slot is home.
   *
   * @throws `Error` that names who still holds what.
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
    const { driver: used } = this.#core;
    if (isBufferAllocator(used)) return used;
    throw new TypeError(
      `${call} is for pools of buffers; frames come into "${this.name}" by adopt() or reserve()`,
    );
  }

  #requireDecoded(call: string): void {
    if (isBufferAllocator(this.#core.driver)) {
      throw new TypeError(
        `${call} is for pools of decoded frames; "${this.name}" lends by acquire() or capture()`,
      );
    }
  }
}
