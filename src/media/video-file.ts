/** An open file as `VideoReader` uses it: read in this thread (local-video.ts), or in a worker (worker/remote-video.ts). */
import type { FrameHandle } from '../pool/handle.ts';
import type { FrameAtOptions, FramesOptions } from './reader.ts';

/** Facts from opening the file. Can be posted to other threads. */
export interface VideoFacts {
  readonly duration: number;
  readonly firstTimestamp: number;
  readonly rotation: 0 | 90 | 180 | 270;
  readonly flip: boolean;
  readonly displayWidth: number;
  readonly displayHeight: number;
  readonly codec: string;
  /** Frames per second, or null if unknown. */
  readonly frameRate: number | null;
  /** Whether the thread that reads the file has a decoder for it. */
  readonly canDecode: boolean;
  readonly decoderConfig: VideoDecoderConfig;
  /** Frame size in the decoder's configuration, if the file specifies it. */
  readonly codedWidth: number | undefined;
  readonly codedHeight: number | undefined;
  readonly hasAlpha: boolean;
}

/** Range of the chunks to read, in µs. */
export interface PacketsRange {
  readonly from: number;
  readonly to: number;
  readonly signal: AbortSignal;
}

/** The callers pass checked times, and a signal that also fires when the reader is closed. */
export interface VideoFile {
  readonly facts: VideoFacts;
  frames(options: FramesOptions): AsyncIterableIterator<FrameHandle>;
  frameAt(timestamp: number, options: FrameAtOptions): Promise<FrameHandle>;
  packets(range: PacketsRange): AsyncIterableIterator<EncodedVideoChunk>;
  /** Closes the file. Idempotent. */
  close(): void;
}
