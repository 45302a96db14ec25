/** Promises of the pending `decommit()` calls of a pool. */

/** Pending promises of `decommit()`. All are resolved together. */
export class Decommits {
  #waiting: ((everythingIsHome: boolean) => void)[] = [];

  /** Resolves with `true` once every slot is returned, with `false` if `commit()` is called first. */
  outcome(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  resolveAll(everythingIsHome: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve(everythingIsHome);
  }
}
