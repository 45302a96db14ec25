/** Opens a file, in this thread or in a worker: the public call. */
import { requireFunction } from '../errors.ts';
import { openLocal, requireAlpha } from './open-local.ts';
import { VideoReader } from './reader.ts';
import { openRemote } from './worker/open-remote.ts';

/** How a file is opened. */
export interface OpenVideoOptions {
  /** Ends the opening with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** The decoder to use; the platform's by default. Not together with `worker`: a class cannot be sent there. */
  readonly decoder?: typeof VideoDecoder | undefined;
  /**
   * Reads and decodes in the worker that this makes, called once; the frames come into the pool of this thread, under its
   * cap. In this thread by default.
   *
   * The worker's script is `video-frame-pool/worker`, or one of the app's own that imports that. The reader owns the worker
   * and ends it, also where opening fails. A script that is neither never answers: then only `signal` ends the wait.
   */
  readonly worker?: (() => Worker) | undefined;
  /**
   * Whether frames of a transparent file (VP8 or VP9 in WebM or MKV) are transparent. `'keep'` by default: each iteration has
   * a second decoder, for alpha. `'discard'` saves that decoder, and gives opaque frames.
   */
  readonly alpha?: 'keep' | 'discard' | undefined;
}

/**
 * Opens a video file to read frames from: its first or main video track.
 *
 * @param source - A file, or an address, read by range requests where the server has them; or a response, read whole.
 * @returns A reader, owned by the caller, who closes it.
 * @throws `TypeError` for what is no source, another `alpha`, a response that was read, or a `worker` that makes no `Worker`.
 * @throws `NotSupportedError` for a file of another kind, without video, encrypted, or of an unknown codec; and for a worker
 *   with another version of this library.
 * @throws `EncodingError` for a file that is damaged where it says what is in it: also for tables that list more frames than
 *   there can be, and for a picture without a size.
 * @throws `NetworkError` for an address that cannot be read, or a worker whose script cannot be loaded.
 * @throws `OperationError` for a worker whose script throws before it answers, `InvalidStateError` for one that ends while
 *   it opens the file, and what `worker` itself throws.
 * @throws The signal's reason.
 */
export async function openVideo(
  source: Blob | URL | string | Response,
  options: OpenVideoOptions = {},
): Promise<VideoReader> {
  const { signal, decoder, worker } = options;
  const alpha = requireAlpha(options.alpha ?? 'keep');
  if (worker === undefined) return new VideoReader(await openLocal(source, { signal, decoder, alpha }));
  requireFunction('worker', worker);
  if (decoder !== undefined) throw new TypeError('decoder cannot go to a worker: give one of the two');
  return new VideoReader(await openRemote(source, worker, { signal, alpha }));
}
