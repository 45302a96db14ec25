/** A `FinalizationRegistry` whose collector a test plays: what was forgotten is collected when the test says so. */

/** What the library's nets register: a loan's lifeline, with the frame that was lent through it. */
interface Target {
  readonly lent?: { close(): void } | null;
}

/** All that were made, in their order, until `takeRegistries()`. */
let made: FakeRegistry[] = [];

export class FakeRegistry {
  readonly #recover: (held: number) => void;
  /** In the order in which they were registered. */
  #watched: { target: Target; held: number; token: object }[] = [];

  constructor(recover: (held: number) => void) {
    this.#recover = recover;
    made.push(this);
  }

  /** How many things are watched now. */
  get size(): number {
    return this.#watched.length;
  }

  register(target: Target, held: number, token: object): void {
    this.#watched.push({ target, held, token });
  }

  unregister(token: object): boolean {
    const before = this.#watched.length;
    this.#watched = this.#watched.filter((one) => one.token !== token);
    return this.#watched.length < before;
  }

  /** For tests: nobody reaches the one at this place any more, nor the frame lent through it, which the engine closes. */
  collect(index: number): void {
    const [one] = this.#watched.splice(index, 1);
    if (one === undefined) throw new RangeError('nothing is watched there');
    one.target.lent?.close();
    this.#recover(one.held);
  }
}

/** The registries that were made since the last call. */
export function takeRegistries(): FakeRegistry[] {
  const taken = made;
  made = [];
  return taken;
}
