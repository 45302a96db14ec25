/** Track source for engines without a track processor (Firefox): a hidden `<video>` and its frame callbacks. */
import type { TrackListener, TrackSource } from './weak-subscription.ts';

/** Whether this is a window whose videos support frame callbacks. */
export const canReadByElement = (): boolean =>
  typeof HTMLVideoElement === 'function' && 'requestVideoFrameCallback' in HTMLVideoElement.prototype;

const OVER = Promise.resolve();

/**
 * The element is not in a document, and plays without one. It shows frames at most at the rate of the screen, and none in a
 * hidden tab.
 */
export class ElementSource implements TrackSource {
  readonly #track: MediaStreamTrack;
  readonly #video = document.createElement('video');
  #listener: TrackListener | null = null;
  #request = 0;
  #presented = -1;
  #newest = -Infinity;
  /** Whether the times are capture times or media times: one clock for all frames of the track. Null before the first frame. */
  #hasCaptureTime: boolean | null = null;

  constructor(track: MediaStreamTrack) {
    this.#track = track;
  }

  start(listener: TrackListener): void {
    this.#listener = listener;
    const video = this.#video;
    video.muted = true;
    video.playsInline = true;
    // The track does not dispatch `ended` when the app itself stops it. Then the element dispatches it, in Chromium the stream
    // does, and in Firefox neither does before the first frame. In that case `checkEnd()` detects the end.
    this.#track.addEventListener('ended', this.#onEnd);
    video.addEventListener('ended', this.#onEnd);
    const stream = new MediaStream([this.#track]);
    stream.addEventListener('inactive', this.#onEnd);
    video.srcObject = stream;
    this.#ask();
    video.play().catch((error: unknown) => this.#fail(error));
  }

  checkEnd(): void {
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
    // Chromium shows a black picture that the track did not produce.
    if (this.#track.readyState === 'ended') {
      this.#onEnd();
      return;
    }
    this.#ask();
    // The callback may be called again for a picture that is still on the screen, and also before there is any data.
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

  /**
   * The frame's time in µs. It is later than that of the previous frame, even if the engine's clock stands still or goes back.
   */
  #timeOf({ captureTime, mediaTime }: VideoFrameCallbackMetadata): number {
    this.#hasCaptureTime ??= captureTime !== undefined;
    // The platform counts capture times in milliseconds, and media times in seconds.
    const time = this.#hasCaptureTime && captureTime !== undefined ? captureTime * 1e3 : mediaTime * 1e6;
    this.#newest = Math.max(Math.round(time), this.#newest + 1);
    return this.#newest;
  }

  #fail(error: unknown): void {
    // A track that has ended cannot be played. This is not an error.
    this.checkEnd();
    this.#listener?.onError(error);
  }
}
