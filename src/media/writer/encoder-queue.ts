/** Queue of samples in front of an encoder: limits how many are in flight, and tracks which have come out. */
import type { Clock } from '../../base/clock.ts';
import type { Deferred } from '../../base/deferred.ts';
import { StallDetector } from '../../base/stall-detector.ts';
import { aborted } from '../../base/errors.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import type { Storage } from '../../pool/storage.ts';
import { InFlightSamples } from './in-flight-samples.ts';
import type { PacketTrack } from './packet-track.ts';
import { handledDeferred } from './callbacks.ts';

/** A sample to encode. `data` is the writer's own snapshot, closed after encoding; `share` holds its slot until then. */
export interface EncodeJob<T extends VideoFrame | AudioData> {
  /** Sequence number of the write within the stream. */
  readonly number: number;
  readonly data: T;
  readonly share: FrameHandle<Storage> | null;
  readonly keyFrame: boolean;
  /** In µs. */
  readonly timestamp: number;
}

/** A platform encoder, as the queue uses it. */
export interface StreamEncoder<T extends VideoFrame | AudioData> {
  readonly encodeQueueSize: number;
  /** Whether the encoder must be drained, and `requireTakes()` called, before this job is encoded. */
  mustDrain?(job: EncodeJob<T>): boolean;
  /**
   * Called for such a job when the encoder is empty.
   *
   * @throws An error with the reason why the encoder cannot take it.
   */
  requireTakes?(job: EncodeJob<T>): Promise<void>;
  /** Encodes a sample and leaves it open. Returns the time that identifies it: a picture's own, or the end of a sound, in µs. */
  encode(job: EncodeJob<T>): number;
  /** Announces that no sample comes before this time, in µs. */
  hold?(timestamp: number): void;
  flush(): Promise<void>;
  /** Drops the samples inside. */
  reset(): void;
  close(): void;
}

/** Collaborators and callbacks of a queue. */
export interface QueueOptions {
  readonly clock: Clock;
  readonly track: PacketTrack;
  /** Whether the number of samples in flight is limited. */
  readonly throttle: boolean;
  /** Whether a chunk belongs to the one sample of its time (pictures), instead of to all samples up to its end (sound). */
  readonly oneToOne: boolean;
  /** The encoder threw. */
  failed(error: unknown): void;
}

/** Limit of samples inside the encoder or in flight to the muxer before a write waits: enough to keep an encoder busy. */
const BOUND = 6;

/** After this time without input, output or a taken sample, the encoder is assumed to wait for more input. */
const QUIET_MS = 100;

/** Number of intervals during which an encoder may report a sample as not yet taken, before that report is ignored. */
const BUSY_INTERVALS = 10;

/** Maximum of samples beyond the limit. Firefox kept 42 frames of H.264 before the first chunk. */
const MAX_ENCODER_DELAY = 128;

/**
 * Encoder queue of one stream. A job waits, enters the encoder, comes out as chunks, and is done when the muxer has accepted
 * them.
 */
export class EncoderQueue<T extends VideoFrame | AudioData> {
  readonly #encoder: StreamEncoder<T>;
  readonly #options: QueueOptions;
  readonly #silence: StallDetector;
  #waiting: { readonly job: EncodeJob<T>; readonly written: Deferred }[] = [];
  /** Writers whose sample is in the encoder, and which wait for room for the next. */
  #writers: Deferred[] = [];
  readonly #inFlight: InFlightSamples;
  /** Samples that are written but not yet in the file. In order of writing, so the first is the oldest. */
  readonly #open = new Set<number>();
  /** Sequence number up to which a marker waits. Packets of samples up to it are not held back. */
  #marked = -1;
  /** Sequence number of the newest sample in the held packet. */
  #heldNumber = -1;
  /** The newest sample written, and the earliest end of its display, in µs. */
  #newest = -1;
  #newestUntil = -Infinity;
  /** Settles when the encoder is drained for a sample that requires it; null while none does. */
  #draining: Promise<void> | null = null;
  #isClosed = false;
  encoderDelay = 0;
  submitted = 0;
  encoded = 0;
  dropped = 0;

