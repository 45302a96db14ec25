/** The stage: holds the current source, which is a video, a camera or nothing. The newest choice wins. */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { Camera } from './camera.ts';
import { Video } from './video.ts';
import { VolumeControl } from './volume.ts';
import type { Playable, Sound } from './playable.ts';
import { Player } from './player.ts';
import type { Choice } from '../view/sources.ts';

/** Source of an error; each has its own messages. */
export type ErrorSource = 'video' | 'camera' | 'worker';

/** Events of the stage. */
export interface StageEvents {
  /** A frame is due. The handle is lent for the call. */
  show(handle: FrameHandle): void;
  /** State, position or the thread of the decoder changed. */
  change(): void;
  /** The current source is about to close. All frames of it must be released. */
  leave(): void;
  /** A new source is current; null for none. */
  enter(what: Video | Camera | null): void;
  /** The first frame is on the screen. Other readers of the video may start, until `leave()`. */
  ready(video: Video): void;
  fail(error: unknown, culprit: ErrorSource): void;
  /** Resolves with the page's time in ms when the page can draw the next frame; pending while the page is hidden. */
  nextPaint(signal: AbortSignal): Promise<number>;
}

export class Stage {
  readonly #pool: VideoFramePool;
  readonly #events: StageEvents;
  readonly #player: Player;
  readonly #volume: VolumeControl;
  #video: Video | null = null;
  #camera: Camera | null = null;
  /** Aborts the opening of a source when another one is chosen. */
  #opening = new AbortController();
  #openingName: string | null = null;
  /** Whether the source that is being opened has already replaced the previous one. */
  #hasEntered = false;
  /** Aborts a switch between main thread and worker. */
  #switching = new AbortController();
  #wantsWorker = false;

  constructor(pool: VideoFramePool, events: StageEvents) {
    const { show, change, nextPaint } = events;
    this.#pool = pool;
    this.#events = events;
    this.#volume = new VolumeControl(change);
    const fail = (error: unknown): void => events.fail(error, 'video');
    this.#player = new Player(pool, { show, change, nextPaint, fail }, this.#volume);
  }

  /** Current source; an empty player if nothing is open. */
  get current(): Playable {
    return this.#camera ?? this.#player;
  }

  get video(): Video | null {
    return this.#video;
  }

  get camera(): Camera | null {
    return this.#camera;
  }

  get sound(): Sound {
    return this.#volume;
  }

  /** Name of the source that is being opened, until its first frame is shown. */
  get opening(): string | null {
    return this.#openingName;
  }

  /** Whether the page is hidden. */
  set isHidden(isHidden: boolean) {
    this.#player.isHidden = isHidden;
  }

  /** Whether videos should be decoded in a worker. */
  get wantsWorker(): boolean {
    return this.#wantsWorker;
  }

  /** Opens a video. If it cannot be opened, the current source stays. */
  async openVideo(choice: Choice): Promise<void> {
    const signal = this.#startOpening(choice.name);
    try {
      const video = await Video.open(choice, signal);
      if (signal.aborted) {
        await video.close();
        return;
      }
      this.#leave();
      this.#video = video;
      this.#hasEntered = true;
      this.#events.enter(video);
      // The main thread's reader shows the first frame as soon as possible; a worker takes over when it is ready.
      await this.#player.load(video.reader);
      if (signal.aborted) return;
      this.#endOpening(signal);
      this.#events.ready(video);
      await Promise.all([this.#addSound(video), this.#applyThread()]);
    } catch (error) {
      if (!signal.aborted) this.#events.fail(error, 'video');
    } finally {
      this.#endOpening(signal);
    }
  }

  /** Opens a camera. If it cannot be used, the current source stays. */
  async openCamera(): Promise<void> {
    const signal = this.#startOpening('camera');
    const { show, change, fail } = this.#events;
    try {
      const camera: Camera = await Camera.open(
        this.#pool,
        {
          show,
          change,
          fail: (error) => fail(error, 'camera'),
          disconnected: () => {
            this.close();
            fail(new DOMException('it was disconnected', 'NetworkError'), 'camera');
          },
        },
        signal,
      );
      this.#leave();
      this.#camera = camera;
      this.#events.enter(camera);
      camera.play();
    } catch (error) {
      if (!signal.aborted) fail(error, 'camera');
    } finally {
      this.#endOpening(signal);
    }
  }

  /** Cancels an opening. The current source stays; if it was already replaced, nothing is open. */
  cancelOpening(): void {
    if (this.#openingName === null) return;
    if (this.#hasEntered) {
      this.close();
      return;
    }
    this.#startOpening(null);
    this.#events.change();
  }

  /** Moves decoding to a worker or to the main thread. Playback continues. */
  decodeInWorker(wanted: boolean): Promise<void> {
    this.#wantsWorker = wanted;
    return this.#applyThread();
  }

  close(): void {
    this.#startOpening(null);
    this.#leave();
    this.#events.enter(null);
    this.#events.change();
  }

  /** Adds the sound to a video. The first frame does not wait for it. */
  async #addSound(video: Video): Promise<void> {
    const track = await video.openSound();
    if (video === this.#video) this.#player.setSoundTrack(track);
  }

  #startOpening(name: string | null): AbortSignal {
    this.#opening.abort();
    this.#opening = new AbortController();
    this.#openingName = name;
    this.#hasEntered = false;
    if (name !== null) this.#events.change();
    return this.#opening.signal;
  }

  /** Ends the opening state, unless another source was chosen. */
  #endOpening(signal: AbortSignal): void {
    if (signal.aborted || this.#openingName === null) return;
    this.#openingName = null;
    this.#events.change();
  }

  #leave(): void {
    const camera = this.#camera;
    const video = this.#video;
    this.#switching.abort();
    this.#camera = null;
    this.#video = null;
    this.#events.leave();
    camera?.close();
    // In this order: the player ends its own operation first, so the reader has nothing to abort.
    this.#player.unload();
    void video?.close();
  }

  /** Moves the video to the thread where it should be decoded. */
  async #applyThread(): Promise<void> {
    this.#switching.abort();
    this.#switching = new AbortController();
    const { signal } = this.#switching;
    const video = this.#video;
    // A video that is still loading gets here again once it is loaded.
    if (video === null || this.#player.seekable === null || video.isInWorker === this.#wantsWorker) return;
    try {
      if (this.#wantsWorker) {
        const reader = await video.openInWorker(signal);
        const left = this.#player.switchReader(reader);
        this.#events.change();
        await left;
      } else {
        const remote = video.leaveWorker();
        const left = this.#player.switchReader(video.reader);
        this.#events.change();
        await left;
        await remote?.close();
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#wantsWorker = false;
      this.#events.fail(error, 'worker');
      this.#events.change();
    }
  }
}
