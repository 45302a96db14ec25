/** "Hold a frame" and "Let go": what a forgetful app does, by hand. */
import type { FrameHandle } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import type { Playable } from '../player/playable.ts';

/** The name under which the panel and a starvation error show these frames. */
const HOLDER = 'held by you';

/** Shares that people hold. */
export class Holding {
  readonly #held: FrameHandle[] = [];
  readonly #holdButton = element('hold', HTMLButtonElement);
  readonly #letGoButton = element('let-go', HTMLButtonElement);
  #wanted = 0;

  constructor(stage: { readonly current: Playable }) {
    this.#holdButton.addEventListener('click', () => {
      this.#wanted++;
      const { current } = stage;
      // What shows nothing new is asked for a frame all the same.
      if (current.state === 'paused' || current.state === 'ended') current.showAgain();
    });
    this.#letGoButton.addEventListener('click', () => this.letGo());
  }

  /** A frame is on the screen: takes a share of it, if one is wanted. */
  offer(handle: FrameHandle): void {
    if (this.#wanted === 0) return;
    this.#wanted--;
    this.#held.push(handle.retain(HOLDER));
    this.#letGoButton.disabled = false;
  }

  /** Gives everything back. */
  letGo(): void {
    this.#wanted = 0;
    for (const handle of this.#held.splice(0)) handle.release();
    this.#letGoButton.disabled = true;
  }
}
