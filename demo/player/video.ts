/** A video that is open: its reader in the page, and one in a worker while that is wanted. */
import type { VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import workerAddress from '../../src/media/worker/bundled.ts?worker&url';
import { ownScript } from '../trusted-types.ts';
import type { Choice } from '../view/sources.ts';
import { SoundTrack } from './sound-track.ts';

/** The worker that `video-frame-pool/worker` is, as Vite finds it. */
const makeWorker = (): Worker => new Worker(ownScript(workerAddress), { type: 'module' });

/** One video; whoever opened it closes it. */
export class Video {
  readonly name: string;
  /**
   * Reads and decodes in the page. The film strip and the export always use it: so the switch, which is for what is played,
   * neither empties the one nor ends the other.
   */
  readonly reader: VideoReader;
  readonly #source: Choice['source'];
  #remote: VideoReader | null = null;
  #sound: Promise<SoundTrack> | null = null;

  private constructor({ name, source }: Choice, reader: VideoReader) {
    this.name = name;
    this.#source = source;
    this.reader = reader;
  }

  /** @throws What `openVideo()` throws; the signal's reason. */
  static async open(choice: Choice, signal: AbortSignal): Promise<Video> {
    return new Video(choice, await openVideo(choice.source, { signal }));
  }

  /** Whether it is open in a worker. */
  get isInWorker(): boolean {
    return this.#remote !== null;
  }

  /**
   * Opens it in a worker as well.
   *
   * @returns The reader there, which is the video's to close.
   * @throws What `openVideo()` throws; the signal's reason.
   */
  async openInWorker(signal: AbortSignal): Promise<VideoReader> {
    const remote = await openVideo(this.#source, { worker: makeWorker, signal });
    if (signal.aborted) await remote.close();
    signal.throwIfAborted();
    this.#remote = remote;
    return remote;
  }

  /**
   * Is in the page alone from here on.
   *
   * @returns The reader in the worker, if there was one: to be closed by the caller once nobody reads from it.
   */
  leaveWorker(): VideoReader | null {
    const remote = this.#remote;
    this.#remote = null;
    return remote;
  }

  /** Looks for its sound, which is the video's to close. */
  openSound(): Promise<SoundTrack> {
    this.#sound ??= SoundTrack.open(this.#source);
    return this.#sound;
  }

  /** Ends what is running on it, and the worker. */
  async close(): Promise<void> {
    void this.#sound?.then((sound) => sound.close());
    await this.leaveWorker()?.close();
    await this.reader.close();
  }
}
