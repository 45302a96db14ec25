/** Live sources: an iterator of handles over a camera, a screen, a canvas or an element. */
import { enter } from '../call-site.ts';
import { DEFAULT_STARVATION_MS } from '../pool/starved.ts';
import { decodingCore } from '../decode/platform-decoder.ts';
import { notSupported, requireDelay, requireWhole, shown } from '../errors.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { requireHolder } from '../pool/holders.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import { canReadByElement, ElementSource } from './track-element.ts';
import { openFramesOf } from './open-frames.ts';
import type { TrackResult } from './track-flow.ts';
import { END, TrackFlow } from './track-flow.ts';
import { platformProcessor, StreamSource } from './track-processor.ts';
import type { TrackSource } from './track-source.ts';

/** How `trackFrames()` reads. */
export interface TrackFramesOptions {
  /** Ends the iteration with its reason; frames that were not taken are released. The track goes on. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Which frame goes when more come than are taken: `'oldest'`, so that the next one taken is the newest picture, or
   * `'newest'`, so that what waits is taken in the order in which it came. `'oldest'` by default.
   */
  readonly drop?: 'oldest' | 'newest' | undefined;
  /** How many frames may wait to be taken; with 0 only who asks gets one. 1 by default. */
  readonly ahead?: number | undefined;
  /**
   * The most frames of this track that are kept open at one time, those that you hold and those that wait. While nobody
   * asks for a frame, one of them is left free for the next. 2 by default.
   */
  readonly maxOpen?: number | undefined;
  /**
   * Milliseconds after which `next()` rejects with a `PoolStarvedError`, if in all that time there was no room for a
   * frame. A track that gives none is waited for as long as it lives. 10,000 by default.
   */
  readonly starvationMs?: number | undefined;
  /**
   * Frames a second of a stream that gives them evenly, such as `track.getSettings().frameRate` of a camera. With it a gap between
   * the times of two frames counts in `dropped`. It is for a stream that was transferred: its processor is in the other thread, and
   * the frames that the processor drops there are not reported here. Without it such frames are not counted. Ignored for a track.
   */
  readonly frameRate?: number | undefined;
  /** Who holds the frames, as `holders()` will name it. */
  readonly holder?: string | undefined;
}

/** What Chromium lets be open of one camera on Linux and Android, and of a screen. */
const DEFAULT_MAX_OPEN = 2;

/**
 * Reads a live track into a pool: of a camera, a screen (`getDisplayMedia()`), a canvas or an element (`captureStream()`).
 *
 * A track does not wait. It is read from this call on, and what there is no room for is closed at once and counted in
 * `pool.stats().dropped`: frames for which the pool has no slot (those who wait for one come first), that nobody takes in
 * time (`ahead`, `drop`), or beyond `maxOpen`; and what the engine says that it dropped by itself, in Chromium. What the engine
 * drops before a transferred stream is counted by gaps if `frameRate` is given, and not otherwise.
 *
 * Each handle is the caller's, to be released once. A camera fills a few buffers in turn, and while too many of them are
 * open it stops, for all who look at it: Chromium gives at most 2 at a time on Linux and Android, 3 on Windows, 5 on
 * macOS, and 2 of a screen. That is what `maxOpen` is for; canvases have no such limit. To keep pictures for longer, or
 * more of them, copy them out: `handle.copyTo(otherPool)`. What several iterations keep of one track is counted together;
 * of several tracks of one camera, it is not.
 *
 * The iteration ends when the track does, after the frames that wait. Whatever ends it (also `break`, `return()` while a
 * `next()` is pending, an abort, an error) ends the reading and releases every frame that was not taken. The track stays
 * yours: nothing here stops it. A muted track is waited for. An iterator that you forgot is ended by the net.
 *
 * `return()`, and so `break`, resolves when nothing of the track is on its way any more: with its next frame, or a quarter of
 * a second later. Stop the track after that: in Chromium a frame that is on its way then stays open until it is collected.
 * After an abort, `await frames.return()` tells the same.
 *
 * Frames, times (µs), colours and rotation are as the track gives them. Where there is no `MediaStreamTrackProcessor` (it
 * is in Chromium's windows and in WebKit's workers), frames are taken from a `<video>` element in no document. Times are
 * then those of capture, or of the element's own clock, and in a hidden tab no frames come. Firefox shows a disabled track
 * as one black pixel.
 *
 * @param track - Of video. Or a stream of frames, such as the `readable` of a `MediaStreamTrackProcessor`, which a window
 *   can transfer to a worker, as Chromium cannot with tracks; it is locked, and cancelled in the end.
 * @throws `TypeError` or `RangeError` for a wrong argument, such as a track of sound or a locked stream.
 * @throws `NotSupportedError` where there is no way to read a track, as in Chromium's and Firefox's workers.
 * @throws From `next()`: `PoolStarvedError`, the signal's reason, `AbortError` when the pool is decommitted or closed
 *   during the wait, `InvalidStateError` when it was before, `QuotaExceededError` for a frame that could never fit into the
 *   pool, a stream's own error, and what `play()` rejects with. The iteration has ended then.
 * @see {@link https://github.com/w3c/mediacapture-transform/issues/37 | w3c/mediacapture-transform#37}, for cameras that
 *   stop.
 */
