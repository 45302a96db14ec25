/** Row of thumbnails of the saved copies, drawn from the copies themselves. */
import { element } from '../view/elements.ts';
import { UPRIGHT } from '../view/upright.ts';
import type { CopyKind, SavedCopy } from './saved-copies.ts';
import { ThumbnailCanvas } from './thumbnail-canvas.ts';

/** List of thumbnails. */
export class SavedCopiesStrip {
  readonly #list = element('saved-copies', HTMLUListElement);

  /** Adds a thumbnail of a copy, which its owner keeps. */
  add(copy: SavedCopy, kind: CopyKind): void {
    const thumbnail = new ThumbnailCanvas();
    // A frame that this call owns, for either kind of storage.
    const frame = copy.toVideoFrame();
    // Copies are already upright.
    thumbnail.draw(frame, UPRIGHT);
    frame.close();
    const item = document.createElement('li');
    item.dataset['kind'] = kind;
    item.append(thumbnail.canvas, kind);
    this.#list.append(item);
  }

  /** Removes all thumbnails. */
  clear(): void {
    this.#list.replaceChildren();
  }
}
