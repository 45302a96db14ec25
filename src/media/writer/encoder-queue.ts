/** Samples on their way through an encoder: how many may be inside, and which of them have come out. */
import type { Clock } from '../../clock.ts';
import { Silence } from '../../decode/silence.ts';
import { aborted } from '../../errors.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import type { Storage } from '../../pool/storage.ts';
import { Inside } from './inside.ts';
import type { PacketTrack } from './packet-track.ts';
import { told } from './told.ts';

/** A sample to be encoded: a snapshot of the writer's own, to be closed, and the share that keeps its slot until then. */
export interface Job<T extends VideoFrame | AudioData> {
  /** Counts the writes of the stream. */
  readonly number: number;
  readonly data: T;
  readonly share: FrameHandle<Storage> | null;
  readonly keyFrame: boolean;
  /** µs. */
  readonly timestamp: number;
}

/** An encoder of the platform's, as the queue uses it. */
export interface Codec<T extends VideoFrame | AudioData> {
  readonly encodeQueueSize: number;
  /** Whether all that is inside must come out before this goes in, and `requireTakes()` be called. */
  mustDrain?(job: Job<T>): boolean;
  /** Called for such a job when nothing is inside. @throws An error that says why the encoder cannot take it. */
  requireTakes?(job: Job<T>): Promise<void>;
  /** Puts a sample in, and leaves it open. Says by which time it is told: a picture's own, or when a sound ends, in µs. */
  encode(job: Job<T>): number;
  /** Nothing new comes until this time, in µs. */
  hold?(timestamp: number): void;
  flush(): Promise<void>;
  /** Drops what is inside. */
  reset(): void;
  close(): void;
}

/** What the queue is told and tells. */
export interface QueueOptions {
  readonly clock: Clock;
  readonly track: PacketTrack;
  /** Whether the number of samples inside is bounded. */
  readonly throttle: boolean;
  /** Whether a chunk stands for the one sample of its time, as pictures do, rather than for all up to its end. */
  readonly oneToOne: boolean;
  /** The encoder threw. */
  failed(error: unknown): void;
}

/** Samples inside the encoder or on the way to the muxer before a write has to wait: enough to keep an encoder busy. */
const BOUND = 6;

/** Nothing in, nothing out, nothing taken for so long, and the encoder is taken to wait for more input. */
const QUIET_MS = 100;

/** An encoder that says it has not even taken a sample is given so many intervals before that is doubted. */
const BUSY_INTERVALS = 10;

/** Samples beyond the bound. Firefox was seen to keep 42 frames of H.264 before the first chunk. */
const MAX_LAG = 128;

type Settle = { resolve(): void; reject(reason: unknown): void };

/** Jobs wait, go in, come out as chunks, and are done when the muxer has accepted those. */
export class EncoderQueue<T extends VideoFrame | AudioData> {
  readonly #codec: Codec<T>;
  readonly #options: QueueOptions;
  readonly #silence: Silence;
  #waiting: (Settle & { job: Job<T> })[] = [];
  /** Writers whose sample is in, and who wait for room for the next. */
  #writers: Settle[] = [];
  readonly #inside: Inside;
  /** Written, and not in the file. In order of writing, so that the first is the oldest. */
  readonly #open = new Set<number>();
  /** The number up to which a marker waits: no packet of those is held back. */
  #marked = -1;
  /** The number of the newest sample in the packet that is held back. */
  #heldNumber = -1;
  /** The newest sample written, and until when it is shown at least, in µs. */
  #newest = -1;
  #newestUntil = -Infinity;
  /** Settles when the encoder is empty for a sample that wants it so; null while none does. */
  #draining: Promise<void> | null = null;
  #closed = false;
  lag = 0;
  submitted = 0;
  encoded = 0;
  dropped = 0;

