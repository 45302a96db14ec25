/** `openVideo()`, the public call that opens a file in this thread or in a worker. */
import { requireFunction, requireWhole, shown } from '../base/errors.ts';
import type { VideoRequestInit } from './address.ts';
import type { DecoderPreferences } from './container/registered-decoders.ts';
import { registeredDecoderHint } from './container/registered-decoders.ts';
import { openLocal, requireAlpha } from './open-local.ts';
import { VideoReader } from './reader.ts';
import { registeredDecoders } from './custom-decoder.ts';
import type { BorrowedInput } from './opened-source.ts';
import { isBorrowed } from './opened-source.ts';
import type { ByteSource } from './portable-source.ts';
import { portableSource } from './portable-source.ts';
import { openRemote } from './worker/open-remote.ts';

/**
 * Source of `openVideo()`: a file, an address, a request, the bytes of a response or a stream, or an open input of mediabunny.
 */
export type VideoSource = ByteSource | BorrowedInput;

/** Options for opening a file. */
export interface OpenVideoOptions {
  /** Ends the opening with its reason. Cancels a response or a stream that is being read. */
  readonly signal?: AbortSignal | undefined;
  /** The decoder class to use; the platform's by default. Cannot be combined with `worker`, because a class cannot be posted. */
  readonly decoder?: typeof VideoDecoder | undefined;
  /**
   * Number of the track to read, from 0, among the video tracks in the order of the file. By default mediabunny selects the main
   * one: by the default flag, then by the sound that it can be paired with, then by bit rate.
   */
  readonly track?: number | undefined;
  /**
   * Headers, credentials, cache mode and the like of every request, for a source that is a URL or a string. `signal`, `method`,
   * `body`, `integrity` and a Range header are refused.
   */
  readonly requestInit?: VideoRequestInit | undefined;
  /** Preferences that are passed on to the decoder: `hardwareAcceleration`, `optimizeForLatency`. */
  readonly decoderConfig?: DecoderPreferences | undefined;
  /**
   * Creates the worker that reads and decodes; called once. The frames are put into the pool of this thread, under its cap. By
   * default this thread reads and decodes.
   *
   * The worker's script is `video-frame-pool/worker`, or a script of the app that imports it. The reader owns the worker and
   * terminates it, even if opening fails. Any other script never answers: then only `signal` ends the wait.
   */
  readonly worker?: (() => Worker) | undefined;
  /**
   * Whether frames of a transparent file (VP8 or VP9 in WebM or MKV) are transparent. With `'keep'`, the default, each iteration
   * has a second decoder, for alpha. `'discard'` saves that decoder, and outputs opaque frames.
   */
  readonly alpha?: 'keep' | 'discard' | undefined;
}

/**
 * Opens a video file to read frames from one of its video tracks.
 *
 * To open files that mediabunny supports and this call does not (HLS, several files, custom sources), pass mediabunny's `Input`
 * or `InputVideoTrack`. The caller still owns these: closing the reader ends the reader's work on them, and leaves them open.
 *
 * Decoders that the app has registered with mediabunny (`registerDecoder()`) are used in the thread that reads the file.
 *
 * @param source - A file; an address or a GET request without a body, read by range requests if the server supports them; a
 * response or a stream of bytes, read whole; an `Input` or `InputVideoTrack` of mediabunny.
 * @returns A reader, owned by the caller, who closes it. A reader is also returned if the codec cannot be decoded here: see
 * `VideoReader.canDecode`.
 * @throws `TypeError` for an unsupported source, a response or stream that was read or is locked, a stream of other chunks than
 * bytes, an invalid address, a refused init, another `alpha`, an `Input` together with `worker`, and a `worker` that does not
 * return a `Worker`.
 * @throws `RangeError` for a `track` that the file does not have.
 * @throws `NotSupportedError` for a file of another kind (the message names the kind), that is empty, without video, encrypted,
 * or of a codec that mediabunny does not know; and for a worker with another version of this library.
 * @throws `EncodingError` for a file that has no frame, or whose metadata is damaged: also for tables that list more frames than
 * there can be, and for a picture without a size.
 * @throws `NetworkError` for an address that cannot be read, or a worker whose script cannot be loaded. Error responses of the
 * server, and other origins that do not respond, fail at once; broken connections are retried.
 * @throws `OperationError` for a worker whose script throws before it answers, `InvalidStateError` for one that ends while it
 * opens the file and for an `Input` that was disposed, and any error that `worker` itself throws.
 * @throws The signal's reason.
 */
