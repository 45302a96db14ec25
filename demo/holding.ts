/** "Hold a frame" and "Let go": what a forgetful app does, by hand. */
import type { FrameHandle } from '../src/index.ts';
import { element } from './elements.ts';
import type { Player } from './player.ts';

/** The name under which the panel and a starvation error show these frames. */
const HOLDER = 'held by you';

/** Shares that people hold. */
export class Holding {
  readonly #held: FrameHandle[] = [];
  readonly #holdButton = element('hold', HTMLButtonElement);
  readonly #letGoButton = element('let-go', HTMLButtonElement);
  #wanted = 0;

  constructor(player: Player) {
    this.#holdButton.addEventListener('click', () => {
      this.#wanted++;
      // A player that shows nothing new is asked for the frame on the screen once more.
      if (player.state === 'paused' || player.state === 'ended') void player.seek(player.position);
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
