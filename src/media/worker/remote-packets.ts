/** Encoded chunks that a worker reads from a file: one message asks for as many as are awaited. */
import { dataError } from '../../errors.ts';
import type { PacketConsumer, PacketProducer } from '../packet-iterator.ts';
import type { ErrorRecord } from './error-record.ts';
import { errorOf } from './error-record.ts';
import type { PacketsRequest } from './messages.ts';
import type { JobLink, RemoteJob } from './job-link.ts';

/**
 * Iterations with a pending call. They are kept from here: the reader knows its jobs weakly, so that the worker is told of
 * iterations that the app forgot, and a pending call would be forgotten with them.
 */
const awaited = new Set<RemotePackets>();

/** One iteration in the window. */
export class RemotePackets implements PacketProducer, RemoteJob {
  readonly #request: PacketsRequest;
  readonly #link: JobLink;
  readonly #consumer: PacketConsumer;
  #job: number | null = null;
  #arrived = 0;
  /** The newest `wanted` that the worker knows of. */
  #told = 0;
  #stopped = false;

  constructor(request: PacketsRequest, link: JobLink, consumer: PacketConsumer) {
    this.#request = request;
    this.#link = link;
    this.#consumer = consumer;
  }

  pull(): void {
    if (this.#stopped) return;
    if (this.#job === null) {
      this.#job = this.#link.begin(this);
      this.#link.tell({ kind: 'start', job: this.#job, request: this.#request });
    }
    awaited.add(this);
    const wanted = this.#arrived + this.#consumer.awaited;
    if (wanted <= this.#told) return;
    this.#told = wanted;
    this.#link.tell({ kind: 'more', job: this.#job, permits: 0, wanted });
  }

  stop(): void {
    this.#end(true);
  }

  /** Takes a chunk that has come. */
  arriveChunk(chunk: EncodedVideoChunk): void {
    if (this.#stopped) return;
    if (this.#consumer.awaited === 0) {
      this.fail(dataError('the worker sent a chunk that was not asked for'));
      return;
    }
    this.#arrived++;
    this.#consumer.take(chunk);
    if (this.#consumer.awaited === 0) awaited.delete(this);
  }

  /** Frames have no place here. */
  arrive(frame: VideoFrame): void {
    frame.close();
    this.fail(dataError('the worker sent a frame where chunks were asked for'));
  }

  /** The worker has no more, because of an error or without. */
  ended(record: ErrorRecord | null): void {
    if (this.#stopped) return;
    this.#end(false);
    if (record === null) this.#consumer.finish();
    else this.#consumer.fail(errorOf(record));
  }

  /** Ends it from this side. */
  fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#consumer.fail(error);
  }

  #end(tells: boolean): void {
    if (this.#stopped) return;
    this.#stopped = true;
    awaited.delete(this);
    if (this.#job === null) return;
    this.#link.forget(this.#job);
    if (tells) this.#link.tell({ kind: 'stop', job: this.#job });
  }
}
