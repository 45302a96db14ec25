/** Player of a video, as the bench measures it. */
import type { Goal } from '../page/goal.ts';

/** An open video, with its first picture on the canvas. */
export interface OpenFilm {
  /** Resolves when the picture of that time, in µs, is on the canvas. */
  seek(time: number): Promise<void>;
  /** Plays from the beginning to the end. Resolves to the number of pictures that were due and never displayed. */
  play(): Promise<number>;
  close(): Promise<void>;
}

/** Player that the demo's is compared with. Goals are for ratios; null if it is measured for orientation. */
export interface RivalPlayer {
  /** The reason, in one line. */
  readonly why: string;
  /** For the times of the first picture and of a seek. */
  readonly times: Goal | null;
  /** For the dropped pictures, plus one. */
  readonly drops: Goal | null;
}

/** One way to play a video. Each file of this folder that exports `player` takes part. */
export interface Player {
  readonly name: string;
  /** The demo's goal beside this player; null for the demo's own. */
  readonly rival: RivalPlayer | null;
  /** Opens a video; resolves when its first picture is on the canvas. */
  open(film: Blob, screen: HTMLCanvasElement): Promise<OpenFilm>;
}

/** The time of the page's next paint, in ms. */
export const nextPaint = (): Promise<number> => new Promise(requestAnimationFrame);
