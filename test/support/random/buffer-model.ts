/** Model of a pool of buffers that copies pictures: plain lists of loans, idle buffers and waiters. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A request. */
export interface CopyWish {
  readonly id: number;
  /** Size of the picture to copy; null for an empty buffer. */
  readonly picture: Size | null;
  readonly sizeChange: 'scale' | 'reject' | 'reconfigure';
}

export interface Loan extends Size {
  readonly generation: number;
  shares: number;
  /** Whether its memory was detached. */
  harmed: boolean;
}

const isSame = (one: Size, other: Size): boolean => one.width === other.width && one.height === other.height;

/** Four bytes per pixel, or the three planes of I420. */
export const bytesOf = ({ width, height }: Size, isPlanes: boolean): number =>
  isPlanes ? width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2) : width * height * 4;

export class BufferModel {
  state: 'active' | 'draining' | 'decommitted' = 'active';
  capacity: number;
  idle = 0;
  returns = 0;
  discarded = 0;
  readonly loans = new Set<Loan>();
  readonly queue: CopyWish[] = [];
  /** Results of requests that were not compared yet: a loan, or the name of an error. */
  readonly settled = new Map<number, Loan | string>();
  readonly #isPlanes: boolean;
  #target: number;
  #size: Size;
  #generation = 0;
  /** Loans to pictures that do not fit. They are returned as soon as that is detected. */
  readonly #failed: Loan[] = [];

  constructor(capacity: number, size: Size, isPlanes: boolean) {
    this.capacity = capacity;
    this.#target = capacity;
    this.#size = size;
    this.#isPlanes = isPlanes;
  }

  get free(): number {
    return this.capacity - this.loans.size;
  }

  get bytes(): number {
    const lent = [...this.loans].reduce((sum, loan) => sum + bytesOf(loan, this.#isPlanes), 0);
    return lent + this.idle * bytesOf(this.#size, this.#isPlanes);
  }

  ask(wish: CopyWish): void {
    if (this.state !== 'active') this.settled.set(wish.id, 'InvalidStateError');
    else if (this.#refuses(wish)) this.settled.set(wish.id, 'RangeError');
    else {
      this.queue.push(wish);
      this.#serve();
    }
  }

  abort(id: number): void {
    const at = this.queue.findIndex((wish) => wish.id === id);
    if (at < 0) return;
    this.queue.splice(at, 1);
    this.settled.set(id, 'AbortError');
    // The next waiter may request less.
    this.#serve();
  }

  drop(loan: Loan): void {
    if (--loan.shares > 0) return;
    this.#takeBack(loan);
    this.#serve();
  }

  resize(capacity: number): void {
    this.#target = capacity;
    this.capacity = Math.max(capacity, this.loans.size);
    this.idle = Math.min(this.idle, Math.max(0, this.free));
    this.#serve();
  }

  restore(size: Size): void {
    this.#adopt(size);
    this.#serve();
  }

  decommit(): void {
    if (this.state !== 'active') return;
    this.state = this.loans.size === 0 ? 'decommitted' : 'draining';
    this.idle = 0;
    for (const { id } of this.queue.splice(0)) this.settled.set(id, 'AbortError');
  }

  #takeBack(loan: Loan): void {
    this.loans.delete(loan);
    this.returns++;
    if (this.capacity > this.#target) this.capacity--;
    const isWhole = loan.generation === this.#generation && !loan.harmed;
    if (this.state === 'active' && isWhole && this.idle < this.free) this.idle++;
    else this.discarded++;
    if (this.state === 'draining' && this.loans.size === 0) this.state = 'decommitted';
  }

  #refuses({ picture, sizeChange }: CopyWish): boolean {
    return sizeChange === 'reject' && picture !== null && !isSame(picture, this.#size);
  }

  #serve(): void {
    for (;;) {
      while (this.state === 'active' && this.free > 0 && this.queue.length > 0)
        this.#grant(this.queue.shift() as CopyWish);
      const failed = this.#failed.shift();
      if (failed === undefined) return;
      this.#takeBack(failed);
    }
  }

  #grant(wish: CopyWish): void {
    const { id, picture, sizeChange } = wish;
    // The size of the buffers may have changed during the wait.
    if (this.#refuses(wish)) {
      this.settled.set(id, 'RangeError');
      return;
    }
    if (sizeChange === 'reconfigure' && picture !== null && !isSame(picture, this.#size))
      this.#adopt(picture);
    if (this.idle > 0) this.idle--;
    const loan = { ...this.#size, generation: this.#generation, shares: 1, harmed: false };
    this.loans.add(loan);
    const fits = !this.#isPlanes || picture === null || isSame(picture, this.#size);
    this.settled.set(id, fits ? loan : 'NotSupportedError');
    if (!fits) this.#failed.push(loan);
  }

  #adopt(size: Size): void {
    this.#size = size;
    this.#generation++;
    this.idle = 0;
  }
}
