/** Iteration over encoded chunks in the window: one message requests as many chunks as are awaited. */
import { dataError } from '../../base/errors.ts';
import type { PullSink, PullSource } from '../../base/pull-queue.ts';
import type { ErrorRecord } from './error-record.ts';
import { errorOf } from './error-record.ts';
import type { PacketsRequest, JobLink, RemoteJob } from './messages.ts';

/**
 * Iterations with a pending call. This set keeps them alive: the reader references its jobs weakly, so that forgotten iterations
 * are stopped in the worker, and a pending call would be lost with them.
 */
const awaited = new Set<RemotePackets>();

/** One iteration in the window. */
export class RemotePackets implements PullSource<EncodedVideoChunk>, RemoteJob {
  readonly #request: PacketsRequest;
  readonly #link: JobLink;
  readonly #sink: PullSink<EncodedVideoChunk>;
  #job: number | null = null;
  #arrived = 0;
  /** The latest `wanted` that was sent to the worker. */
  #sentWanted = 0;
  #isStopped = false;

  constructor(request: PacketsRequest, link: JobLink, sink: PullSink<EncodedVideoChunk>) {
    this.#request = request;
    this.#link = link;
    this.#sink = sink;
  }

  pull(): void {
    if (this.#isStopped) return;
    if (this.#job === null) {
      this.#job = this.#link.register(this);
      this.#link.post({ kind: 'start', job: this.#job, request: this.#request });
    }
    awaited.add(this);
    const wanted = this.#arrived + this.#sink.awaited;
    if (wanted <= this.#sentWanted) return;
    this.#sentWanted = wanted;
    this.#link.post({ kind: 'more', job: this.#job, permits: 0, wanted });
  }

  stop(): void {
    this.#end(true);
  }

  /** Takes an arrived chunk. */
  onChunk(chunk: EncodedVideoChunk): void {
    if (this.#isStopped) return;
    if (this.#sink.awaited === 0) {
      this.fail(dataError('the worker sent a chunk that was not requested'));
      return;
    }
    this.#arrived++;
    this.#sink.push(chunk);
    if (this.#sink.awaited === 0) awaited.delete(this);
  }

  /** Chunk iterations accept no frames. Closes the frame. */
  onFrame(frame: VideoFrame): void {
    frame.close();
    this.fail(dataError('the worker sent a frame in place of a chunk'));
  }

  /** The worker has ended the job, with or without an error. */
  onEnd(record: ErrorRecord | null): void {
    if (this.#isStopped) return;
    this.#end(false);
    if (record === null) this.#sink.end();
    else this.#sink.fail(errorOf(record));
  }

  /** Ends the iteration from this side. */
  fail(error: unknown): void {
    if (this.#isStopped) return;
    this.stop();
    this.#sink.fail(error);
  }

  #end(tells: boolean): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    awaited.delete(this);
    if (this.#job === null) return;
    this.#link.unregister(this.#job);
    if (tells) this.#link.post({ kind: 'stop', job: this.#job });
  }
}
