/** The copies that are kept, in small pictures of their own: what is in them, not what they were made of. */
import { element } from '../view/elements.ts';
import { UPRIGHT } from '../view/upright.ts';
import type { CopyKind, SavedCopy } from './saved-copies.ts';
import { SmallPicture } from './small-picture.ts';

/** A list of pictures. */
export class SavedCopiesStrip {
  readonly #list = element('kept', HTMLUListElement);

  /** Draws a copy, which stays its owner's. */
  add(copy: SavedCopy, kind: CopyKind): void {
    const picture = new SmallPicture();
    // A frame of this call's own, whatever the copy is made on.
    const frame = copy.toVideoFrame();
    // Copies are upright already.
    picture.draw(frame, UPRIGHT);
    frame.close();
    const item = document.createElement('li');
    item.dataset['kind'] = kind;
    item.append(picture.canvas, kind);
    this.#list.append(item);
  }

  /** Shows none. */
  clear(): void {
    this.#list.replaceChildren();
  }
}
