/** Frames out of a file: all of them in order, or the one that is shown at a time. */
import { inCall } from '../call-site.ts';
import { asyncDispose } from '../disposal.ts';
import { aborted, invalidState, requireTime } from '../errors.ts';
import { guardOnce } from '../guarded-class.ts';
import { noteCall } from '../pool/handle.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { coreOf, VideoFramePool } from '../pool/pool.ts';
import { readableFrames } from '../stream/readable-frames.ts';
import { undecodable } from './decodability.ts';
import type { VideoFile } from './video-file.ts';

/** Which frames, and into which pool. */
export interface FramesOptions {
  /** Where the frames live, and whose cap holds. */
  readonly pool: VideoFramePool;
  /** Time in µs: the first frame is the one shown then. From the very first frame by default, negative times included. */
  readonly from?: number | undefined;
  /** Time in µs before which the frames end. To the last by default. */
  readonly to?: number | undefined;
  /** Ends the iteration with its reason; frames that were decoded and not taken are released. */
  readonly signal?: AbortSignal | undefined;
  /** Who holds the frames, as `holders()` will name it. */
  readonly holder?: string | undefined;
  /** Milliseconds without a frame after which a wait ends with a `PoolStarvedError`. 10,000 by default. */
  readonly starvationMs?: number | undefined;
}

/** Which part of the encoded video. */
export interface PacketsOptions {
  /** Time in µs: the first chunk is the key frame that is needed to decode the frame shown then. From the beginning by default. */
  readonly from?: number | undefined;
  /** Time in µs: the last chunk is the last in decode order whose frame begins before it. To the end by default. */
  readonly to?: number | undefined;
  /** Ends the iteration with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Where one frame goes, and what ends the wait for it. */
export type FrameAtOptions = Omit<FramesOptions, 'from' | 'to'>;

/** The app's call, if the pool tracks its holders. What is no pool is refused later. */
const callFor = (pool: unknown): string | undefined =>
  pool instanceof VideoFramePool ? coreOf(pool).noteCall() : undefined;

/**
 * An open video file. Made by `openVideo()`, owned by whoever called that, and to be closed.
 *
 * Any number of iterations may run at a time, each with a decoder of its own. A reader that was opened with a worker owns
 * the worker, and ends it when it is closed. When the worker ends before, pending calls and later ones fail with
 * `InvalidStateError`; frames that were taken stay.
 */
export class VideoReader {
  /** When the last frame ends, in µs; where an edit list cuts the end off, there. Frames after that are left out. */
  readonly duration: number;
  /** When the first frame begins, in µs; below 0 where an edit list cuts the beginning off. */
  readonly firstTimestamp: number;
  /** By how many degrees clockwise frames are to be turned to stand upright. Frames come as they are stored. */
  readonly rotation: 0 | 90 | 180 | 270;
  /**
   * Whether frames must be mirrored left to right, after the rotation. A video that is mirrored top to bottom has a rotation
   * of 180 and this flip.
   */
  readonly flip: boolean;
  /** Width of the upright picture in square pixels. */
  readonly displayWidth: number;
  /** Height of the upright picture in square pixels. */
  readonly displayHeight: number;
  /** The codec string, as WebCodecs takes it: `'vp09.00.10.08'`, `'avc1.64001f'`. */
  readonly codec: string;
  /**
   * Whether the file has an alpha channel, also if it was opened with `alpha: 'discard'`. Frames are transparent then: of format
   * I420A, or of 8-bit colours (RGBA, BGRA) in an engine that draws I420A opaque.
   */
  readonly hasAlpha: boolean;
  /**
   * Frames a second, or null for a single frame and for a live stream. The average of the first 64 frames or so, from the times
   * in the container.
   */
  readonly frameRate: number | null;
  /**
   * Whether the codec can be decoded in the thread that reads the file: by the platform, by the `decoder` of the options, or by a
   * decoder that is registered at mediabunny. If not, `frames()`, `readable()` and `frameAt()` throw `NotSupportedError`;
   * `packets()` and all facts are available.
   */
  readonly canDecode: boolean;
  /**
   * The configuration of the decoder, with the codec's description. `FrameWriter.writeChunk()` takes it with the first of the
   * `packets()`. The caller must not change it.
   */
  readonly decoderConfig: VideoDecoderConfig;

  readonly #file: VideoFile;
  /** What may help if the codec cannot be decoded. */
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
   * Each handle is the caller's, to be released once. A codec that the browser takes away is opened again, and goes on
   * with the frame that was due.
   *
   * @throws `TypeError` for what is no pool or no time; `InvalidStateError` when the reader is closed; `NotSupportedError` for a
   *   codec that cannot be decoded. At once.
   * @throws From `next()`, after the good frames before it: `EncodingError` where the file is damaged, `NetworkError` where
   *   its address refuses, answers with other bytes or breaks off for good, and all that `decodeFrames()` throws. A server
   *   that falls silent is waited for, until the signal fires or the reader is closed.
   */
  frames(options: FramesOptions): AsyncIterableIterator<FrameHandle> {
    this.#requireOpen('frames()');
    this.#requireDecodable('frames()');
    requireTime('from', options.from);
    requireTime('to', options.to);
    return inCall(callFor(options.pool), () => this.#file.frames(this.#untilClosed(options)));
  }

  /**
   * The same frames as a stream, for pipes. A cancel ends the decoding and releases what was decoded and not read.
   *
   * @throws As `frames()`: at once, and from the stream.
   */
  readable(options: FramesOptions): ReadableStream<FrameHandle> {
    return readableFrames(this.frames(options));
  }

  /**
   * Decodes the one frame that is shown at a time: the last that begins at or before it. Before the first frame that is
   * the first, and after the last the last. Of frames with equal times the last one is shown.
   *
   * @param timestamp - In µs.
   * @returns One share, owned by the caller: to be released once.
   * @throws As `frames()`; all of it as a rejection.
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
   * times after `to`. `FrameWriter.writeChunk()` takes them, so that a part of a video is cut out without loss.
   *
   * Chunks are read as they are asked for. They need no room in a pool, and no closing.
   *
   * @throws `TypeError` for what is no time; `InvalidStateError` when the reader is closed. At once.
   * @throws From `next()`: the errors of `frames()` about the file and its address, and the signal's reason.
   */
  packets(options: PacketsOptions = {}): AsyncIterableIterator<EncodedVideoChunk> {
    const { from = -Infinity, to = Infinity, signal } = options;
    this.#requireOpen('packets()');
    requireTime('from', from);
    requireTime('to', to);
    return this.#file.packets({ from, to, signal: this.#closingOr(signal) });
  }

  /** Lets go of the file, and ends what is running on it with `AbortError`. Frames that were taken stay. Idempotent. */
  close(): Promise<void> {
    this.#closing.abort(aborted('the reader was closed'));
    this.#file.close();
    return Promise.resolve();
  }

  /** Does what `close()` does, for `await using`. */
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
    if (!this.canDecode) throw undecodable(call, this.codec, this.#hint);
  }

  #requireOpen(call: string): void {
    if (this.#closing.signal.aborted) throw invalidState(`${call}: the reader is closed`);
  }
}
