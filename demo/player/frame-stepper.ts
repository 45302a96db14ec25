/** FrameStepper of one frame: each is made, in the order in which they are wished for. Beyond the first frame and the last there is nowhere to go. */
import type { FramePresenter } from './frame-presenter.ts';

/** What steps are made by. */
export interface StepTarget {
  /** Resolves when it stands, and nothing is being sought. */
  stand(): Promise<void>;
  seek(time: number): Promise<void>;
}

export class FrameStepper {
  readonly #projector: FramePresenter;
  readonly #stepped: StepTarget;
  readonly #wishes: (1 | -1)[] = [];
  #making: Promise<void> | null = null;

  constructor(projector: FramePresenter, stepped: StepTarget) {
    this.#projector = projector;
    this.#stepped = stepped;
  }

  /** Resolves when this step is made, and those that were wished for meanwhile. */
  add(direction: 1 | -1): Promise<void> {
    this.#wishes.push(direction);
    this.#making ??= this.#make().finally(() => {
      this.#making = null;
      this.#wishes.length = 0;
    });
    return this.#making;
  }

  async #make(): Promise<void> {
    const projector = this.#projector;
    await this.#stepped.stand();
    // Who played while it was sought wants that, and no step any more.
    if (projector.reader === null || projector.state === 'playing') return;
    let signal = projector.halt();
    projector.enter('paused');
    while (this.#wishes.length > 0 && !signal.aborted) {
      if (this.#wishes[0] === -1) {
        this.#wishes.shift();
        const back = this.#stepped.seek(Math.max(projector.start, projector.position - 1));
        ({ signal } = projector);
        await back;
      } else {
        const forward = signal;
        await projector.attempt(forward, () => this.#goForward(forward));
      }
    }
  }

  /** Goes forward for as long as that is what is wanted next, in one iteration. */
  async #goForward(signal: AbortSignal): Promise<void> {
    const here = this.#projector.position;
    for await (const handle of this.#projector.frames(signal, here)) {
      if (handle.timestamp > here) {
        this.#wishes.shift();
        this.#projector.show(handle);
      }
      handle.release();
      if (this.#wishes[0] !== 1) return;
    }
    // There is nowhere to go: those that wait are over.
    while (this.#wishes[0] === 1) this.#wishes.shift();
  }
}
