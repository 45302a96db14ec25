/** Video files for pools, on mediabunny: the public list, and nothing else. */
export type { OpenVideoOptions } from './open.ts';
export { openVideo } from './open.ts';
export type { FrameAtOptions, FramesOptions, VideoReader } from './reader.ts';
