/** An open file as `VideoReader` uses it: read in this thread (local-video.ts), or in a worker (worker/remote-video.ts). */
import type { FrameHandle } from '../pool/handle.ts';
import type { FrameAtOptions, FramesOptions } from './reader.ts';

/** What opening the file found. Can be sent to other threads. */
export interface VideoFacts {
  readonly duration: number;
  readonly firstTimestamp: number;
  readonly rotation: 0 | 90 | 180 | 270;
  readonly flip: boolean;
  readonly displayWidth: number;
  readonly displayHeight: number;
  readonly codec: string;
  /** Frames a second, or null if it is not known. */
  readonly frameRate: number | null;
  /** Whether the thread that reads the file has a decoder for it. */
  readonly canDecode: boolean;
  readonly decoderConfig: VideoDecoderConfig;
  /** What the decoder will be told of its frames' size, where the file says it. */
  readonly codedWidth: number | undefined;
  readonly codedHeight: number | undefined;
  readonly hasAlpha: boolean;
}

/** Part of a file whose chunks are read, in µs. */
export interface PacketsRange {
  readonly from: number;
  readonly to: number;
  readonly signal: AbortSignal;
}

/** Options come with times that were checked, and with a signal that also fires when the reader is closed. */
export interface VideoFile {
  readonly facts: VideoFacts;
  frames(options: FramesOptions): AsyncIterableIterator<FrameHandle>;
  frameAt(timestamp: number, options: FrameAtOptions): Promise<FrameHandle>;
  packets(range: PacketsRange): AsyncIterableIterator<EncodedVideoChunk>;
  /** Lets go of the file. Idempotent. */
  close(): void;
}
