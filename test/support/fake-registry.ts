/** A `FinalizationRegistry` whose collector a test plays: what was forgotten is collected when the test says so. */

/** What the library's nets register: the lifeline of a slot's loans, with the frame that was lent through it. */
interface Target {
  readonly lent?: { close(): void } | null;
  readonly loan: number;
  readonly slot: { readonly state: string };
}

/** All that were made, in their order, until `takeRegistries()`. */
let made: FakeRegistry[] = [];

export class FakeRegistry {
  readonly #recover: (held: number) => void;
  readonly #watched: { target: Target; held: number }[] = [];

  constructor(recover: (held: number) => void) {
    this.#recover = recover;
    made.push(this);
  }

  /** How many loans that are out are watched now. */
  get size(): number {
    return this.#out.length;
  }

  register(target: Target, held: number): void {
    this.#watched.push({ target, held });
  }

  /** For tests: nobody reaches the loan any more, nor the frame lent through it, which the engine closes. In the order of lending. */
  collect(index: number): void {
    const one = this.#out[index];
    if (one === undefined) throw new RangeError('nothing is watched there');
    this.#watched.splice(this.#watched.indexOf(one), 1);
    one.target.lent?.close();
    this.#recover(one.held);
  }

  /** What rests in between, a pool keeps, so that no collector finds it. */
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
