/** What a handle and a permit may ask of the pool they came from. */
import type { FrameHandle } from './handle.ts';
import type { HolderEntry } from './holders.ts';
import type { Lifeline } from './lifeline.ts';
import type { Storage } from './storage.ts';

/** The pool's side of a loan. An interface, so that handles import no pool. */
export interface Home {
  /** The pool's name, for messages. */
  readonly name: string;
  /** A line for the list of holders, or nothing for a share that needs none. */
  entryFor(holder: string | undefined): HolderEntry | undefined;
  /** A second share of the loan. */
  share(line: Lifeline, holder: string | undefined): FrameHandle<Storage>;
  /** The last share is back: the slot goes home in this very call. */
  comeHome(line: Lifeline): void;
  /** A frame of its own for the caller, from what the slot holds. */
  toVideoFrame(line: Lifeline, init: VideoFrameInit | undefined): VideoFrame;
  /**
   * Puts the frame into the slot that a permit stands for, and hands the permit's share on to a handle. `beyondBytes` also
   * where it turned out larger than there is room for.
   */
  fulfil(
    line: Lifeline,
    frame: VideoFrame,
    holder: string | undefined,
    beyondBytes: boolean,
  ): FrameHandle<Storage>;
}
