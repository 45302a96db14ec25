/** Common terms of all sides: the input, the number of held frames, and the app's behaviour. */
import type { BenchClip } from '../page/clips.ts';
import type { Goal } from '../page/goal.ts';

/** The frames that every app holds: the displayed one, the previous one, and the next. */
export const HELD = 3;

/** Chunks in flight while this many are held: as many as mediabunny allows while a decoded sample waits. */
export const IN_FLIGHT = 8;

/** The total limit of a side: chunks inside the decoder, frames that wait, and frames that the app holds. */
export const CAPACITY = HELD + IN_FLIGHT;

/** The same for a reader of a file, compared with mediabunny: less than a fifth of the 38 to 42 frames that it opens. */
export const FILE_CAPACITY = HELD + 4;

/** Options of a side's run. */
export interface SideOptions {
  /** The decoder, if a side accepts one; the platform's by default. */
  readonly decoder?: typeof VideoDecoder;
  /** Milliseconds that the app takes for each frame, if it requests frames; none by default. */
  readonly pauseMs?: number;
}

/** Terms of a side that ours are compared with. */
export interface Rival {
  /** The reason, in one line. */
  readonly why: string;
  /** For the ratio of frames a second; null if it is measured for orientation. */
  readonly speed: Goal | null;
  /** For the ratio of the most frames that are open at one time. */
  readonly peak: Goal | null;
}

/** One way to decode a clip. Each file of `sides/decoding` that exports `side` takes part in all decoding cases. */
export interface Side {
  readonly name: string;
  /**
   * Its input: chunks are compared with chunks, and a file with a file, because a reader of a file has more to do.
   */
  readonly from: 'chunks' | 'file';
  /** Our goal beside this side; null for ours. */
  readonly rival: Rival | null;
  /**
   * Prepares, outside the measured time. The returned function decodes the clip once and resolves to the number of
   * frames.
   */
  prepare(clip: BenchClip, options?: SideOptions): Promise<() => Promise<number>>;
}

/** The app, the same for every side: it holds the newest frames (`HELD` by default), and releases the oldest when one more comes. */
export class App<Frame> {
  readonly #release: (frame: Frame) => void;
  readonly #most: number;
  #held: Frame[] = [];
  /** The number of released frames. */
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

  /** Releases all, and returns the number of frames. */
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
