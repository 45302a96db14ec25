/** What is on: a video, or a camera, or nothing. One at a time, the newest choice last. */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { Camera } from './camera.ts';
import { Video } from './video.ts';
import { VolumeControl } from './volume.ts';
import type { Playable, Sound } from './playable.ts';
import { Player } from './player.ts';
import type { Choice } from '../view/sources.ts';

/** Who is to say what went wrong: each has words of its own. */
export type ErrorSource = 'video' | 'camera' | 'worker';

/** What the stage tells the page. */
export interface StageEvents {
  /** A frame is due. The handle is lent for the call. */
  show(handle: FrameHandle): void;
  /** State, position or the place of the decoder changed. */
  change(): void;
  /** What was on goes, and everything that is held of it is to be given back. */
  leave(): void;
  /** A video has come, or a camera, or there is to be nothing. */
  enter(what: Video | Camera | null): void;
  /** The video's first frame is on the screen, and others may read it too, until `leave()`. */
  ready(video: Video): void;
  fail(error: unknown, culprit: ErrorSource): void;
  /** Resolves with the page's time in ms when it is ready for the next picture; not while it is hidden. */
  nextPaint(signal: AbortSignal): Promise<number>;
}

export class Stage {
  readonly #pool: VideoFramePool;
  readonly #events: StageEvents;
  readonly #player: Player;
  readonly #loudness: VolumeControl;
  #video: Video | null = null;
  #camera: Camera | null = null;
  /** Ends an opening that another choice has overtaken. */
  #opening = new AbortController();
  #openingName: string | null = null;
  /** Whether what is being opened has taken the place of what was on. */
  #hasEntered = false;
  /** The same for a video's way into a worker. */
  #moving = new AbortController();
  #wantsWorker = false;

  constructor(pool: VideoFramePool, events: StageEvents) {
    const { show, change, nextPaint } = events;
    this.#pool = pool;
    this.#events = events;
    this.#loudness = new VolumeControl(change);
    const fail = (error: unknown): void => events.fail(error, 'video');
    this.#player = new Player(pool, { show, change, nextPaint, fail }, this.#loudness);
  }

  /** What is on; an empty player where nothing is. */
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
    return this.#loudness;
  }

  /** The name of what is being opened, until its first picture is there. */
  get opening(): string | null {
    return this.#openingName;
  }

  /** Whether the page is out of sight. */
  set isHidden(isHidden: boolean) {
    this.#player.isHidden = isHidden;
  }

  /** Whether videos are to be decoded in a worker. */
  get wantsWorker(): boolean {
    return this.#wantsWorker;
  }

  /** Opens a video. One that cannot be opened leaves what is on where it is. */
  async openVideo(choice: Choice): Promise<void> {
    const signal = this.#begin(choice.name);
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
      // The first picture comes from the page's own reader, as soon as it can; a worker takes over when it is there.
      await this.#player.load(video.reader);
      if (signal.aborted) return;
      this.#opened(signal);
      this.#events.ready(video);
      await Promise.all([this.#listen(video), this.#move()]);
    } catch (error) {
      if (!signal.aborted) this.#events.fail(error, 'video');
    } finally {
      this.#opened(signal);
    }
  }

  /** Turns a camera on. One that may not be used leaves what is on where it is. */
  async openCamera(): Promise<void> {
    const signal = this.#begin('camera');
    const { show, change, fail } = this.#events;
    try {
      const camera: Camera = await Camera.open(
        this.#pool,
        {
          show,
          change,
          fail: (error) => fail(error, 'camera'),
          gone: () => {
            this.close();
            fail(new DOMException('it was unplugged, or taken away', 'NetworkError'), 'camera');
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
      this.#opened(signal);
    }
  }

  /** Gives up what is being opened. What was on stays; where that has gone already, nothing is on. */
  cancelOpening(): void {
    if (this.#openingName === null) return;
    if (this.#hasEntered) {
      this.close();
      return;
    }
    this.#begin(null);
    this.#events.change();
  }

  /** Decodes what is played in a worker, or in the page; the video goes on where it is. */
  decodeInWorker(wanted: boolean): Promise<void> {
    this.#wantsWorker = wanted;
    return this.#move();
  }

  close(): void {
    this.#begin(null);
    this.#leave();
    this.#events.enter(null);
    this.#events.change();
  }

  /** Adds its sound to a video. The first picture does not wait for it. */
  async #listen(video: Video): Promise<void> {
    const track = await video.openSound();
    if (video === this.#video) this.#player.hear(track);
  }

  #begin(name: string | null): AbortSignal {
    this.#opening.abort();
    this.#opening = new AbortController();
    this.#openingName = name;
    this.#hasEntered = false;
    if (name !== null) this.#events.change();
    return this.#opening.signal;
  }

  /** It is there, or cannot be had; unless another choice has overtaken it. */
  #opened(signal: AbortSignal): void {
    if (signal.aborted || this.#openingName === null) return;
    this.#openingName = null;
    this.#events.change();
  }

  #leave(): void {
    const camera = this.#camera;
    const video = this.#video;
    this.#moving.abort();
    this.#camera = null;
    this.#video = null;
    this.#events.leave();
    camera?.close();
    // In this order: what the player is doing is ended by the player, and then there is nothing for the reader to end.
    this.#player.unload();
    void video?.close();
  }

  /** Brings the video to where it is wanted. */
  async #move(): Promise<void> {
    this.#moving.abort();
    this.#moving = new AbortController();
    const { signal } = this.#moving;
    const video = this.#video;
    // One that is being loaded comes here when it is.
    if (video === null || this.#player.seekable === null || video.isInWorker === this.#wantsWorker) return;
    try {
      if (this.#wantsWorker) {
        const reader = await video.openInWorker(signal);
        const left = this.#player.exchange(reader);
        this.#events.change();
        await left;
      } else {
        const remote = video.leaveWorker();
        const left = this.#player.exchange(video.reader);
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
