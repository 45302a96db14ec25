/** VideoReader, the public class that reads frames from a file: in order, or the one that is shown at a time. */
import type { FrameHandle } from '../pool/handle.ts';
import { noteCall } from '../pool/handle.ts';
import { inCall } from '../base/call-site.ts';
import { asyncDispose } from '../base/disposal.ts';
import { aborted, invalidState, requireTime } from '../base/errors.ts';
import { guardOnce } from '../base/guarded-class.ts';
import { coreOf, VideoFramePool } from '../pool/pool.ts';
import { readableFrames } from '../streams/readable-frames.ts';
import { undecodableError } from './decodability.ts';

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

/** Range and destination of the frames. */
export interface FramesOptions {
  /** The pool that owns the frames and limits their number. */
  readonly pool: VideoFramePool;
  /** Time in µs: the first frame is the one shown then. From the very first frame by default, including negative times. */
  readonly from?: number | undefined;
  /** Time in µs before which the frames end. To the last frame by default. */
  readonly to?: number | undefined;
  /** Ends the iteration with its reason; frames that were decoded and not taken are released. */
  readonly signal?: AbortSignal | undefined;
  /** Name of the holder of the frames in `holders()`. */
  readonly holder?: string | undefined;
  /** Milliseconds without a frame after which a wait ends with a `PoolStarvedError`. 10,000 by default. */
  readonly starvationMs?: number | undefined;
}

/** Range of encoded chunks. */
export interface PacketsOptions {
  /**
   * Time in µs: the first chunk is the key frame that is needed to decode the frame shown then. From the beginning by default.
   */
  readonly from?: number | undefined;
  /** Time in µs: the last chunk is the last in decode order whose frame begins before it. To the end by default. */
  readonly to?: number | undefined;
  /** Ends the iteration with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Destination of one frame, and the signal that ends the wait for it. */
export type FrameAtOptions = Omit<FramesOptions, 'from' | 'to'>;

/** Stack of the app's call, if the pool tracks its holders. A value that is not a pool is refused later. */
const callFor = (pool: unknown): string | undefined =>
  pool instanceof VideoFramePool ? coreOf(pool).noteCall() : undefined;

/**
 * An open video file. Created by `openVideo()` and owned by its caller, who must close it.
 *
 * Any number of iterations may run at a time, each with its own decoder. A reader that was opened with a worker owns the worker,
 * and terminates it on close. If the worker ends before that, pending and later calls fail with `InvalidStateError`; frames that
 * were taken stay valid.
 */
export class VideoReader {
  /** End of the last frame, in µs; if an edit list ends the video earlier, that time, and later frames are left out. */
  readonly duration: number;
  /** Start of the first frame, in µs; below 0 if an edit list cuts the beginning off. */
  readonly firstTimestamp: number;
  /** Clockwise rotation in degrees that makes frames upright. Frames are decoded as stored. */
  readonly rotation: 0 | 90 | 180 | 270;
  /**
   * Whether frames must be mirrored left to right, after the rotation. A video that is mirrored top to bottom has a rotation of
   * 180 and this flip.
   */
  readonly flip: boolean;
  /** Width of the upright picture in square pixels. */
  readonly displayWidth: number;
  /** Height of the upright picture in square pixels. */
  readonly displayHeight: number;
  /** The codec string of WebCodecs: `'vp09.00.10.08'`, `'avc1.64001f'`. */
  readonly codec: string;
  /**
   * Whether the file has an alpha channel, even if it was opened with `alpha: 'discard'`. Its frames are transparent: of format
   * I420A, or of 8-bit RGB (RGBA, BGRA) in an engine that draws I420A opaque.
   */
  readonly hasAlpha: boolean;
  /**
   * Frames per second, or null for a single frame and for a live stream. The average of about the first 64 frames, from the times
   * in the container.
   */
  readonly frameRate: number | null;
  /**
   * Whether the codec can be decoded in the thread that reads the file: by the platform, by the `decoder` of the options, or by a
   * decoder that is registered with mediabunny. If not, `frames()`, `readable()` and `frameAt()` throw `NotSupportedError`;
   * `packets()` and all properties are available.
   */
  readonly canDecode: boolean;
  /**
   * The configuration of the decoder, with the codec's description. `FrameWriter.writeChunk()` takes it with the first of the
   * `packets()`. The caller must not change it.
   */
  readonly decoderConfig: VideoDecoderConfig;

  readonly #file: VideoFile;
  /** Advice for the error if the codec cannot be decoded. */
  readonly #hint: string;
  readonly #closing = new AbortController();

