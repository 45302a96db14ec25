/** Who waits for a decommit to come to its end. */

/** The promises of `decommit()`, all settled together. */
export class Decommits {
  #waiting: ((everythingIsHome: boolean) => void)[] = [];

  /** `true` when everything is home, `false` when `commit()` comes first. */
  outcome(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  settle(everythingIsHome: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve(everythingIsHome);
  }
}