  constructor(codec: Codec<T>, options: QueueOptions) {
    this.#codec = codec;
    this.#options = options;
    this.#inside = new Inside(options.oneToOne);
    this.#silence = new Silence(options.clock, QUIET_MS, Infinity, {
      untaken: () => this.#codec.encodeQueueSize,
      // Not for nothing: a timer keeps a writer that was forgotten.
      isAwaited: () =>
        this.#draining === null &&
        this.lag < MAX_LAG &&
        (this.#waiting.length > 0 || this.#writers.length > 0),
      onQuiet: (silentMs) => this.#onQuiet(silentMs),
      onStarved() {},
    });
  }

  /** Whether nothing is inside the encoder that is still to come out. */
  get isEmpty(): boolean {
    return this.#inside.size === 0;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Samples inside the encoder, and packets on the way to the muxer. */
  get size(): number {
    return this.#inside.size + this.#options.track.backlog;
  }

  /** Takes a job over, whatever happens. Settles when there is room for the next. */
  write(job: Job<T>): Promise<void> {
    this.#open.add(job.number);
    this.#newest = job.number;
    this.#newestUntil = -Infinity;
    return told((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#pump();
    });
  }

  /** Whether all jobs up to this number are in the file; from now on nothing of them is held back. */
  isDone(number: number): boolean {
    this.#marked = Math.max(this.#marked, number);
    if (this.#heldNumber >= 0 && this.#heldNumber <= this.#marked) this.letGo();
    const [oldest = Infinity] = this.#open;
    return oldest > number;
  }

  /** The newest sample is shown until this time at least, in µs, wherever it is by now. */
  extendTo(timestamp: number): void {
    this.#newestUntil = timestamp;
    if (this.#heldNumber === this.#newest) this.#options.track.extendTo(timestamp);
    if (this.#waiting.length === 0) this.#codec.hold?.(timestamp);
  }

  /** Lets the packet go that is held back. */
  letGo(): void {
    const next = this.#heldNumber < 0 ? undefined : this.#timestampOf(this.#heldNumber + 1);
    this.#heldNumber = -1;
    this.#options.track.letGo(next);
  }

  /** The encoder put a chunk out. */
  onChunk(chunk: EncodedVideoChunk | EncodedAudioChunk, metadata?: EncodedVideoChunkMetadata): void {
    if (this.#closed) return;
    this.#silence.heardFrame();
    const { done, dropped } = this.#inside.takeDone(chunk);
    this.encoded += done.length;
    this.#giveUp(dropped);
    const newest = done.at(-1) ?? -1;
    const { track, oneToOne } = this.#options;
    const accepted = (): void => {
      for (const number of done) this.#open.delete(number);
    };
    track.put({ chunk, metadata, accepted }, oneToOne);
    if (oneToOne) {
      // Held also where a marker lets it go at once: what is known of its end must reach it first.
      this.#heldNumber = newest;
      if (newest === this.#newest) track.extendTo(this.#newestUntil);
      if (newest <= this.#marked) this.letGo();
    }
    this.#pump();
  }

  /** The muxer took a packet: there may be room. */
  onAccepted(): void {
    this.#pump();
  }

  /** Gets everything out and into the file. Nothing may be written afterwards. */
  async finish(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#wantsDrained) await this.#drain();
      else this.#submitFirst();
    }
    if (this.#closed) throw aborted('the encoder was closed');
    this.#settleWriters();
    this.#silence.stop();
    this.#codec.hold?.(this.#newestUntil);
    await this.#codec.flush();
    this.#giveUp(this.#inside.takeAll());
    this.letGo();
    await this.#options.track.settled;
    this.#codec.close();
  }

  /** Drops what waits and what is inside, and goes on. */
  drop(reason: unknown): void {
    this.#abandon(reason);
    this.#newest = this.#heldNumber;
    this.#newestUntil = -Infinity;
    this.#codec.reset();
  }

  /** Ends it: drops everything and closes the encoder. Idempotent. */
  close(reason: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#silence.stop();
    this.#abandon(reason);
    this.#codec.close();
  }

  /** When a picture begins that was written and has not come out, in µs. */
  #timestampOf(number: number): number | undefined {
    const waiting = (): number | undefined =>
      this.#waiting.find(({ job }) => job.number === number)?.job.timestamp;
    return this.#inside.timeOf(number) ?? waiting();
  }

  #abandon(reason: unknown): void {
    const waiting = this.#waiting.splice(0);
    const writers = this.#writers.splice(0);
    for (const { job, reject } of waiting) {
      this.#open.delete(job.number);
      giveBack(job);
      reject(reason);
    }
    for (const number of this.#inside.takeAll()) this.#open.delete(number);
    for (const { reject } of writers) reject(reason);
  }

  /** These went in and will not come out. */
  #giveUp(numbers: readonly number[]): void {
    this.dropped += numbers.length;
    for (const number of numbers) this.#open.delete(number);
  }

  get #hasRoom(): boolean {
    return !this.#options.throttle || this.size < BOUND + this.lag;
  }

  #pump(): void {
    while (!this.#closed && this.#waiting.length > 0 && this.#hasRoom) {
      if (this.#wantsDrained) {
        void this.#drain();
        break;
      }
      this.#submitFirst();
    }
    if (this.#closed) return;
    if (this.#waiting.length === 0 && this.#hasRoom) this.#settleWriters();
    if (this.#waiting.length > 0 || this.#writers.length > 0) this.#silence.listen();
  }

  get #wantsDrained(): boolean {
    const [first] = this.#waiting;
    if (this.#draining !== null) return true;
    return first !== undefined && this.#codec.mustDrain?.(first.job) === true;
  }

  /** An encoder that fails, is emptied or closed meanwhile is known of by other ways. */
  #drain(): Promise<void> {
    this.#draining ??= this.#emptied()
      .then(() => this.#requireTakesFirst())
      .then(() => {
        this.#draining = null;
        this.#pump();
      });
    return this.#draining;
  }

  async #emptied(): Promise<void> {
    if (this.#inside.size === 0) return;
    await this.#codec.flush().then(
      () => this.#giveUp(this.#inside.takeAll()),
      () => {},
    );
  }

  async #requireTakesFirst(): Promise<void> {
    const [first] = this.#waiting;
    if (this.#closed || first === undefined) return;
    try {
      await this.#codec.requireTakes?.(first.job);
    } catch (error) {
      if (!this.#closed) this.#options.failed(error);
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
      this.#inside.enter(job.number, job.timestamp);
      const time = this.#codec.encode(job);
      // An encoder may put out inside the call.
      if (this.#inside.timeOf(job.number) !== undefined) this.#inside.enter(job.number, time);
      this.#silence.heardInput();
    } catch (error) {
      this.#inside.leave(job.number);
      first.reject(error);
      this.#options.failed(error);
      return;
    } finally {
      giveBack(job);
    }
    this.#writers.push(first);
  }

  /** Gives an encoder more that keeps all it has and says nothing: twice as much each time, or lags would take seconds. */
  #onQuiet(silentMs: number): void {
    if (this.#options.track.backlog > 0 || this.lag >= MAX_LAG) return;
    if (this.#codec.encodeQueueSize > 0 && silentMs < BUSY_INTERVALS * QUIET_MS) return;
    this.lag = Math.min(MAX_LAG, Math.max(1, this.lag * 2));
    this.#pump();
  }
}

function giveBack({ data, share }: Job<VideoFrame | AudioData>): void {
  data.close();
  share?.release();
}