export function trackFrames(
  pool: VideoFramePool,
  track: MediaStreamTrack | ReadableStream<VideoFrame>,
  options: TrackFramesOptions = {},
): AsyncIterableIterator<FrameHandle> {
  const core = decodingCore('trackFrames()', pool);
  const { drop = 'oldest', holder = 'trackFrames', signal, frameRate } = options;
  if (drop !== 'oldest' && drop !== 'newest') {
    throw new TypeError(`drop must be 'oldest' or 'newest', got ${shown(drop)}`);
  }
  requireHolder(holder);
  requireRate(frameRate);
  const source = sourceOf(track, frameRate);
  const flow = new TrackFlow({
    core,
    drop,
    holder,
    ahead: requireWhole('ahead', options.ahead ?? 1, 0),
    maxOpen: requireWhole('maxOpen', options.maxOpen ?? DEFAULT_MAX_OPEN, 1),
    starvationMs: requireDelay('starvationMs', options.starvationMs ?? DEFAULT_STARVATION_MS),
    open: openFramesOf(track),
    call: enter(() => core.noteCall()),
  });
  flow.start(source, signal);
  return new TrackIterator(flow);
}

/** Written by hand: an `async function*` queues `return()` behind a pending `next()`, and hangs. */
class TrackIterator implements AsyncIterableIterator<FrameHandle<DecodedStorage>, undefined> {
  readonly #flow: TrackFlow;

  constructor(flow: TrackFlow) {
    this.#flow = flow;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<TrackResult> {
    return this.#flow.take();
  }

  async return(): Promise<TrackResult> {
    await this.#flow.leave();
    return END;
  }

  async throw(error: unknown): Promise<TrackResult> {
    await this.#flow.leave();
    throw error;
  }
}

function requireRate(rate: unknown): void {
  if (rate === undefined) return;
  const range = 'frameRate must be a number of frames a second above 0';
  if (typeof rate !== 'number') throw new TypeError(`${range}, got ${shown(rate)}`);
  if (!(rate > 0 && rate < Infinity)) throw new RangeError(`${range}, got ${rate}`);
}

/** The way to read this track; null for one that has ended. */
function sourceOf(
  track: MediaStreamTrack | ReadableStream<VideoFrame>,
  frameRate: number | undefined,
): TrackSource | null {
  // By what they can do: a track has many classes (of a canvas, of a browser's tab), and may be of another window.
  const isObject = typeof track === 'object' && track !== null;
  if (isObject && 'getReader' in track) return new StreamSource(track, frameRate);
  if (!isObject || !('readyState' in track) || !('kind' in track)) {
    throw new TypeError(`track must be a MediaStreamTrack or a ReadableStream, got ${shown(track)}`);
  }
  if (track.kind !== 'video') throw new TypeError(`track must be of video, got one of ${shown(track.kind)}`);
  const Processor = platformProcessor();
  if (Processor === undefined && !canReadByElement()) {
    throw notSupported(
      'trackFrames() cannot be used here: there is no MediaStreamTrackProcessor' +
        (typeof document === 'undefined'
          ? ' in this worker; transfer the readable of one to it, or read the track in the window'
          : ', and HTMLVideoElement has no requestVideoFrameCallback()'),
    );
  }
  if (track.readyState === 'ended') return null;
  return Processor === undefined ? new ElementSource(track) : StreamSource.ofTrack(track, Processor);
}
