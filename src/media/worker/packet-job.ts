/** Iteration over encoded chunks in the worker: posts as many as the window requests. */
import type { LocalVideo } from '../local-video.ts';
import { recordOf } from './error-record.ts';
import type { PostMessage } from './frame-job.ts';
import type { PacketsRequest } from './messages.ts';

/** Job for encoded chunks. It does not read ahead of the window. */
export class PacketJob {
  readonly #number: number;
  readonly #post: PostMessage;
  readonly #ending = new AbortController();
  readonly #chunks: AsyncIterableIterator<EncodedVideoChunk>;
  #wanted = 0;
  #sent = 0;
  #isReading = false;

  constructor(number: number, video: LocalVideo, { from, to }: PacketsRequest, post: PostMessage) {
    this.#number = number;
    this.#post = post;
    this.#chunks = video.packets({ from, to, signal: this.#ending.signal });
  }

  /**
   * Sets the number of the last chunk that the window waits for.
   *
   * @returns False for permits, which chunks do not need.
   */
  grant(permits: number, wanted: number): boolean {
    if (permits !== 0) return false;
    this.#wanted = wanted;
    if (!this.#isReading) void this.#read();
    return true;
  }

  /** Chunks need no slot of a pool. */
  endPermits(): void {}

  /** Stops the job: the window needs no more chunks. */
  stop(): void {
    this.#ending.abort();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#sent < this.#wanted) {
        const { done, value } = await this.#chunks.next();
        if (done === true) {
          this.#post({ kind: 'end', job: this.#number, error: null });
          return;
        }
        this.#sent++;
        this.#post({ kind: 'chunk', job: this.#number, chunk: value });
      }
    } catch (error) {
      // After a stop the window does not need the error.
      if (!this.#ending.signal.aborted)
        this.#post({ kind: 'end', job: this.#number, error: recordOf(error) });
    } finally {
      this.#isReading = false;
    }
  }
}
