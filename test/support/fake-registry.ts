/** `FinalizationRegistry` whose collector a test plays: a target is collected when the test says so. */

/** The lifeline of a slot's loans, which the library's nets register, with the frame that was lent through it. */
interface Target {
  readonly lent?: { close(): void } | null;
  readonly loan: number;
  readonly slot: { readonly state: string };
}

/** The registries since the last `takeRegistries()`. */
let made: FakeRegistry[] = [];

export class FakeRegistry {
  readonly #recover: (held: number) => void;
  readonly #watched: { target: Target; held: number }[] = [];

  constructor(recover: (held: number) => void) {
    this.#recover = recover;
    made.push(this);
  }

  /** Number of loans that are out and watched now. */
  get size(): number {
    return this.#out.length;
  }

  register(target: Target, held: number): void {
    this.#watched.push({ target, held });
  }

  /**
   * For tests: nothing reaches the loan any more, nor the frame lent through it, which the engine closes. Indices are in
   * the order of lending.
   */
  collect(index: number): void {
    const one = this.#out[index];
    if (one === undefined) throw new RangeError('nothing is watched there');
    this.#watched.splice(this.#watched.indexOf(one), 1);
    one.target.lent?.close();
    this.#recover(one.held);
  }

  /** A pool keeps the lifelines that rest between loans, so no collector finds them. */
  get #out(): { target: Target; held: number }[] {
    return this.#watched
      .filter(({ target }) => target.slot.state === 'lent' || target.slot.state === 'reserved')
      .sort((one, other) => one.target.loan - other.target.loan);
  }
}

/** The registries that were made since the last call. */
export function takeRegistries(): FakeRegistry[] {
  const taken = made;
  made = [];
  return taken;
}
