/** Reads a track through a hidden `<video>` and its frame callbacks, where the engine has no processor (Firefox). */
import type { TrackListener, TrackSource } from './track-source.ts';

/** Whether this is a window whose videos call back for each frame. */
export const canReadByElement = (): boolean =>
  typeof HTMLVideoElement === 'function' && 'requestVideoFrameCallback' in HTMLVideoElement.prototype;

const OVER = Promise.resolve();

/**
 * The element is in no document: it need not be, to play. It shows frames at most as often as the screen does, and none in
 * a tab that is hidden.
 */
export class ElementSource implements TrackSource {
  readonly #track: MediaStreamTrack;
  readonly #video = document.createElement('video');
  #listener: TrackListener | null = null;
  #request = 0;
  #presented = -1;
  #newest = -Infinity;
  /** Which of the two clocks the track is timed by: one for all its frames. */
  #hasCaptureTime: boolean | null = null;

  constructor(track: MediaStreamTrack) {
    this.#track = track;
  }

  start(listener: TrackListener): void {
    this.#listener = listener;
    const video = this.#video;
    video.muted = true;
    video.playsInline = true;
    // The track's own event does not come where the app itself stops the track. Then the element's does, in Chromium the
    // stream's, and in Firefox neither before the first frame: then `look()` sees it.
    this.#track.addEventListener('ended', this.#onEnd);
    video.addEventListener('ended', this.#onEnd);
    const stream = new MediaStream([this.#track]);
    stream.addEventListener('inactive', this.#onEnd);
    video.srcObject = stream;
    this.#ask();
    video.play().catch((error: unknown) => this.#fail(error));
  }

  look(): void {
    if (this.#track.readyState === 'ended') this.#onEnd();
  }

  stop(): Promise<void> {
    if (this.#listener === null) return OVER;
    this.#listener = null;
    this.#track.removeEventListener('ended', this.#onEnd);
    this.#video.removeEventListener('ended', this.#onEnd);
    this.#video.cancelVideoFrameCallback(this.#request);
    this.#video.pause();
    this.#video.srcObject = null;
    return OVER;
  }

  readonly #onEnd = (): void => this.#listener?.onEnd();

  #ask(): void {
    this.#request = this.#video.requestVideoFrameCallback((_, metadata) => this.#onPresented(metadata));
  }

  #onPresented(metadata: VideoFrameCallbackMetadata): void {
    if (this.#listener === null) return;
    // Chromium shows a black picture that the track never gave.
    if (this.#track.readyState === 'ended') {
      this.#onEnd();
      return;
    }
    this.#ask();
    // The callback may come again for a picture that is on the screen still, and before there is any data.
    const isNew = metadata.presentedFrames !== this.#presented;
    if (!isNew || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.#presented = metadata.presentedFrames;
    let frame: VideoFrame;
    try {
      frame = new VideoFrame(this.#video, { timestamp: this.#timeOf(metadata) });
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#listener.onFrame(frame);
  }

  /** In µs, and later than that of the frame before, also where the engine's clock stands still or goes back. */
  #timeOf({ captureTime, mediaTime }: VideoFrameCallbackMetadata): number {
    this.#hasCaptureTime ??= captureTime !== undefined;
    // The platform counts capture times in milliseconds, and media times in seconds.
    const time = this.#hasCaptureTime && captureTime !== undefined ? captureTime * 1e3 : mediaTime * 1e6;
    this.#newest = Math.max(Math.round(time), this.#newest + 1);
    return this.#newest;
  }

  #fail(error: unknown): void {
    // A track that has ended cannot be played, which is no error.
    this.look();
    this.#listener?.onError(error);
  }
}
