/** Async iterator of handles over a live track: a camera, a screen, a canvas or an element. */
import { enter } from '../base/call-site.ts';
import { DEFAULT_STARVATION_MS } from '../pool/starved.ts';
import { requireDecodedPool } from '../pool/pool.ts';
import { notSupported, requireDelay, requireWhole, shown } from '../base/errors.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { requireHolder } from '../pool/holders.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import { canReadByElement, ElementSource } from './track-element.ts';
import { openFramesOf, TrackBuffer } from './track-buffer.ts';
import { platformProcessor, StreamSource } from './track-processor.ts';
import type { TrackSource } from './weak-subscription.ts';

/** Options of `trackFrames()`. */
export interface TrackFramesOptions {
  /** Ends the iteration with its reason, and releases the frames that were not taken. The track continues. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The frame that is dropped when more frames come than are taken. With `'oldest'` the next frame taken is the newest picture.
   * With `'newest'` the waiting frames are taken in the order of their arrival. `'oldest'` by default.
   */
  readonly drop?: 'oldest' | 'newest' | undefined;
  /** Maximum number of frames that wait to be taken. With 0 only a pending `next()` gets a frame. 1 by default. */
  readonly highWaterMark?: number | undefined;
  /**
   * Maximum number of frames of this track that are open at one time, held or waiting. While no `next()` is pending, one of them
   * is left free for the next frame. 2 by default.
   */
  readonly maxOpen?: number | undefined;
  /**
   * Milliseconds after which `next()` rejects with a `PoolStarvedError`, if there was no room for a frame in all that time. A
   * track that produces no frames is waited for as long as it lives. 10,000 by default.
   */
  readonly starvationMs?: number | undefined;
  /**
   * Frames per second of a stream with an even rate, such as `track.getSettings().frameRate` of a camera. If it is given, a gap
   * between the times of two frames counts in `dropped`. It is meant for a transferred stream: the processor is in the other
   * thread, and the frames that it drops there are not reported here. Without it such frames are not counted. Ignored for a
   * track.
   */
  readonly frameRate?: number | undefined;
  /** Name of the holder of the frames, as reported by `holders()`. */
  readonly holder?: string | undefined;
}

/** Chromium's limit of open frames of one camera on Linux and Android, and of a screen. */
const DEFAULT_MAX_OPEN = 2;

/**
 * Reads a live track into a pool: of a camera, a screen (`getDisplayMedia()`), a canvas or an element (`captureStream()`).
 *
 * A track does not wait. It is read from this call on. A frame without room is closed immediately and counted in
 * `pool.stats().dropped`: a frame for which the pool has no slot (waiting callers come first), a frame that is not taken in time
 * (`highWaterMark`, `drop`), and a frame beyond `maxOpen`. In Chromium, frames that the engine reports as dropped are counted, too.
 * Frames that the engine drops before a transferred stream are counted by gaps if `frameRate` is given, and not otherwise.
 *
 * The caller owns each handle, and must release it once. A camera fills a few buffers in turn. While too many of them are open,
 * it stops for all of its consumers: Chromium allows 2 open frames at a time on Linux and Android, 3 on Windows, 5 on macOS, and
 * 2 of a screen. `maxOpen` keeps within that limit. Canvases have no such limit. To keep frames for longer, or more of them, copy
 * them: `handle.copyTo(otherPool)`. The open frames of all iterations over one track are counted together. Those of several
 * tracks of one camera are not.
 *
 * The iteration ends when the track ends, after the waiting frames. Every end (including `break`, `return()` while a `next()` is
 * pending, an abort and an error) stops the reading and releases every frame that was not taken. The caller keeps the track,
 * which is never stopped here. A muted track is waited for. Leak detection ends an abandoned iterator.
 *
 * `return()`, and so `break`, resolves when no frame of the track is in transit any more: at its next frame, or a quarter of a
 * second later. Stop the track after that. In Chromium a frame in transit at that time stays open until it is garbage-collected.
 * After an abort, `await frames.return()` waits in the same way.
 *
 * Frames, times (µs), colours and rotation are those of the track. Without a `MediaStreamTrackProcessor` (available in Chromium's
 * windows and in WebKit's workers), frames are taken from a `<video>` element that is not in a document. Then times are capture
 * times, or times of the element's own clock, and a hidden tab gets no frames. Firefox shows a disabled track as one black pixel.
 *
 * @param track - A video track. Or a stream of frames, such as the `readable` of a `MediaStreamTrackProcessor`. A window can
 * transfer such a stream to a worker, whereas Chromium cannot transfer tracks. The stream is locked, and cancelled at the end.
 * @throws `TypeError` or `RangeError` for a wrong argument, such as an audio track or a locked stream.
 * @throws `NotSupportedError` if the thread has no way to read a track, as in Chromium's and Firefox's workers.
 * @throws From `next()`: `PoolStarvedError`, the signal's reason, `AbortError` when the pool is decommitted or closed during the
 * wait, `InvalidStateError` when it was before, `QuotaExceededError` for a frame that could never fit into the pool, the stream's
 * own error, and the error of `play()`. The iteration has ended then.
 * @see {@link https://github.com/w3c/mediacapture-transform/issues/37 | w3c/mediacapture-transform#37}, for cameras that stop.
 */
export function trackFrames(
  pool: VideoFramePool,
  track: MediaStreamTrack | ReadableStream<VideoFrame>,
  options: TrackFramesOptions = {},
): AsyncIterableIterator<FrameHandle> {
  const core = requireDecodedPool('trackFrames()', pool);
  const { drop = 'oldest', holder = 'trackFrames', signal, frameRate } = options;
  if (drop !== 'oldest' && drop !== 'newest') {
    throw new TypeError(`drop must be 'oldest' or 'newest', got ${shown(drop)}`);
  }
  requireHolder(holder);
  requireRate(frameRate);
  const source = sourceOf(track, frameRate);
  const settings = {
    core,
    drop,
    holder,
    highWaterMark: requireWhole('highWaterMark', options.highWaterMark ?? 1, 0),
    maxOpen: requireWhole('maxOpen', options.maxOpen ?? DEFAULT_MAX_OPEN, 1),
    starvationMs: requireDelay('starvationMs', options.starvationMs ?? DEFAULT_STARVATION_MS),
    open: openFramesOf(track),
    call: enter(() => core.noteCall()),
  };
  return TrackBuffer.read(settings, source, signal);
}

function requireRate(rate: unknown): void {
  if (rate === undefined) return;
  const range = 'frameRate must be a number of frames a second above 0';
  if (typeof rate !== 'number') throw new TypeError(`${range}, got ${shown(rate)}`);
  if (!(rate > 0 && rate < Infinity)) throw new RangeError(`${range}, got ${rate}`);
}

/** Returns the source for this track, or null if the track has ended. */
function sourceOf(
  track: MediaStreamTrack | ReadableStream<VideoFrame>,
  frameRate: number | undefined,
): TrackSource | null {
  // Detected by members: tracks have many classes (of a canvas, of a browser's tab), and may come from another window.
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
