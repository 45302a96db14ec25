/** Fake `FinalizationRegistry`: a target is collected when the test calls `collect()`. */

/** The target that the library's leak detection registers: a loan, with the frame lent through it. */
interface Target {
  readonly lent?: { close(): void } | null;
}

/** The registries made since the last `takeRegistries()`. */
let made: FakeRegistry[] = [];

export class FakeRegistry {
  readonly #recover: (held: number) => void;
  /** In the order of lending. */
  readonly #watched = new Map<Target, number>();

  constructor(recover: (held: number) => void) {
    this.#recover = recover;
    made.push(this);
  }

  /** Number of watched loans. */
  get size(): number {
    return this.#watched.size;
  }

  register(target: Target, held: number): void {
    this.#watched.set(target, held);
  }

  unregister(target: Target): void {
    this.#watched.delete(target);
  }

  /**
   * For tests: the loan and its frame become unreachable, and the engine closes the frame. Indices are in the order of lending.
   */
  collect(index: number): void {
    const one = [...this.#watched][index];
    if (one === undefined) throw new RangeError('nothing is watched there');
    const [target, held] = one;
    this.#watched.delete(target);
    target.lent?.close();
    this.#recover(held);
  }
}

/** Returns the registries that were made since the last call. */
export function takeRegistries(): FakeRegistry[] {
  const taken = made;
  made = [];
  return taken;
}
