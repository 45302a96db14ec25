/** How many frames of a track are open: those that slots keep, whichever iteration took them. */
import type { Slot } from '../pool/slot.ts';

/**
 * Frames of one track. One that is let go of has left its slot, so no release need be told of here; one that was moved to another
 * thread has not.
 */
export class OpenFrames {
  #kept: { readonly slot: Slot; readonly frame: object | null }[] = [];

  get count(): number {
    this.#kept = this.#kept.filter(({ slot, frame }) => slot.item === frame);
    return this.#kept.length;
  }

  /** What the slot holds now is a frame of the track. */
  add(slot: Slot): void {
    this.#kept.push({ slot, frame: slot.item });
  }
}

const byTrack = new WeakMap<object, OpenFrames>();

/** Those of a track, or of a stream of its frames: its buffers are the same for all who read it, one after the other too. */
export function openFramesOf(track: object): OpenFrames {
  const known = byTrack.get(track);
  if (known !== undefined) return known;
  const open = new OpenFrames();
  byTrack.set(track, open);
  return open;
}
