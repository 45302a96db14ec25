/** What pools may hold together, and who of them is served next: sums over plain lists, made anew at each question. */
import type { PoolModel } from './pool-model.ts';
import type { ModelLoan, Waiter } from './model-loan.ts';

/** A pool without a budget has one to itself, without limits. */
export class BudgetModel {
  readonly maxBytes: number;
  readonly maxFrames: number;
  readonly pools: PoolModel[] = [];
  /** Bytes of the largest loan that any of the pools has made or may make. */
  largest = 0;

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
  /** What decoders made beyond the limits: in the sums, and in nobody's way. */
  get allowed(): ModelLoan[] {
    return this.pools.flatMap((pool) => [...pool.loans].filter(({ allowed }) => allowed));
  }

  /** Whether so many loans more are within the limit of frames. */
  hasFrame(count: number): boolean {
    return this.frames - this.allowed.length + count <= this.maxFrames;
  }

  /** Whether so many bytes more would fit, were all idle buffers given up. */
  fits(bytes: number): boolean {
    const idle = this.#sum((pool) => pool.idleBytes);
    const allowed = this.allowed.reduce((sum, loan) => sum + loan.bytes, 0);
    return this.bytes - idle - allowed + bytes <= this.maxBytes;
  }

  /** Whether one loan more is within the limits, what was promised to permits counted. */
  admits(need: number): boolean {
    return this.hasFrame(1) && this.fits(need + this.promised);
  }

  /** Whether the largest loan would fit besides. */
  hasRoomBeside(need: number, frames: 0 | 1): boolean {
    return this.hasFrame(frames + 1) && this.fits(this.promised + need + this.largest);
  }

  /** Gives up idle buffers, the longest unused of any pool first, until so many bytes more fit. */
  makeRoom(bytes: number): void {
    while (this.bytes + this.promised + Math.max(0, bytes) > this.maxBytes) {
      const oldest = this.#oldestIdle();
      if (oldest === null) return;
      oldest.giveUp(oldest.idle.length - 1);
    }
  }

  /** The waiter that came first of those whose own pool has room. No other is served before it. */
  get next(): Waiter | null {
    const heads = this.pools.flatMap(({ queue }) => queue.slice(0, 1));
    const fitting = heads.filter(({ pool, picture }) => pool.hasOwnRoom(pool.wantedBy(picture)));
    return fitting.sort((one, other) => one.number - other.number)[0] ?? null;
  }

  /** Whether the one who is next could be served now. */
  get hasNeedlessWait(): boolean {
    const { next } = this;
    return next !== null && this.admits(next.pool.needOf(next.picture));
  }

  serve(): void {
    while (this.hasNeedlessWait) this.next?.pool.grantFirst();
  }

  /** A signal has fired: whoever waits on it is gone. Others may have room then, and are not served yet. */
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
