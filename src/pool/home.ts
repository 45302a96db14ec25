/** What a handle and a permit may ask of where they came from. */
import type { FrameHandle } from './handle.ts';
import type { HolderEntry } from './holders.ts';
import type { Lifeline } from './lifeline.ts';
import type { PoolNotice } from './notices.ts';
import type { Storage } from './storage.ts';

/** The other side of a loan: a pool, or what stands for a pool of another thread. An interface, so that handles import neither. */
export interface Home {
  /** The pool's name, for messages. */
  readonly name: string;
  /** A line for the list of holders, or nothing for a share that needs none. */
  entryFor(holder: string | undefined): HolderEntry | undefined;
  /** A second share of the loan. */
  share(line: Lifeline, holder: string | undefined): FrameHandle<Storage>;
  /** The last share is back: the slot goes home in this very call. `holders` did not release it themselves. */
  comeHome(line: Lifeline, reason: PoolNotice['reason'], holders: readonly string[]): void;
  /** A frame of its own for the caller, from what the slot holds. */
  toVideoFrame(line: Lifeline, init: VideoFrameInit | undefined): VideoFrame;
}

/** What a permit may ask besides. */
export interface PermitHome extends Home {
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
