/** Count of a track's open frames: the frames that slots hold, for all iterations over the track. */
import type { Slot } from '../pool/slot.ts';

/**
 * Open frames of one track. A released frame has left its slot, so releases are not reported here. A frame that was moved to
 * another thread has not left its slot.
 */
export class OpenFrames {
  #kept: { readonly slot: Slot; readonly frame: object | null }[] = [];

  get count(): number {
    this.#kept = this.#kept.filter(({ slot, frame }) => slot.item === frame);
    return this.#kept.length;
  }

  /** Counts the frame that the slot holds now as a frame of the track. */
  add(slot: Slot): void {
    this.#kept.push({ slot, frame: slot.item });
  }
}

const byTrack = new WeakMap<object, OpenFrames>();

/**
 * Returns the open frames of a track, or of a stream of its frames. All readers share them, because they share the track's
 * buffers, even if one reads after the other.
 */
export function openFramesOf(track: object): OpenFrames {
  const known = byTrack.get(track);
  if (known !== undefined) return known;
  const open = new OpenFrames();
  byTrack.set(track, open);
  return open;
}
