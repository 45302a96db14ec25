/** How many frames of a track are open: those that slots keep, whichever iteration took them. */
import { isClosed } from '../pool/frames.ts';

/** Frames of one track. One that is closed has left its slot, so no release need be told of here. */
export class OpenFrames {
  #kept: VideoFrame[] = [];

  get count(): number {
    this.#kept = this.#kept.filter((frame) => !isClosed(frame));
    return this.#kept.length;
  }

  add(frame: VideoFrame): void {
    this.#kept.push(frame);
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
