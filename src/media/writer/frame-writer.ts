/** Samples in, a file out: the public class. */
import type { Target } from 'mediabunny';
import { Output } from 'mediabunny';
import { platformClock } from '../../clock.ts';
import { asyncDispose } from '../../disposal.ts';
import { aborted, invalidState, requireFunction, requireWhole, shown } from '../../errors.ts';
import { guardOnce } from '../../guarded-class.ts';
import { FrameBudget } from '../../pool/frame-budget.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import { requireHolder } from '../../pool/holders.ts';
import { coreOf } from '../../pool/pool.ts';
import type { VideoFramePool } from '../../pool/pool.ts';
import type { BufferStorage, Storage } from '../../pool/storage.ts';
import { promised } from '../../pool/turns.ts';
import type { CanvasStorage } from '../../storage/canvas.ts';
import { Markers } from './markers.ts';
import { requireMicroseconds } from './microseconds.ts';
import type {
  AudioStreamConfig,
  FrameWriterOptions,
  SampleInfo,
  VideoStreamConfig,
  WriterStatistics,
  WriterStatus,
} from './options.ts';
import type { PlanSettings } from './plans.ts';
import { planAudio, planVideo } from './plans.ts';
import type { WriterSample, WritableOptions } from './sample-sink.ts';
import { sampleSink } from './sample-sink.ts';
import { checkedInfo, Samples } from './samples.ts';
import type { WriterStream } from './stream.ts';
import type { MadeStream, StreamMaker } from './streams.ts';
import { makeAudio, makeVideo } from './streams.ts';
import { Told } from './told.ts';

/** `'configuring'` until `beginWriting()`; `'failed'` when anything went wrong, which ends everything. */
export type WriterState = 'configuring' | 'writing' | 'finalizing' | 'finalized' | 'aborted' | 'failed';

const CALLBACKS = ['onFinalize', 'onMarker', 'onStreamError', 'onFormatChange'] as const;

const DEFAULT_CAPACITY = 4;

/** How long `abort()` waits for a target to be closed, in ms: one that is stuck must not keep everybody waiting. */
const CLOSING_MS = 1000;

/** Targets that have a writer: a second one would close it under the first. */
const targets = new WeakSet<Target>();

/**
 * Encodes samples and writes them into a file, on WebCodecs and mediabunny.
 *
 * Streams are added first, then `beginWriting()`, then samples in the order of their times, each stream for itself, then
 * `finalize()`. Keep the streams of a file in step: what one is ahead of the others is kept in memory by most formats.
 *
 * `await writeSample()`, or `await allocateSample()`, is the backpressure. Where anything fails (an encoder, the muxer, the
 * target) everything that waits rejects with that one error, everything goes back to its pool, and encoders are closed.
 */
export class FrameWriter {
  readonly #output: Output;
  readonly #told: Told;
  readonly #markers: Markers;
  readonly #maker: StreamMaker;
  readonly #made: MadeStream[] = [];
  /** Configuring calls that are under way: streams are numbered in the order of the calls. */
  #adding: Promise<unknown> = Promise.resolve();
  #state: WriterState = 'configuring';
  /** How it ended, once it has. */
  #status: WriterStatus | null = null;
  /** Rejects `finalize()` when something else ends the writing first. */
  #endFinalize: ((reason: unknown) => void) | null = null;
  #closing: Promise<void> = Promise.resolve();
  /** Fires when the writing ends otherwise than by `finalize()`. */
  readonly #ended = new AbortController();
  /** Fires when nothing may be written any more. */
  readonly #late = new AbortController();

