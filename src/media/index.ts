/** Public entry point for video files on mediabunny: its export list and nothing else. */
export type { VideoRequestInit } from './address.ts';
export type { DecoderPreferences } from './container/registered-decoders.ts';
export type { OpenVideoOptions, VideoSource } from './open.ts';
export { openVideo } from './open.ts';
export type { FrameAtOptions, FramesOptions, PacketsOptions, VideoReader } from './reader.ts';
export type { WriterState } from './writer/frame-writer.ts';
export { FrameWriter } from './writer/frame-writer.ts';
export type {
  AudioStreamConfig,
  FrameWriterOptions,
  SampleInfo,
  VideoStreamConfig,
  WriterCallbacks,
  WriterEncoders,
  WriterSizeChange,
  WriterStatistics,
  WriterStatus,
} from './writer/options.ts';
export type { WriterSample, WritableOptions } from './writer/sample-sink.ts';
