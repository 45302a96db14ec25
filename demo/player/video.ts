/** An open video: its reader on the main thread and, on request, a second one in a worker. */
import type { VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import workerAddress from '../../src/media/worker/bundled.ts?worker&url';
import { ownScript } from '../trusted-types.ts';
import type { Choice } from '../view/sources.ts';
import { SoundTrack } from './sound-track.ts';

/** Creates the worker of `video-frame-pool/worker`, as Vite resolves it. */
const makeWorker = (): Worker => new Worker(ownScript(workerAddress), { type: 'module' });

/** One open video, owned by the code that opened it. */
export class Video {
  readonly name: string;
  /**
   * Reads and decodes on the main thread. The film strip and the export always use this reader, so that switching
   * playback to a worker does not interrupt them.
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

  /** Whether playback uses a worker. */
  get isInWorker(): boolean {
    return this.#remote !== null;
  }

  /**
   * Opens the video in a worker as well.
   *
   * @returns The reader in the worker, owned by this video.
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
   * Goes back to the main thread.
   *
   * @returns The reader in the worker, or null. The caller closes it once nothing reads from it.
   */
  leaveWorker(): VideoReader | null {
    const remote = this.#remote;
    this.#remote = null;
    return remote;
  }

  /** Opens the sound track, which this video closes. */
  openSound(): Promise<SoundTrack> {
    this.#sound ??= SoundTrack.open(this.#source);
    return this.#sound;
  }

  /** Closes the readers, the sound and the worker. */
  async close(): Promise<void> {
    void this.#sound?.then((sound) => sound.close());
    await this.leaveWorker()?.close();
    await this.reader.close();
  }
}
