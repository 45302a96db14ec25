/** Types and shared code of the entries that make snippets run. */

/** A file made of a snippet, or of a part of it, with code before and after it. */
export interface Part {
  /** Text at which this part of the snippet begins; a part that begins before it ends there. The snippet's beginning by default. */
  readonly from?: string;
  /** Parts with the same name run together, in one page. */
  readonly run?: string;
  /** The file's name, `main.ts` by default. The page runs `main.ts`. */
  readonly as?: string;
  /** Stand-ins for the variables that the snippet uses. */
  readonly before?: string;
  /** Checks of the result, and the clean-up. */
  readonly after?: string;
  /** Other files of the same folder, by their names. */
  readonly more?: Readonly<Record<string, string>>;
}

export type Snippets = Readonly<Record<string, Part | readonly Part[]>>;

/** Import of names of `stand-ins.ts`. */
export const standIns = (...names: string[]): string =>
  `import { ${names.join(', ')} } from '../../stand-ins.ts';\n`;

/** `handle` of a frame, in the pool `frames`. */
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

/** The end of a snippet that has returned all frames of `pool`. */
export const POOL_END = '\npool.assertNoLeaks();\n';

/** The configuration and the chunks of a video, for snippets that decode by themselves. */
export const CHUNKS = `
${standIns('chunksOf')}const { config, chunks } = await chunksOf('film.mp4');
`;

/** `context` of a canvas in the page; `drawn()` returns the number of pictures drawn on it. */
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

/** A video as a file. */
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