  /**
   * @param options.format - Used as it is, and by this writer alone.
   * @param options.target - Likewise.
   * @throws `TypeError` or `RangeError` for an option that is none.
   */
  constructor(options: FrameWriterOptions) {
    guardOnce(FrameWriter.prototype, 'FrameWriter', (made) => #output in made);
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`options must be an object with format and target, got ${shown(options)}`);
    }
    const { format, target, callbacks = {}, capacity = DEFAULT_CAPACITY, throttle = true } = options;
    requireWhole('capacity', capacity, 1);
    for (const name of CALLBACKS) {
      if (callbacks[name] !== undefined) requireFunction(`callbacks.${name}`, callbacks[name]);
    }
    if (targets.has(target)) throw new TypeError('target is another writer’s: a target is good for one file');
    this.#output = new Output({ format, target });
    targets.add(target);
    this.#told = new Told(callbacks);
    this.#markers = new Markers(this.#told);
    this.#maker = {
      output: this.#output,
      clock: options.clock ?? platformClock,
      throttle: throttle !== false,
      capacity,
      budget: new FrameBudget({ maxFrames: capacity }),
      encoders: options.encoders ?? {},
      samples: new Samples(),
      ended: this.#ended.signal,
      failed: (stream, error) => this.#fail(error, stream),
      progressed: () => this.#markers.check(),
      formatChanged: (stream, config) => this.#told.tell('onFormatChange', stream, config),
    };
  }

  /** Where the writing is. */
  get state(): WriterState {
    return this.#state;
  }

  /**
   * Adds a stream of pictures. Whether it can be encoded is found out by encoding one picture.
   *
   * @returns The stream's number: 0 for the first one, of whatever kind.
   * @throws `TypeError` or `RangeError` for a wrong setting.
   * @throws `NotSupportedError` for a codec that this engine does not encode or this kind of file does not hold, with the
   *   list of those that can be had, or a setting that the codec does not allow.
   * @throws `InvalidStateError` once writing has begun or ended.
   */
  addVideoStream(config: VideoStreamConfig): Promise<number> {
    return this.#add('addVideoStream()', async () => {
      const plan = await planVideo(this.#planning, config);
      return (index) => makeVideo(this.#maker, index, config, plan);
    });
  }

  /** Adds a stream of sound; otherwise as `addVideoStream()`. */
  addAudioStream(config: AudioStreamConfig): Promise<number> {
    return this.#add('addAudioStream()', async () => {
      const plan = await planAudio(this.#planning, config);
      return (index) => makeAudio(this.#maker, index, config, plan);
    });
  }

  /**
   * Ends the configuration: from here on samples are taken.
   *
   * @throws `InvalidStateError` without a stream, or when called twice or after the end.
   * @throws What mediabunny throws where format, target and streams do not go together. The writer has failed then.
   */
  async beginWriting(): Promise<void> {
    this.#requireNotEnded('beginWriting()');
    await this.#orEnd(this.#adding);
    this.#require('configuring', 'beginWriting()');
    if (this.#made.length === 0) throw invalidState('beginWriting(): there is no stream');
    this.#state = 'writing';
    try {
      for (const { start } of this.#made) start();
      await this.#orEnd(this.#output.start());
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /**
   * Lends a sample to draw on or to fill, of the stream's size, from the writer's own slots; waits while `capacity` of them
   * are out or in the writer's queue.
   *
   * It is good for one `writeSample()`, which spends it, or is given back by `release()`. The end of the writer takes back
   * samples that were not written: `finalize()` and `abort()` at the call, and a failure. Reading through one then throws an
   * `InvalidStateError` that names the end.
   *
   * @returns One share, owned by the caller: a canvas, or memory where the stream's `sample` says so.
   * @throws `InvalidStateError` before `beginWriting()` and after the end.
   * @throws `AbortError`, or the signal's own reason, when the signal fires; the writer's error when it fails meanwhile.
   * @throws `TypeError` for a stream that lends none: of sound, or of chunks.
   */
  allocateSample<S extends BufferStorage = CanvasStorage>(
    stream: number,
    options: { signal?: AbortSignal | undefined; holder?: string | undefined } = {},
  ): Promise<FrameHandle<S>> {
    return promised(() => {
      requireHolder(options.holder);
      const { pool } = this.#writing('allocateSample()', stream);
      if (pool === null)
        throw new TypeError(`allocateSample(): stream ${stream} takes no pictures to be encoded`);
      return pool.acquire(options).then((handle) => this.#lent(pool, handle) as FrameHandle<S>);
    });
  }

  /** Notes a sample, which the writer may have ended before it reached its caller. */
  #lent(pool: VideoFramePool<BufferStorage>, handle: FrameHandle<BufferStorage>): FrameHandle<BufferStorage> {
    try {
      this.#requireNotEnded('allocateSample()');
      this.#require('writing', 'allocateSample()');
    } catch (error) {
      handle.release();
      throw error;
    }
    this.#maker.samples.lend(coreOf(pool), handle);
    return handle;
  }

  /**
   * Writes a sample: a handle of any pool, a `VideoFrame`, or `AudioData`. The writer takes a snapshot and, of a handle, its
   * own share, in this very call: what is the caller's stays the caller's, to be released or closed at once, whether this
   * succeeds or fails. A sample of `allocateSample()` is spent by it.
   *
   * @returns Settles when there is room for the next one; what was written may be far from the file then.
   * @throws `TypeError` for what is no sample of this stream, a frame that a pool lent, or times that are none.
   * @throws `RangeError` for a timestamp that is not above the last one, or a picture or sound of another size or format
   *   where that is refused. The sample was not taken, and writing goes on; one of `allocateSample()` is still to be
   *   released or written.
   * @throws `InvalidStateError` for a sample that was written, released or closed before, or when the writer is not writing.
   * @throws The writer's error when it fails before there is room, `AbortError` after `flush()` or `abort()`. Once it has ended,
   *   `InvalidStateError` with that as its `cause`.
   */
  writeSample(
    stream: number,
    sample: FrameHandle<Storage> | VideoFrame | AudioData,
    info: SampleInfo = {},
  ): Promise<void> {
    return this.#quiet(() => {
      const found = this.#writing('writeSample()', stream);
      return found.write(sample, checkedInfo(info));
    });
  }

  /**
   * The writable end of a stream, for pipes. It takes what is written over: a handle is released, a frame or sound is closed
   * once the writer has its snapshot, and all that is queued when the stream comes to a bad end.
   *
   * It is ready for the next when there is room, as `writeSample()`. `close()` waits for what was written and does not
   * finalize, for other streams may go on; `abort()` aborts the writer with its reason; a sample that is refused fails this
   * stream, and not the writer. What is written after the end is refused and stays its writer's.
   *
   * @throws `RangeError` for a stream that there is not, `InvalidStateError` when the writer is not writing; at once.
   * @throws From the stream: what `writeSample()` throws, and how the writer ended, also while nothing is written.
   */
  writable(stream: number, options: WritableOptions = {}): WritableStream<WriterSample> {
    this.#writing('writable()', stream);
    if (options.info !== undefined) requireFunction('info', options.info);
    return sampleSink(
      {
        writeSample: (sample, info) => this.writeSample(stream, sample, info),
        abort: (reason) => this.abort(reason),
        ended: this.#late.signal,
      },
      options,
    );
  }

  /**
   * Writes a chunk that was encoded elsewhere, to a stream of `input: 'chunks'`, in decoding order.
   *
   * @param metadata - As an encoder gives it; the first chunk's must have `decoderConfig`.
   * @throws `DataError` for a first chunk that is no key frame, or a time before the group of pictures that ended.
   * @throws `TypeError`, `InvalidStateError` and the writer's error as `writeSample()` does.
   */
  writeChunk(
    stream: number,
    chunk: EncodedVideoChunk | EncodedAudioChunk,
    metadata?: EncodedVideoChunkMetadata | EncodedAudioChunkMetadata,
  ): Promise<void> {
    return this.#quiet(() => {
      const found = this.#writing('writeChunk()', stream);
      return found.writeChunk(chunk, metadata);
    });
  }

  /**
   * Says that nothing new comes until this time: the last picture is shown at least until then, and sound is silent.
   *
   * @param timestamp - In µs. The next sample may have this time, or a later one.
   * @throws `RangeError` for a time that is not above the last sample's, `InvalidStateError` when the writer is not writing.
   */
  sendStreamTick(stream: number, timestamp: number): void {
    const found = this.#writing('sendStreamTick()', stream);
    found.tick(requireMicroseconds('timestamp', timestamp));
  }

  /**
   * Places a marker behind what was written so far. It is done when the muxer has accepted all of that, without a flush of
   * the encoder: what that keeps back may need later samples, or `finalize()`. Markers are done in the order in which they
   * were placed, over all streams.
   *
   * @returns Resolves with the context, as `onMarker` gets it.
   * @throws `InvalidStateError` when the writer is not writing; the writer's error when it fails, `AbortError` after
   *   `flush()` or `abort()`.
   */
  placeMarker<T = unknown>(stream: number, context?: T): Promise<T> {
    return this.#quiet(() => {
      const found = this.#writing('placeMarker()', stream);
      return this.#markers.place(found, found.lastWritten, context) as Promise<T>;
    });
  }

  /**
   * Ends a segment: the next picture is a key frame, so that the file can be cut there.
   *
   * @throws `InvalidStateError` when the writer is not writing.
   */
  notifyEndOfSegment(stream: number): void {
    this.#writing('notifyEndOfSegment()', stream).endSegment();
  }

  /**
   * Drops, as a sink writer's flush does and unlike that of a WebCodecs encoder: what is on its way into the stream's encoder
   * and inside it. Samples go back to their pools; writes and markers that
   * wait reject with `AbortError`. What was dropped may be written again, and begins with a key frame.
   *
   * @throws `InvalidStateError` when the writer is not writing.
   */
  flush(stream: number): void {
    const found = this.#writing('flush()', stream);
    const reason = aborted(`flush(): what was pending in stream ${stream} was dropped`);
    found.drop(reason);
    this.#markers.reject(reason, found);
  }

  /**
   * Encodes and writes what is left and closes the file. Once. Samples of `allocateSample()` that were not written return to
   * the writer at the call.
   *
   * @throws Whatever went wrong first, also long before; `AbortError`, or the reason given, after `abort()`.
   * @throws `InvalidStateError` before `beginWriting()`, or when called before.
   */
  finalize(): Promise<void> {
    return promised(() => {
      if (this.#status?.state === 'failed') throw this.#status.error;
      if (this.#status?.state === 'aborted') throw this.#status.reason;
      this.#require('writing', 'finalize()');
      this.#state = 'finalizing';
      const late = invalidState('allocateSample(): the writer is finalizing');
      for (const { stream } of this.#made) stream.stopLending(late);
      this.#maker.samples.takeBack({ by: 'finalize() of the FrameWriter', reason: undefined });
      this.#late.abort(invalidState('write(): the writer is finalizing'));
      return new Promise<void>((resolve, reject) => {
        this.#endFinalize = reject;
        this.#closing = this.#finish().then(resolve, (error: unknown) => this.#fail(error));
      });
    });
  }

  /**
   * Ends the writing at once. Samples of `allocateSample()` that were not written, and all that waits to be encoded, return
   * to their pools in this call; reading through such a sample then throws an `InvalidStateError` that names the abort. What is there of the file is of no use, but stays where it is: mediabunny closes the target,
   * which makes a file handle's beginning of a file the file. Does nothing after an end.
   *
   * @param reason - What everything that waits rejects with; an `AbortError` by default.
   * @returns Resolves when the target is closed, has refused to be, or has not answered for a second.
   */
  abort(reason: unknown = aborted('abort(): the writer was aborted')): Promise<void> {
    this.#end('aborted', { state: 'aborted', reason }, reason);
    return this.#closing;
  }

  /**
   * What has become of a stream so far.
   *
   * @throws `RangeError` for a stream that there is not.
   */
  getStatistics(stream: number): WriterStatistics {
    return this.#stream(stream).statistics();
  }

  /**
   * What a stream's encoder is really configured with: the codec string, the rate, and the size since the last
   * `onFormatChange`.
   *
   * @returns A copy.
   * @throws `RangeError` for a stream that there is not.
   */
  getConfiguration(stream: number): VideoEncoderConfig | AudioEncoderConfig {
    return { ...this.#stream(stream).encoderConfig };
  }

  /** Ends the writing at once where it has not ended, for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.abort();
  }

  get #planning(): PlanSettings {
    const { encoders } = this.#maker;
    return { format: this.#output.format, encoders, signal: this.#ended.signal };
  }

  async #finish(): Promise<void> {
    await Promise.all(this.#made.map(({ stream }) => stream.finish()));
    if (this.#status !== null) return;
    await this.#output.finalize();
    if (this.#status !== null) return;
    this.#markers.check();
    for (const { stream } of this.#made) stream.close(null);
    this.#state = 'finalized';
    this.#status = { state: 'finalized' };
    this.#endFinalize = null;
    this.#told.tell('onFinalize', this.#status);
  }

  #fail(error: unknown, stream?: number): void {
    if (this.#status !== null) return;
    if (stream !== undefined) this.#told.tell('onStreamError', stream, error);
    this.#end('failed', { state: 'failed', error }, error);
  }

  /** Ends everything, once: who waits is told why, slots go home, encoders and the target are closed. */
  #end(state: 'aborted' | 'failed', status: WriterStatus, reason: unknown): void {
    if (this.#status !== null) return;
    this.#status = status;
    this.#state = state;
    for (const { stream } of this.#made) stream.close(reason);
    const by = state === 'aborted' ? 'abort()' : 'a failure';
    this.#maker.samples.takeBack({ by: `${by} of the FrameWriter`, reason });
    this.#markers.reject(reason);
    this.#endFinalize?.(reason);
    this.#endFinalize = null;
    this.#ended.abort(reason);
    this.#late.abort(reason);
    this.#closing = this.#close(this.#closing);
    this.#told.tell('onFinalize', status);
  }

  /** Closes the target; not for longer than a target that works takes. */
  async #close(finishing: Promise<void>): Promise<void> {
    const { clock } = this.#maker;
    let timer: unknown = null;
    const late = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, CLOSING_MS);
    });
    // mediabunny closes the target itself of what it is finalizing, and cancels nothing then.
    const closed = this.#output.state === 'finalizing' ? finishing : this.#output.cancel();
    await Promise.race([closed.catch(() => {}), late]);
    clock.clearTimeout(timer);
  }

  /** What a promise comes to, or how the writing ended where that comes first. */
  #orEnd<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this.#ended;
    return new Promise((resolve, reject) => {
      const onEnd = (): void => reject(signal.reason as Error);
      if (signal.aborted) onEnd();
      signal.addEventListener('abort', onEnd);
      const leave = (): void => signal.removeEventListener('abort', onEnd);
      promise.then(resolve, reject).finally(leave);
    });
  }

  #add(call: string, plan: () => Promise<(index: number) => MadeStream>): Promise<number> {
    return promised(() => {
      this.#requireNotEnded(call);
      this.#require('configuring', call);
      const planned = plan();
      // Heard below, when those before are through.
      planned.catch(() => {});
      const added = this.#adding.then(async () => {
        const make = await planned;
        this.#requireNotEnded(call);
        this.#require('configuring', call);
        const made = make(this.#made.length);
        this.#made.push(made);
        return made.stream.index;
      });
      this.#adding = added.catch(() => {});
      return this.#orEnd(added);
    });
  }

  #writing(call: string, stream: number): WriterStream {
    this.#requireNotEnded(call);
    this.#require('writing', call);
    return this.#stream(stream);
  }

  #stream(stream: number): WriterStream {
    const last = this.#made.length - 1;
    if (last < 0)
      throw new RangeError(`stream must be the number of one: there is none, got ${shown(stream)}`);
    return (this.#made[requireWhole('stream', stream, 0, last)] as MadeStream).stream;
  }

  /** Makes a throw a rejection, which need not be heard once all has ended: see `told()`. */
  #quiet<T>(call: () => Promise<T>): Promise<T> {
    const promise = promised(call);
    if (this.#status !== null) promise.catch(() => {});
    return promise;
  }

  /** @throws `InvalidStateError` with how it ended as the cause. */
  #requireNotEnded(call: string): void {
    if (this.#status?.state === 'failed') {
      const { error } = this.#status;
      throw invalidState(`${call}: the writer has failed: ${String(error)}`, error);
    }
    if (this.#status?.state === 'aborted')
      throw invalidState(`${call}: the writer was aborted`, this.#status.reason);
  }

  #require(state: WriterState, call: string): void {
    if (this.#state !== state) throw invalidState(`${call}: the writer is ${this.#state}`);
  }
}
