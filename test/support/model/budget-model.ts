/**
 * Model of a budget: the common limits of pools, and the order of their waiters. It computes sums over plain lists for each
 * question.
 */
import type { PoolModel } from './pool-model.ts';
import type { Waiter } from './model-loan.ts';

/** A pool without a budget has its own model, without limits. */
export class BudgetModel {
  readonly maxBytes: number;
  readonly maxFrames: number;
  readonly pools: PoolModel[] = [];

  constructor(maxBytes = Infinity, maxFrames = Infinity) {
    this.maxBytes = maxBytes;
    this.maxFrames = maxFrames;
  }

  get bytes(): number {
    return this.#sum((pool) => pool.bytes);
  }
  get frames(): number {
    return this.#sum((pool) => pool.loans.size);
  }
  get promised(): number {
    return this.#sum((pool) => pool.promised);
  }
  /** Bytes of the largest loan that any of the pools would make next. */
  get largest(): number {
    return Math.max(0, ...this.pools.map(({ loanSize }) => loanSize));
  }
  /** Frames that decoders put out beyond the limits. They count in the sums, but block no caller. */
  get overFrames(): number {
    return this.#sum((pool) => [...pool.loans].filter(({ overFrame }) => overFrame).length);
  }
  get overBytes(): number {
    return this.#sum((pool) => [...pool.loans].reduce((sum, { overBytes }) => sum + overBytes, 0));
  }
  /** Whether a first frame of unknown size, or the permit for such a frame, is beyond the limits. */
  get hasFirstFrame(): boolean {
    return this.pools.some((pool) => [...pool.loans].some(({ isFirstFrame }) => isFirstFrame));
  }

  /** Whether this number of further loans is within the limit of frames. */
  hasFrame(count: number): boolean {
    return this.frames - this.overFrames + count <= this.maxFrames;
  }

  /** Whether this number of further bytes would fit if all idle buffers were discarded. */
  fits(bytes: number): boolean {
    const idle = this.#sum((pool) => pool.idleBytes);
    return this.bytes - idle - this.overBytes + bytes <= this.maxBytes;
  }

  /** Whether one more loan is within the limits, including the bytes promised to permits. */
  admits(need: number): boolean {
    return this.hasFrame(1) && this.fits(need + this.promised);
  }

  /** Whether the largest loan would fit in addition. */
  hasRoomBeside(need: number, frames: 0 | 1): boolean {
    return (frames === 0 || this.hasFrame(2)) && this.fits(this.promised + need + this.largest);
  }

  /** Discards idle buffers of all pools, least recently used first, until this number of further bytes fits. */
  makeRoom(bytes: number): void {
    while (this.bytes + this.promised + Math.max(0, bytes) > this.maxBytes) {
      const oldest = this.#oldestIdle();
      if (oldest === null) return;
      oldest.giveUp(oldest.idle.length - 1);
    }
  }

  /** The first waiter that fits. Waiters that do not fit are skipped. */
  get next(): Waiter | null {
    const servable = this.pools.flatMap(({ servable: one }) => one ?? []);
    return servable.sort((one, other) => one.number - other.number)[0] ?? null;
  }

  serve(): void {
    for (let next = this.next; next !== null; next = this.next) next.pool.grant(next);
  }

  /** Removes the waiters of a signal that has fired. Other waiters may have room then, but are not served yet. */
  dismiss(signal: AbortSignal, name: string): void {
    for (const pool of this.pools) {
      for (const waiter of pool.queue.filter((one) => one.signal === signal)) {
        pool.queue.splice(pool.queue.indexOf(waiter), 1);
        waiter.outcome = name;
      }
    }
  }

  #oldestIdle(): PoolModel | null {
    const order = ({ idle }: PoolModel): number => idle[0]?.restOrder ?? Infinity;
    const oldest = this.pools.reduce((one, other) => (order(other) < order(one) ? other : one));
    return oldest.idle.length > 0 ? oldest : null;
  }

  #sum(of: (pool: PoolModel) => number): number {
    return this.pools.reduce((sum, pool) => sum + of(pool), 0);
  }
}