  constructor(encoder: StreamEncoder<T>, options: QueueOptions) {
    this.#encoder = encoder;
    this.#options = options;
    this.#inFlight = new InFlightSamples(options.oneToOne);
    this.#silence = new StallDetector(options.clock, QUIET_MS, Infinity, {
      untaken: () => this.#encoder.encodeQueueSize,
      // Only while needed: a running timer would keep a forgotten writer alive.
      isAwaited: () =>
        this.#draining === null &&
        this.encoderDelay < MAX_ENCODER_DELAY &&
        (this.#waiting.length > 0 || this.#writers.length > 0),
      onIdle: (silentMs) => this.#onQuiet(silentMs),
      onStarved() {},
    });
  }

  /** Whether no sample inside the encoder has yet to come out. */
  get isEmpty(): boolean {
    return this.#inFlight.size === 0;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Samples inside the encoder, and packets in flight to the muxer. */
  get size(): number {
    return this.#inFlight.size + this.#options.track.backlog;
  }

  /** Takes ownership of a job, even if it fails. Settles when there is room for the next. */
  write(job: EncodeJob<T>): Promise<void> {
    this.#open.add(job.number);
    this.#newest = job.number;
    this.#newestUntil = -Infinity;
    const written = handledDeferred<void>();
    this.#waiting.push({ job, written });
    this.#pump();
    return written.promise;
  }

  /** Marks all jobs up to this number as not to be held back any more. Returns whether all of them are in the file. */
  isDone(number: number): boolean {
    this.#marked = Math.max(this.#marked, number);
    if (this.#heldNumber >= 0 && this.#heldNumber <= this.#marked) this.flushHeld();
    const [oldest = Infinity] = this.#open;
    return oldest > number;
  }

  /** Extends the newest sample's display to at least this time, in µs, wherever the sample is by now. */
  extendTo(timestamp: number): void {
    this.#newestUntil = timestamp;
    if (this.#heldNumber === this.#newest) this.#options.track.extendTo(timestamp);
    if (this.#waiting.length === 0) this.#encoder.hold?.(timestamp);
  }

  /** Passes the held packet on to the muxer. */
  flushHeld(): void {
    const next = this.#heldNumber < 0 ? undefined : this.#timestampOf(this.#heldNumber + 1);
    this.#heldNumber = -1;
    this.#options.track.flushHeld(next);
  }

  /** Called for each chunk that the encoder puts out. */
  onChunk(chunk: EncodedVideoChunk | EncodedAudioChunk, metadata?: EncodedVideoChunkMetadata): void {
    if (this.#isClosed) return;
    this.#silence.noteFrame();
    const { done, dropped } = this.#inFlight.takeCompleted(chunk);
    this.encoded += done.length;
    this.#markDropped(dropped);
    const newest = done.at(-1) ?? -1;
    const { track, oneToOne } = this.#options;
    const accepted = (): void => {
      for (const number of done) this.#open.delete(number);
    };
    track.put({ chunk, metadata, accepted }, oneToOne);
    if (oneToOne) {
      // Held even if a marker flushes it at once: the known end of its display must reach it first.
      this.#heldNumber = newest;
      if (newest === this.#newest) track.extendTo(this.#newestUntil);
      if (newest <= this.#marked) this.flushHeld();
    }
    this.#pump();
  }

  /** Called when the muxer has accepted a packet, so there may be room. */
  onAccepted(): void {
    this.#pump();
  }

  /** Encodes and writes everything. No write may follow. */
  async finish(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#mustDrain) await this.#drain();
      else this.#submitFirst();
    }
    if (this.#isClosed) throw aborted('the encoder was closed');
    this.#settleWriters();
    this.#silence.stop();
    this.#encoder.hold?.(this.#newestUntil);
    await this.#encoder.flush();
    this.#markDropped(this.#inFlight.takeAll());
    this.flushHeld();
    await this.#options.track.settled;
    this.#encoder.close();
  }

  /** Drops the waiting and encoding jobs. The queue stays usable. */
  drop(reason: unknown): void {
    this.#rejectAll(reason);
    this.#newest = this.#heldNumber;
    this.#newestUntil = -Infinity;
    this.#encoder.reset();
  }

  /** Drops everything and closes the encoder. Idempotent. */
  close(reason: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#silence.stop();
    this.#rejectAll(reason);
    this.#encoder.close();
  }

  /** Start of a picture that is written but has not come out, in µs. */
  #timestampOf(number: number): number | undefined {
    const waiting = (): number | undefined =>
      this.#waiting.find(({ job }) => job.number === number)?.job.timestamp;
    return this.#inFlight.timeOf(number) ?? waiting();
  }

  #rejectAll(reason: unknown): void {
    const waiting = this.#waiting.splice(0);
    const writers = this.#writers.splice(0);
    for (const { job, written } of waiting) {
      this.#open.delete(job.number);
      releaseJob(job);
      written.reject(reason);
    }
    for (const number of this.#inFlight.takeAll()) this.#open.delete(number);
    for (const { reject } of writers) reject(reason);
  }

  /** Counts samples that will not come out as dropped. */
  #markDropped(numbers: readonly number[]): void {
    this.dropped += numbers.length;
    for (const number of numbers) this.#open.delete(number);
  }

  get #canSubmit(): boolean {
    return !this.#options.throttle || this.size < BOUND + this.encoderDelay;
  }

  #pump(): void {
    while (!this.#isClosed && this.#waiting.length > 0 && this.#canSubmit) {
      if (this.#mustDrain) {
        void this.#drain();
        break;
      }
      this.#submitFirst();
    }
    if (this.#isClosed) return;
    if (this.#waiting.length === 0 && this.#canSubmit) this.#settleWriters();
    if (this.#waiting.length > 0 || this.#writers.length > 0) this.#silence.start();
  }

  get #mustDrain(): boolean {
    const [first] = this.#waiting;
    if (this.#draining !== null) return true;
    return first !== undefined && this.#encoder.mustDrain?.(first.job) === true;
  }

  /** If the encoder fails, is reset or is closed meanwhile, other calls report that. */
  #drain(): Promise<void> {
    this.#draining ??= this.#drained()
      .then(() => this.#requireTakesFirst())
      .then(() => {
        this.#draining = null;
        this.#pump();
      });
    return this.#draining;
  }

  async #drained(): Promise<void> {
    if (this.#inFlight.size === 0) return;
    await this.#encoder.flush().then(
      () => this.#markDropped(this.#inFlight.takeAll()),
      () => {},
    );
  }

  async #requireTakesFirst(): Promise<void> {
    const [first] = this.#waiting;
    if (this.#isClosed || first === undefined) return;
    try {
      await this.#encoder.requireTakes?.(first.job);
    } catch (error) {
      if (!this.#isClosed) this.#options.failed(error);
    }
  }

  #settleWriters(): void {
    for (const { resolve } of this.#writers.splice(0)) resolve();
  }

  #submitFirst(): void {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    const { job } = first;
    try {
      this.submitted++;
      this.#inFlight.add(job.number, job.timestamp);
      const time = this.#encoder.encode(job);
      // An encoder may put out a chunk inside the call.
      if (this.#inFlight.timeOf(job.number) !== undefined) this.#inFlight.add(job.number, time);
      this.#silence.noteInput();
    } catch (error) {
      this.#inFlight.remove(job.number);
      first.written.reject(error);
      this.#options.failed(error);
      return;
    } finally {
      releaseJob(job);
    }
    this.#writers.push(first.written);
  }

  /**
   * Raises the limit of an encoder that keeps all its input and puts nothing out. It doubles each time, because single steps
   * would take seconds for a long delay.
   */
  #onQuiet(silentMs: number): void {
    if (this.#options.track.backlog > 0 || this.encoderDelay >= MAX_ENCODER_DELAY) return;
    if (this.#encoder.encodeQueueSize > 0 && silentMs < BUSY_INTERVALS * QUIET_MS) return;
    this.encoderDelay = Math.min(MAX_ENCODER_DELAY, Math.max(1, this.encoderDelay * 2));
    this.#pump();
  }
}

function releaseJob({ data, share }: EncodeJob<VideoFrame | AudioData>): void {
  data.close();
  share?.release();
}
