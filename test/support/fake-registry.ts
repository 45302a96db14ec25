/** Fake `FinalizationRegistry`: a target is collected when the test calls `collect()`. */

/** The target that the library's leak detection registers for a slot's loans, with the frame of the loan. */
interface Target {
  readonly lent?: { close(): void } | null;
  readonly loan: number;
  readonly slot: { readonly state: string };
}

/** The registries made since the last `takeRegistries()`. */
let made: FakeRegistry[] = [];

export class FakeRegistry {
  readonly #recover: (held: number) => void;
  readonly #watched: { target: Target; held: number }[] = [];

  constructor(recover: (held: number) => void) {
    this.#recover = recover;
    made.push(this);
  }

  /** Number of watched loans that are out now. */
  get size(): number {
    return this.#out.length;
  }

  register(target: Target, held: number): void {
    this.#watched.push({ target, held });
  }

  /**
   * For tests: the loan and its frame become unreachable, and the engine closes the frame. Indices are in the order of lending.
   */
  collect(index: number): void {
    const one = this.#out[index];
    if (one === undefined) throw new RangeError('no such entry is watched');
    this.#watched.splice(this.#watched.indexOf(one), 1);
    one.target.lent?.close();
    this.#recover(one.held);
  }

  /** The targets of loans that are out. A pool keeps the other targets, so the collector never finds them. */
  get #out(): { target: Target; held: number }[] {
    return this.#watched
      .filter(({ target }) => target.slot.state === 'lent' || target.slot.state === 'reserved')
      .sort((one, other) => one.target.loan - other.target.loan);
  }
}

/** Returns the registries that were made since the last call. */
export function takeRegistries(): FakeRegistry[] {
  const taken = made;
  made = [];
  return taken;
}