export async function openVideo(source: VideoSource, options: OpenVideoOptions = {}): Promise<VideoReader> {
  const { decoder, worker, track, decoderConfig } = checked(options);
  const alpha = requireAlpha(options.alpha ?? 'keep');
  const local = { decoder, track, decoderConfig, alpha, registered: registeredDecoders };
  if (isBorrowed(source)) {
    requireBorrowable(source, options);
    const { signal } = options;
    return new VideoReader(await openLocal(source, { ...local, signal }));
  }
  const signal = signalOf(source, options.signal);
  signal?.throwIfAborted();
  const portable = await portableSource(source, options.requestInit, signal);
  if (worker === undefined) {
    return new VideoReader(await openLocal(portable, { ...local, signal }));
  }
  const video = await openRemote(portable, worker, { signal, track, decoderConfig, alpha });
  const { canDecode, decoderConfig: config } = video.facts;
  return new VideoReader(video, canDecode ? '' : await registeredDecoderHint(config));
}

function checked(options: OpenVideoOptions): OpenVideoOptions {
  const { decoder, worker, track, decoderConfig } = options;
  if (worker !== undefined) requireFunction('worker', worker);
  if (worker !== undefined && decoder !== undefined) {
    throw new TypeError(
      'decoder cannot be combined with worker, because a class cannot be posted: pass one of the two',
    );
  }
  if (track !== undefined) requireWhole('track', track, 0);
  if (decoderConfig !== undefined) requirePreferences(decoderConfig);
  return options;
}

function requirePreferences(preferences: DecoderPreferences): void {
  if (typeof preferences !== 'object' || preferences === null) {
    throw new TypeError(`decoderConfig must be an object, got ${shown(preferences)}`);
  }
  for (const field of Object.keys(preferences)) {
    if (field !== 'hardwareAcceleration' && field !== 'optimizeForLatency') {
      throw new TypeError(`decoderConfig.${field} is not supported: it is read from the file`);
    }
  }
  const { hardwareAcceleration, optimizeForLatency } = preferences;
  const isKnown = ['no-preference', 'prefer-hardware', 'prefer-software', undefined].includes(
    hardwareAcceleration,
  );
  if (!isKnown) {
    throw new TypeError(
      `decoderConfig.hardwareAcceleration must be "no-preference", "prefer-hardware" or "prefer-software", got ${shown(hardwareAcceleration)}`,
    );
  }
  if (optimizeForLatency !== undefined && typeof optimizeForLatency !== 'boolean') {
    throw new TypeError(
      `decoderConfig.optimizeForLatency must be a boolean, got ${shown(optimizeForLatency)}`,
    );
  }
}

function requireBorrowable(source: BorrowedInput, { worker, requestInit, track }: OpenVideoOptions): void {
  if (worker !== undefined) {
    throw new TypeError(
      "mediabunny's Input and InputVideoTrack cannot be posted to a worker: leave out `worker`, or call openVideo() in a worker of the app",
    );
  }
  if (requestInit !== undefined) {
    throw new TypeError(
      "requestInit requires a source that is a URL or a string: mediabunny's UrlSource has a requestInit of its own",
    );
  }
  if (track !== undefined && 'getDecoderConfig' in source) {
    throw new TypeError(
      'track cannot be combined with a source that is an InputVideoTrack: pass its Input instead',
    );
  }
}

/** A request may have a signal of its own. */
function signalOf(source: ByteSource, signal: AbortSignal | undefined): AbortSignal | undefined {
  if (typeof Request !== 'function' || !(source instanceof Request)) return signal;
  return signal === undefined ? source.signal : AbortSignal.any([signal, source.signal]);
}
