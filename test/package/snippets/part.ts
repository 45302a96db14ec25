/** What a test has to know of a snippet to run it. */

/** One file that is made of a snippet, or of a part of it, with what is written around it. */
export interface Part {
  /** Text at which this part of the snippet begins; a part that begins before it ends there. The snippet's beginning by default. */
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

/** The end of a snippet that has given back all frames of `pool`. */
export const POOL_END = '\npool.assertNoLeaks();\n';

/** The configuration and the chunks of a film, for snippets that decode by themselves. */
export const CHUNKS = `
${standIns('chunksOf')}const { config, chunks } = await chunksOf('film.mp4');
`;

/** `context` of a canvas in the page, and how often something was `drawn()` on it. */
export const SCREEN = `
${standIns('screen')}const { context, drawn } = screen();
`;

/** A worker's script that publishes what it examines. */
export const EXAMINING = `
const channel = new BroadcastChannel('examined');
const examine = (frame: VideoFrame, data: unknown) => {
  if (frame.codedWidth !== 0) channel.postMessage(data);
};
`;

/** A film as a file. */
export const FILE = `
${standIns('fileOf')}const file = await fileOf('film.mp4');
`;

/** A writer into memory that has begun, and its `video` stream. */
export const WRITER = `
import { BufferTarget, Mp4OutputFormat } from 'mediabunny';
const target = new BufferTarget();
const writer = new FrameWriter({ format: new Mp4OutputFormat(), target });
const video = await writer.addVideoStream({ codec: 'avc', width: 320, height: 180 });
await writer.beginWriting();
`;

export const CORE = `import { VideoFramePool } from 'video-frame-pool';\n`;
export const MEDIA = `import { openVideo } from 'video-frame-pool/media';\n`;
