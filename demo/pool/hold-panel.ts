/** Panel to hold, leak and release frames: reproduces by hand the mistakes of apps. */
import './hold-panel.css';
import type { FrameBudget, FrameHandle } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import type { Playable } from '../player/playable.ts';
import type { CopyKind } from './saved-copies.ts';
import { SavedCopies } from './saved-copies.ts';
import { SavedCopiesStrip } from './saved-copies-strip.ts';
import type { Orientation } from '../view/upright.ts';

/** Holder names of these frames in the panel and in starvation errors. */
const HOLDER = 'held by you';
const LEAKY_HOLDER = 'leaky app';

/** Options of "Hold as". */
type Form = 'frame' | CopyKind;

const FORMS: readonly Form[] = ['frame', 'canvas', 'memory'];

/** Panel with the shares and copies that the user holds. */
export class HoldPanel {
  /** Saved copies and their pools, for the table of pools. */
  readonly copies: SavedCopies;
  readonly #stage: { readonly current: Playable };
  readonly #held: FrameHandle[] = [];
  readonly #releaseButton = element('release-held', HTMLButtonElement);
  readonly #form = element('hold-as', HTMLSelectElement);
  readonly #size = element('copy-size', HTMLSelectElement);
  readonly #strip = new SavedCopiesStrip();
  readonly #text = element('hold-text', HTMLParagraphElement);
  /** Pending requests. Each keeps the form that was selected when it was made. */
  readonly #requests: Form[] = [];
  #leaksRequested = 0;

  constructor(stage: { readonly current: Playable }, budget: FrameBudget) {
    this.#stage = stage;
    this.copies = new SavedCopies(Number(this.#size.value), budget);
    element('hold', HTMLButtonElement).addEventListener('click', () => {
      this.#requests.push(FORMS.find((one) => one === this.#form.value) ?? 'frame');
      this.#requestFrame();
    });
    element('forget', HTMLButtonElement).addEventListener('click', () => {
      this.#leaksRequested++;
      this.#requestFrame();
    });
    this.#releaseButton.addEventListener('click', () => this.releaseAll());
    this.#form.addEventListener('change', () => this.#showSize());
    this.#size.addEventListener('change', () => this.copies.resize(Number(this.#size.value)));
    this.#showSize();
  }

  /** Takes a share or a copy of the frame on the screen if one is requested. */
  offer(handle: FrameHandle, orientation: Orientation): void {
    if (this.#leaksRequested > 0) {
      this.#leaksRequested--;
      // The returned handle is dropped, which leaks the share.
      handle.retain(LEAKY_HOLDER);
      this.#showText(
        'Frame leaked. The pool recovers it at a garbage collection and lists it under Notices.',
      );
    }
    const form = this.#requests.shift();
    if (form === undefined) return;
    if (form === 'frame') this.#held.push(handle.retain(HOLDER));
    else void this.#copy(handle, form, orientation);
    this.#releaseButton.disabled = false;
  }

  /** Releases all shares and copies, except leaked ones, which have no handle left. */
  releaseAll(): void {
    this.#requests.length = 0;
    this.#leaksRequested = 0;
    for (const handle of this.#held.splice(0)) handle.release();
    this.copies.releaseAll();
    this.#strip.clear();
    this.#releaseButton.disabled = true;
    this.#showText('');
  }

  /** A source that is not playing is asked for a frame. */
  #requestFrame(): void {
    const { current } = this.#stage;
    if (current.state === 'paused' || current.state === 'ended') current.showAgain();
  }

  async #copy(handle: FrameHandle, kind: CopyKind, orientation: Orientation): Promise<void> {
    if (this.copies.isFull(kind)) {
      this.#showText('No free slot for another copy. Release the copies first.');
      return;
    }
    try {
      const copy = await this.copies.save(handle, kind, orientation, HOLDER);
      if (copy === null) return;
      this.#strip.add(copy, kind);
      const { count } = this.copies;
      this.#showText(`${count === 1 ? '1 copy' : `${count} copies`} saved. The player is not affected.`);
    } catch (error) {
      this.#showText(`Copy failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Decoded frames have a fixed size; only copies can be resized. */
  #showSize(): void {
    this.#size.disabled = this.#form.value === 'frame';
  }

  #showText(text: string): void {
    this.#text.textContent = text;
  }
}
