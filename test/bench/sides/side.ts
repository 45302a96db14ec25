/** What the sides have in common: what they decode, what an app may hold, and how it behaves. */
import type { BenchClip } from '../page/clips.ts';
import type { Goal } from '../page/goal.ts';

/** The frames that every app holds: what is on the screen, the one before, and the next. */
export const HELD = 3;

/** Chunks in flight while so many are held: as many as mediabunny allows while a decoded sample waits. */
export const IN_FLIGHT = 8;

/** What a side may have in all: chunks inside the decoder, frames that wait, and frames that the app holds. */
export const CAPACITY = HELD + IN_FLIGHT;

/** The same for a reader of a file, compared with mediabunny: less than a fifth of the 38 to 42 frames that it opens. */
export const FILE_CAPACITY = HELD + 4;

/** How a side is run. */
export interface SideOptions {
  /** The decoder, where a side lets one choose; the platform's by default. */
  readonly decoder?: typeof VideoDecoder;
  /** Milliseconds that the app takes for each frame, where it asks for frames; none by default. */
  readonly pauseMs?: number;
}

/** Terms of a side that ours are compared with. */
export interface Rival {
  /** Why, in one line. */
  readonly why: string;
  /** For the ratio of frames a second; null if it is measured for orientation. */
  readonly speed: Goal | null;
  /** For the ratio of the most frames that are open at one time. */
  readonly peak: Goal | null;
}

/** A way to decode a clip. What a file of `sides/decoding` exports as `side` takes part wherever clips are decoded. */
export interface Side {
  readonly name: string;
  /** What it decodes: chunks against chunks, a file against a file, because a reader of a file has more to do. */
  readonly from: 'chunks' | 'file';
  /** What ours are to come to beside it; null for ours. */
  readonly rival: Rival | null;
  /** Gets ready, outside the measured time. What it returns decodes the clip once and resolves to the number of frames. */
  prepare(clip: BenchClip, options?: SideOptions): Promise<() => Promise<number>>;
}

/** The app, the same for every side: it holds the newest frames (`HELD` by default), and releases the oldest when one more comes. */
export class App<Frame> {
  readonly #release: (frame: Frame) => void;
  readonly #most: number;
  #held: Frame[] = [];
  /** How many frames it has released. */
  released = 0;

  constructor(release: (frame: Frame) => void, most = HELD) {
    this.#release = release;
    this.#most = most;
  }

  /** Releases the oldest, until one more fits. */
  makeRoom(most = this.#most - 1): void {
    while (this.#held.length > most) {
      const oldest = this.#held.shift();
      if (oldest !== undefined) this.#release(oldest);
      this.released++;
    }
  }

  take(frame: Frame): void {
    this.makeRoom();
    this.#held.push(frame);
  }

  /** Releases all, and returns how many it was given. */
  end(): number {
    this.makeRoom(0);
    return this.released;
  }
}

/** The app takes all frames, at its own pace, and releases them. Resolves to their number. */
export async function takeAll<Frame>(
  frames: AsyncIterable<Frame>,
  release: (frame: Frame) => void,
  pauseMs = 0,
  most?: number,
): Promise<number> {
  const app = new App(release, most);
  for await (const frame of frames) {
    app.take(frame);
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return app.end();
}
