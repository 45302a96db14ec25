/** Player of a film, as the bench measures it. */
import type { Goal } from '../page/goal.ts';

/** A film that is open, with its first picture on the canvas. */
export interface OpenFilm {
  /** Resolves when the picture of that time, in µs, is on the canvas. */
  seek(time: number): Promise<void>;
  /** Plays from the beginning to the end. Resolves to the number of pictures that were due and never shown. */
  play(): Promise<number>;
  close(): Promise<void>;
}

/** Player that the demo's is compared with. Goals are for ratios; null if it is measured for orientation. */
export interface RivalPlayer {
  /** Why, in one line. */
  readonly why: string;
  /** For the times of the first picture and of a seek. */
  readonly times: Goal | null;
  /** For the pictures that were dropped, plus one. */
  readonly drops: Goal | null;
}

/** One way to play a film. What another file of this folder exports as `player` takes part. */
export interface Player {
  readonly name: string;
  /** What the demo's is to come to beside it; null for the demo's own. */
  readonly rival: RivalPlayer | null;
  /** Opens a film; resolves when its first picture is on the canvas. */
  open(film: Blob, screen: HTMLCanvasElement): Promise<OpenFilm>;
}

/** The page's time in ms when it paints next. */
export const nextPaint = (): Promise<number> => new Promise(requestAnimationFrame);
