/** Core of a pool: its states and its configuration. The public class (pool.ts) checks arguments and calls it. */
import { aborted, invalidState } from '../base/errors.ts';
import type { FrameHandle } from './handle.ts';
import { loanOf } from './handle.ts';
import { Lender } from './lender.ts';
import type { Configuration, PoolSettings } from './settings.ts';
import type { BackingDevice, BufferAllocator, Storage } from './storage.ts';
import { deviceOf } from './storage.ts';

/** Every method leaves the ledger consistent before it calls code outside the pool. */
export class PoolCore extends Lender {
  initial: number;
  /** Resolves the promises of the pending `decommit()` calls. */
  #decommits: ((isDrained: boolean) => void)[] = [];

  constructor(settings: PoolSettings) {
    super(settings);
    this.initial = settings.initial;
    this.#stock();
    watchDeviceLoss(this);
  }

  // ---- content of slots ----

  /**
   * Resolves with the handle once its buffer is allocated; returns null if the buffer needs no wait. If the allocation fails, the
   * promise rejects with the storage's error and the handle is released.
   */
  whenAllocated<T extends FrameHandle<Storage>>(handle: T): Promise<T> | null {
    const { adapter, item } = loanOf(handle, 'acquire()').slot;
    const allocated = (adapter as BufferAllocator).allocated?.(item as object);
    if (allocated === undefined) return null;
    return allocated.then(
      () => handle,
      (error: unknown) => {
        handle.release();
        throw error;
      },
    );
  }

  /** Returns the caller's own frame of a lent slot's content; null if the slot is not lent or its content is elsewhere. */
  peek(id: number): VideoFrame | null {
    const slot = this.inventory.find(id);
    if (slot?.state !== 'lent' || slot.item === null) return null;
    try {
      return slot.toVideoFrame();
    } catch (error) {
      if (error instanceof DOMException && error.name === 'InvalidStateError') return null;
      throw error;
    }
  }

  // ---- configuration and states ----

  /** Applies validated settings, with `newStorage` as a new generation, and serves waiters. If it throws, nothing has changed. */
  reconfigure(settings: Configuration, newStorage: boolean): void {
    this.apply(settings, newStorage);
    this.admission.serve();
  }

  /** As `reconfigure()`, but serves no waiter. */
  apply({ capacity, initial, maxBytes, adapter }: Configuration, newStorage: boolean): void {
    const { ledger, inventory } = this;
    this.limits.requireLendable(adapter, maxBytes);
    const old = { target: ledger.target, maxBytes: ledger.maxBytes };
    ledger.resize(capacity);
    ledger.maxBytes = maxBytes;
    try {
      // Steps that can fail come first: the new buffers are allocated before the old ones are freed.
      const { roomBytes } = this.limits;
      const made = this.state === 'active' && newStorage ? inventory.make(initial, adapter, roomBytes) : [];
      if (newStorage) inventory.startGeneration(adapter, made);
    } catch (error) {
      ledger.resize(old.target);
      ledger.maxBytes = old.maxBytes;
      throw error;
    }
    this.initial = initial;
    const before = deviceOf(this.adapter);
    this.adapter = adapter;
    this.limits.noteLoanSize();
    if (deviceOf(adapter) !== before) watchDeviceLoss(this);
    inventory.freeIdle(Math.max(0, ledger.free));
    inventory.freeBytes();
  }

  /** Handles loss of the device behind the buffers: frees idle buffers, rejects waiters, frees lent buffers at their return. */
  onDeviceLost(device: BackingDevice): void {
    if (deviceOf(this.adapter) !== device) return;
    this.inventory.freeIdle();
    this.admission.waiters.rejectAll(() => device.lostError);
    this.admission.serve();
  }

  commit(): void {
    if (this.state === 'closed') throw invalidState(`commit(): pool "${this.name}" is closed`);
    if (this.state === 'active') return;
    if (this.state === 'decommitted') this.#stock();
    this.state = 'active';
    this.limits.noteLoanSize();
    this.#resolveDecommits(false);
  }

  #stock(): void {
    this.inventory.stock(this.inventory.make(this.initial, this.adapter, this.limits.roomBytes));
  }

  decommit(): Promise<boolean> {
    if (this.state === 'active') {
      this.state = 'draining';
      this.limits.noteLoanSize();
      this.inventory.freeIdle();
      this.admission.waiters.rejectAll(() => aborted(`the wait ended: pool "${this.name}" was decommitted`));
      this.admission.serve();
    }
    const outcome = new Promise<boolean>((resolve) => this.#decommits.push(resolve));
    this.finishDecommit();
    return outcome;
  }

  close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.limits.noteLoanSize();
    this.notices.setListener(null);
    this.inventory.freeIdle();
    this.admission.waiters.rejectAll(() => aborted(`the wait ended: pool "${this.name}" was closed`));
    this.admission.serve();
    this.finishDecommit();
  }

  protected override finishDecommit(): void {
    if (this.state === 'active' || this.ledger.out > 0) return;
    if (this.state === 'draining') this.state = 'decommitted';
    this.#resolveDecommits(true);
  }

  /** Resolves pending decommits: with true when every slot is returned, with false when `commit()` is called first. */
  #resolveDecommits(isDrained: boolean): void {
    for (const resolve of this.#decommits.splice(0)) resolve(isDrained);
  }
}

/** Notifies the pool when the device is lost. It refers to the pool weakly, because a device may outlive the pool by far. */
function watchDeviceLoss(core: PoolCore): void {
  const device = deviceOf(core.adapter);
  if (device === null) return;
  const weak = new WeakRef(core);
  const onLost = (): void => weak.deref()?.onDeviceLost(device);
  device.lost.then(onLost, onLost);
}
