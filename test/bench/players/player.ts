/** What a player does that is measured, whoever plays. */

/** A film that is open, with its first picture on the canvas. */
export interface OpenFilm {
  /** Resolves when the picture of that time, in µs, is on the canvas. */
  seek(time: number): Promise<void>;
  /** Plays from the beginning to the end. Tells how many pictures were due and never shown. */
  play(): Promise<number>;
  close(): Promise<void>;
}

/** One way to play a film. */
export interface Player {
  readonly name: string;
  /** Opens a film; resolves when its first picture is on the canvas. */
  open(film: Blob, screen: HTMLCanvasElement): Promise<OpenFilm>;
}

/** The page's time in ms when it paints next. */
export const nextPaint = (): Promise<number> => new Promise(requestAnimationFrame);
