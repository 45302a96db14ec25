/** "Hold a frame", "Forget a frame" and "Let go": what careless and forgetful apps do, by hand. */
import './hold-panel.css';
import type { FrameBudget, FrameHandle } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import type { Playable } from '../player/playable.ts';
import type { CopyKind } from './saved-copies.ts';
import { SavedCopies } from './saved-copies.ts';
import { SavedCopiesStrip } from './saved-copies-strip.ts';
import type { Orientation } from '../view/upright.ts';

/** The names under which the panel and a starvation error show these frames. */
const HOLDER = 'held by you';
const FORGETFUL = 'a forgetful app';

/** What "Hold as" may be. */
type Form = 'frame' | CopyKind;

const FORMS: readonly Form[] = ['frame', 'canvas', 'memory'];

/** Shares that people hold, and copies. */
export class HoldPanel {
  /** The pools of copies, for the table of pools. */
  readonly kept: SavedCopies;
  readonly #stage: { readonly current: Playable };
  readonly #held: FrameHandle[] = [];
  readonly #letGoButton = element('let-go', HTMLButtonElement);
  readonly #form = element('hold-as', HTMLSelectElement);
  readonly #size = element('copy-size', HTMLSelectElement);
  readonly #strip = new SavedCopiesStrip();
  readonly #text = element('hold-text', HTMLParagraphElement);
  /** What was asked for and not yet taken: it is held as was chosen when it was asked for. */
  readonly #wanted: Form[] = [];
  #forgetting = 0;

  constructor(stage: { readonly current: Playable }, budget: FrameBudget) {
    this.#stage = stage;
    this.kept = new SavedCopies(Number(this.#size.value), budget);
    element('hold', HTMLButtonElement).addEventListener('click', () => {
      this.#wanted.push(FORMS.find((one) => one === this.#form.value) ?? 'frame');
      this.#ask();
    });
    element('forget', HTMLButtonElement).addEventListener('click', () => {
      this.#forgetting++;
      this.#ask();
    });
    this.#letGoButton.addEventListener('click', () => this.letGo());
    this.#form.addEventListener('change', () => this.#showSize());
    this.#size.addEventListener('change', () => this.kept.resize(Number(this.#size.value)));
    this.#showSize();
  }

  /** A frame is on the screen: takes a share of it, or a copy, if one is wanted. */
  offer(handle: FrameHandle, orientation: Orientation): void {
    if (this.#forgetting > 0) {
      this.#forgetting--;
      // Nobody keeps what this returns. That is all there is to a leak.
      handle.retain(FORGETFUL);
      this.#say('Forgotten. The pool gets it back when the browser collects, and tells it in the notices.');
    }
    const form = this.#wanted.shift();
    if (form === undefined) return;
    if (form === 'frame') this.#held.push(handle.retain(HOLDER));
    else void this.#copy(handle, form, orientation);
    this.#letGoButton.disabled = false;
  }

  /** Gives everything back but what was forgotten, which nobody can. */
  letGo(): void {
    this.#wanted.length = 0;
    this.#forgetting = 0;
    for (const handle of this.#held.splice(0)) handle.release();
    this.kept.letGo();
    this.#strip.clear();
    this.#letGoButton.disabled = true;
    this.#say('');
  }

  /** What shows nothing new is asked for a frame all the same. */
  #ask(): void {
    const { current } = this.#stage;
    if (current.state === 'paused' || current.state === 'ended') current.showAgain();
  }

  async #copy(handle: FrameHandle, kind: CopyKind, orientation: Orientation): Promise<void> {
    if (this.kept.isFull(kind)) {
      this.#say('There is no room for another copy: let go first.');
      return;
    }
    try {
      const copy = await this.kept.keep(handle, kind, orientation, HOLDER);
      if (copy === null) return;
      this.#strip.add(copy, kind);
      const { count } = this.kept;
      this.#say(`${count === 1 ? 'One copy is' : `${count} copies are`} kept, and the player goes on.`);
    } catch (error) {
      this.#say(`No copy: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** A frame has the size that it has. */
  #showSize(): void {
    this.#size.disabled = this.#form.value === 'frame';
  }

  #say(text: string): void {
    this.#text.textContent = text;
  }
}
