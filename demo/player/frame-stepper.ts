/**
 * Steps frame by frame. Each requested step is performed, in order. Steps beyond the first or last frame do nothing.
 */
import type { FramePresenter } from './frame-presenter.ts';

/** Player operations that stepping needs. */
export interface StepTarget {
  /** Pauses, and resolves when no seek is in progress. */
  pauseAndWait(): Promise<void>;
  seek(time: number): Promise<void>;
}

/** Queue of steps for one presenter. */
export class FrameStepper {
  readonly #presenter: FramePresenter;
  readonly #target: StepTarget;
  readonly #requests: (1 | -1)[] = [];
  #running: Promise<void> | null = null;

  constructor(presenter: FramePresenter, target: StepTarget) {
    this.#presenter = presenter;
    this.#target = target;
  }

  /** Adds a step. Resolves when it and the steps requested meanwhile are done. */
  add(direction: 1 | -1): Promise<void> {
    this.#requests.push(direction);
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      this.#requests.length = 0;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    const presenter = this.#presenter;
    await this.#target.pauseAndWait();
    // If the user started playback during the seek, the step is obsolete.
    if (presenter.reader === null || presenter.state === 'playing') return;
    let signal = presenter.halt();
    presenter.enter('paused');
    while (this.#requests.length > 0 && !signal.aborted) {
      if (this.#requests[0] === -1) {
        this.#requests.shift();
        const back = this.#target.seek(Math.max(presenter.start, presenter.position - 1));
        ({ signal } = presenter);
        await back;
      } else {
        const forward = signal;
        await presenter.attempt(forward, () => this.#stepForward(forward));
      }
    }
  }

  /** Steps forward while the next requested step is forward, in one iteration. */
  async #stepForward(signal: AbortSignal): Promise<void> {
    const here = this.#presenter.position;
    for await (const handle of this.#presenter.frames(signal, here)) {
      if (handle.timestamp > here) {
        this.#requests.shift();
        this.#presenter.show(handle);
      }
      handle.release();
      if (this.#requests[0] !== 1) return;
    }
    // At the last frame: drop the remaining forward steps.
    while (this.#requests[0] === 1) this.#requests.shift();
  }
}
