/** What a test has to know of a snippet to run it. */

/** One file that is made of a snippet, or of a part of it, with what is written around it. */
export interface Part {
  /** The text at which this part of the snippet begins; the one before ends there. By default the snippet's beginning. */
  readonly from?: string;
  /** Parts with the same name run together, in one page. */
  readonly run?: string;
  /** The file's name. `main.ts` is what the page runs. */
  readonly as?: string;
  /** Stand-ins for what the snippet presumes. */
  readonly before?: string;
  /** What must have come of it, and the end of what was begun. */
  readonly after?: string;
  /** Files beside it, by their names. */
  readonly more?: Readonly<Record<string, string>>;
}

export type Snippets = Readonly<Record<string, Part | readonly Part[]>>;

/** Import of names of `stand-ins.ts`. */
export const standIns = (...names: string[]): string =>
  `import { ${names.join(', ')} } from '../../stand-ins.ts';\n`;

/** `pool`, and a handle of a frame, in a pool of its own. */
export const HANDLE = `
const source = await openVideo('film.mp4');
const frames = new VideoFramePool({ capacity: 3 });
const handle = await source.frameAt(0, { pool: frames });
`;

export const HANDLE_END = `
handle.release();
await source.close();
frames.assertNoLeaks();
`;

export const CORE = `import { VideoFramePool } from 'video-frame-pool';\n`;
export const MEDIA = `import { openVideo } from 'video-frame-pool/media';\n`;