  /** @internal */
  constructor(file: VideoFile, hint = '') {
    const { facts } = file;
    this.duration = facts.duration;
    this.firstTimestamp = facts.firstTimestamp;
    this.rotation = facts.rotation;
    this.flip = facts.flip;
    this.displayWidth = facts.displayWidth;
    this.displayHeight = facts.displayHeight;
    this.codec = facts.codec;
    this.frameRate = facts.frameRate;
    this.canDecode = facts.canDecode;
    this.decoderConfig = facts.decoderConfig;
    this.hasAlpha = facts.hasAlpha;
    this.#file = file;
    this.#hint = hint;
    guardOnce(VideoReader.prototype, 'VideoReader', (made) => #file in made);
  }

  /**
   * Decodes frames in presentation order, at the pace at which they are taken.
   *
   * The caller owns each handle, and must release it once. If the browser reclaims the codec, it is opened again, and continues
   * with the frame that was due.
   *
   * @throws `TypeError` for an invalid pool or time; `InvalidStateError` when the reader is closed; `NotSupportedError` for a
   * codec that cannot be decoded. Synchronously.
   * @throws From `next()`, after the good frames before it: `EncodingError` if the file is damaged, `NetworkError` if its address
   * responds with an error or other bytes, or breaks off for good, and all errors of `decodeFrames()`. A silent server does not
   * end the wait; the signal or closing the reader does.
   */
  frames(options: FramesOptions): AsyncIterableIterator<FrameHandle> {
    this.#requireOpen('frames()');
    this.#requireDecodable('frames()');
    requireTime('from', options.from);
    requireTime('to', options.to);
    return inCall(callFor(options.pool), () => this.#file.frames(this.#untilClosed(options)));
  }

  /**
   * The frames as a stream, for pipes. Canceling it ends the decoding and releases frames that were decoded and not read.
   *
   * @throws As `frames()`: synchronously, and from the stream.
   */
  readable(options: FramesOptions): ReadableStream<FrameHandle> {
    return readableFrames(this.frames(options));
  }

  /**
   * Decodes the one frame that is shown at a time: the last that begins at or before it. Before the first frame it returns the
   * first, and after the last the last. Of frames with equal times the last one is shown.
   *
   * @param timestamp - In µs.
   * @returns One share, owned by the caller, who must release it once.
   * @throws As `frames()`, but always as a rejection.
   */
  async frameAt(timestamp: number, options: FrameAtOptions): Promise<FrameHandle> {
    this.#requireOpen('frameAt()');
    this.#requireDecodable('frameAt()');
    requireTime('timestamp', timestamp);
    const call = callFor(options.pool);
    const handle = await this.#file.frameAt(timestamp, this.#untilClosed(options));
    noteCall(handle, call);
    return handle;
  }

  /**
   * Reads encoded chunks in decode order, without decoding: from the key frame at or before `from`, through the last chunk whose
   * frame begins before `to`. The first chunk may have a time before `from`, and chunks that frames before `to` refer to may have
   * times after `to`. `FrameWriter.writeChunk()` takes them, so that a part of a video can be cut out without loss.
   *
   * Chunks are read on demand. They need neither a slot of a pool nor closing.
   *
   * @throws `TypeError` for an invalid time; `InvalidStateError` when the reader is closed. Synchronously.
   * @throws From `next()`: the errors of `frames()` about the file and its address, and the signal's reason.
   */
  packets(options: PacketsOptions = {}): AsyncIterableIterator<EncodedVideoChunk> {
    const { from = -Infinity, to = Infinity, signal } = options;
    this.#requireOpen('packets()');
    requireTime('from', from);
    requireTime('to', to);
    return this.#file.packets({ from, to, signal: this.#closingOr(signal) });
  }

  /** Closes the file, and ends everything that runs on it with `AbortError`. Frames that were taken stay valid. Idempotent. */
  close(): Promise<void> {
    this.#closing.abort(aborted('the reader was closed'));
    this.#file.close();
    return Promise.resolve();
  }

  /** Calls `close()`, for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }

  #untilClosed<T extends FrameAtOptions>(options: T): T {
    const { signal, holder = 'VideoReader' } = options;
    return { ...options, holder, signal: this.#closingOr(signal) };
  }

  #closingOr(signal: AbortSignal | undefined): AbortSignal {
    const closing = this.#closing.signal;
    return signal === undefined ? closing : AbortSignal.any([signal, closing]);
  }

  #requireDecodable(call: string): void {
    if (!this.canDecode) throw undecodableError(call, this.codec, this.#hint);
  }

  #requireOpen(call: string): void {
    if (this.#closing.signal.aborted) throw invalidState(`${call}: the reader is closed`);
  }
}
