/** What pools may hold together, and who of them is served next: sums over plain lists, made anew at each question. */
import type { PoolModel } from './pool-model.ts';
import type { Waiter } from './model-loan.ts';

/** A pool without a budget has one to itself, without limits. */
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
  /** Frames that decoders put out beyond the limits: they are in the sums, and make no caller wait. */
  get overFrames(): number {
    return this.#sum((pool) => [...pool.loans].filter(({ overFrame }) => overFrame).length);
  }
  get overBytes(): number {
    return this.#sum((pool) => [...pool.loans].reduce((sum, { overBytes }) => sum + overBytes, 0));
  }
  /** Whether a first frame of unknown size is beyond the limits, or the permit for one. */
  get hasFirstFrame(): boolean {
    return this.pools.some((pool) => [...pool.loans].some(({ isFirstFrame }) => isFirstFrame));
  }

  /** Whether so many loans more are within the limit of frames. */
  hasFrame(count: number): boolean {
    return this.frames - this.overFrames + count <= this.maxFrames;
  }

  /** Whether so many bytes more would fit, were all idle buffers given up. */
  fits(bytes: number): boolean {
    const idle = this.#sum((pool) => pool.idleBytes);
    return this.bytes - idle - this.overBytes + bytes <= this.maxBytes;
  }

  /** Whether one loan more is within the limits, what was promised to permits counted. */
  admits(need: number): boolean {
    return this.hasFrame(1) && this.fits(need + this.promised);
  }

  /** Whether the largest loan would fit besides. */
  hasRoomBeside(need: number, frames: 0 | 1): boolean {
    return (frames === 0 || this.hasFrame(2)) && this.fits(this.promised + need + this.largest);
  }

  /** Gives up idle buffers, the longest unused of any pool first, until so many bytes more fit. */
  makeRoom(bytes: number): void {
    while (this.bytes + this.promised + Math.max(0, bytes) > this.maxBytes) {
      const oldest = this.#oldestIdle();
      if (oldest === null) return;
      oldest.giveUp(oldest.idle.length - 1);
    }
  }

  /** The waiter that came first of those that fit. Those that do not are passed over. */
  get next(): Waiter | null {
    const servable = this.pools.flatMap(({ servable: one }) => one ?? []);
    return servable.sort((one, other) => one.number - other.number)[0] ?? null;
  }

  serve(): void {
    for (let next = this.next; next !== null; next = this.next) next.pool.grant(next);
  }

  /** A signal has fired: the waiters on it are gone. Others may have room then, and are not served yet. */
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
