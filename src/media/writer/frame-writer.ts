/** FrameWriter, the public class that encodes samples into a file. */
import type { Target } from 'mediabunny';
import { Output } from 'mediabunny';
import { raceAbort } from '../../base/abort.ts';
import { platformClock } from '../../base/clock.ts';
import { Deferred } from '../../base/deferred.ts';
import { asyncDispose } from '../../base/disposal.ts';
import { aborted, invalidState, requireFunction, requireWhole, shown } from '../../base/errors.ts';
import { guardOnce } from '../../base/guarded-class.ts';
import { FrameBudget } from '../../pool/frame-budget.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import { requireHolder } from '../../pool/holders.ts';
import { coreOf } from '../../pool/pool.ts';
import type { VideoFramePool } from '../../pool/pool.ts';
import type { BufferStorage, Storage } from '../../pool/storage.ts';
import { promiseTry } from '../../pool/acquire-or-wait.ts';
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
import type { ResolveContext } from './resolve-config.ts';
import { resolveAudioConfig, resolveVideoConfig } from './resolve-config.ts';
import type { WriterSample, WritableOptions } from './sample-sink.ts';
import { sampleSink } from './sample-sink.ts';
import { checkedInfo, SampleInput } from './sample-input.ts';
import type { WriterStream } from './stream.ts';
import type { MadeStream, StreamMaker } from './streams.ts';
import { makeAudio, makeVideo } from './streams.ts';
import { Callbacks } from './callbacks.ts';

/** State of a writer: `'configuring'` until `beginWriting()`, `'failed'` after any error, which ends all streams. */
export type WriterState = 'configuring' | 'writing' | 'finalizing' | 'finalized' | 'aborted' | 'failed';

const CALLBACKS = ['onFinalize', 'onMarker', 'onStreamError', 'onFormatChange'] as const;

const DEFAULT_CAPACITY = 4;

/** Maximum time that `abort()` waits for the target to close, in ms, so that a stuck target does not block callers. */
const CLOSE_TIMEOUT_MS = 1000;

/** Targets in use by a writer: a second writer would close the target under the first. */
const targets = new WeakSet<Target>();

/**
 * Encodes samples and writes them into a file, on WebCodecs and mediabunny.
 *
 * Add the streams first, then call `beginWriting()`, write samples in the order of their timestamps (within each stream), then
 * call `finalize()`. Keep the streams of a file in step: most formats buffer the stream that is ahead in memory.
 *
 * `await writeSample()`, or `await allocateSample()`, is the backpressure. If anything fails (an encoder, the muxer, the target),
 * all pending calls reject with that one error, all slots return to their pools, and the encoders are closed.
 */
export class FrameWriter {
  readonly #output: Output;
  readonly #callbacks: Callbacks;
  readonly #markers: Markers;
  readonly #maker: StreamMaker;
  readonly #streams: MadeStream[] = [];
  /** Configuring calls in progress: streams are numbered in the order of the calls. */
  #adding: Promise<unknown> = Promise.resolve();
  #state: WriterState = 'configuring';
  /** Final status; null before the end. */
  #status: WriterStatus | null = null;
  /** The pending `finalize()` call. */
  #finalized: Deferred | null = null;
  #closing: Promise<void> = Promise.resolve();
  /** Fires when the writing ends in another way than by `finalize()`. */
  readonly #ended = new AbortController();
  /** Fires when no more samples may be written. */
  readonly #writesEnded = new AbortController();

  /**
   * Creates a writer for one file.
   *
   * @param options.format - Used unchanged, by this writer alone.
   * @param options.target - Used unchanged, by this writer alone.
   * @throws `TypeError` or `RangeError` for an invalid option.
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
    if (targets.has(target))
      throw new TypeError('target is in use by another writer: make a target for each file');
    this.#output = new Output({ format, target });
    targets.add(target);
    this.#callbacks = new Callbacks(callbacks);
    this.#markers = new Markers(this.#callbacks);
    this.#maker = {
      output: this.#output,
      clock: options.clock ?? platformClock,
      throttle: throttle !== false,
      capacity,
      budget: new FrameBudget({ maxFrames: capacity }),
      encoders: options.encoders ?? {},
      samples: new SampleInput(),
      ended: this.#ended.signal,
      failed: (stream, error) => this.#fail(error, stream),
      progressed: () => this.#markers.check(),
      formatChanged: (stream, config) => this.#callbacks.dispatch('onFormatChange', stream, config),
    };
  }

  /** Current state of the writer. */
  get state(): WriterState {
    return this.#state;
  }

  /**
   * Adds a video stream. Encodes one picture to find out whether the engine supports the configuration.
   *
   * @returns The stream's number, from 0, counted over streams of both kinds.
   * @throws `TypeError` or `RangeError` for a wrong setting.
   * @throws `NotSupportedError` for a codec that this engine does not encode or this kind of file does not hold (the message
   * lists the available ones), or for a setting that the codec does not allow.
   * @throws `InvalidStateError` once writing has begun or ended.
   */
  addVideoStream(config: VideoStreamConfig): Promise<number> {
    return this.#add('addVideoStream()', async () => {
      const resolved = await resolveVideoConfig(this.#resolveContext, config);
      return (index) => makeVideo(this.#maker, index, config, resolved);
    });
  }

  /** Adds an audio stream; otherwise as `addVideoStream()`. */
  addAudioStream(config: AudioStreamConfig): Promise<number> {
    return this.#add('addAudioStream()', async () => {
      const resolved = await resolveAudioConfig(this.#resolveContext, config);
      return (index) => makeAudio(this.#maker, index, config, resolved);
    });
  }

  /**
   * Ends the configuration. Samples are accepted from then on.
   *
   * @throws `InvalidStateError` without a stream, or when called twice or after the end.
   * @throws The error of mediabunny if format, target and streams do not match. The writer has failed then.
   */
  async beginWriting(): Promise<void> {
    this.#requireNotEnded('beginWriting()');
    await raceAbort(this.#adding, this.#ended.signal);
    this.#require('configuring', 'beginWriting()');
    if (this.#streams.length === 0)
      throw invalidState('beginWriting(): the writer has no streams; add one first');
    this.#state = 'writing';
    try {
      for (const { start } of this.#streams) start();
      await raceAbort(this.#output.start(), this.#ended.signal);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /**
   * Lends a sample of the stream's size to draw on or to fill, from the writer's own slots. Waits while `capacity` of them are
   * lent or in the writer's queue.
   *
   * The sample is valid for one `writeSample()`, which spends it, or is returned by `release()`. The end of the writer revokes
   * samples that were not written: `finalize()` and `abort()` at the call, and a failure. Reading through a revoked sample throws
   * an `InvalidStateError` that names the end.
   *
   * @returns One share, owned by the caller: a canvas, or memory if the stream's `sample` option asks for it.
   * @throws `InvalidStateError` before `beginWriting()` and after the end.
   * @throws `AbortError`, or the signal's own reason, when the signal fires; the writer's error if it fails meanwhile.
   * @throws `TypeError` for a stream that lends no samples: an audio stream, or a stream of chunks.
   */
  allocateSample<S extends BufferStorage = CanvasStorage>(
    stream: number,
    options: { signal?: AbortSignal | undefined; holder?: string | undefined } = {},
  ): Promise<FrameHandle<S>> {
    return promiseTry(() => {
      requireHolder(options.holder);
      const { pool } = this.#startedStream('allocateSample()', stream);
      if (pool === null)
        throw new TypeError(
          `allocateSample(): stream ${stream} lends no samples: it is of sound or of chunks`,
        );
      return pool.acquire(options).then((handle) => this.#noteLent(pool, handle) as FrameHandle<S>);
    });
  }

  /** Records a lent sample, or releases it if the writer ended before the sample reached its caller. */
  #noteLent(
    pool: VideoFramePool<BufferStorage>,
    handle: FrameHandle<BufferStorage>,
  ): FrameHandle<BufferStorage> {
    try {
      this.#require('writing', 'allocateSample()');
    } catch (error) {
      handle.release();
      throw error;
    }
    this.#maker.samples.noteLent(coreOf(pool), handle);
    return handle;
  }

  /**
   * Writes a sample: a handle of any pool, a `VideoFrame`, or an `AudioData`. The writer takes a snapshot and, for a handle, its
   * own share within this call. The caller keeps its sample, and may release or close it at once, whether the write succeeds or
   * fails. A sample of `allocateSample()` is spent.
   *
   * @returns Settles when there is room for the next sample, which can be long before this one is in the file.
   * @throws `TypeError` for a value that is not a sample of this stream, a frame that a pool lent, or invalid times.
   * @throws `RangeError` for a timestamp that is not above the last one, or a picture or sound of another size or format if the
   * stream refuses that. The sample is not taken, and writing continues; a sample of `allocateSample()` must still be released or
   * written.
   * @throws `InvalidStateError` for a sample that was already written, released or closed, or when the writer is not writing.
   * @throws The writer's error if it fails before there is room, `AbortError` after `flush()` or `abort()`. Once the writer has
   * ended, `InvalidStateError` with that as its `cause`.
   */
  writeSample(
    stream: number,
    sample: FrameHandle<Storage> | VideoFrame | AudioData,
    info: SampleInfo = {},
  ): Promise<void> {
    return this.#rejecting(() => {
      const found = this.#startedStream('writeSample()', stream);
      return found.write(sample, checkedInfo(info));
    });
  }

  /**
   * The writable end of a stream, for pipes. It takes ownership of written samples: a handle is released, a frame or sound is
   * closed, once the writer has its snapshot; queued samples are released or closed if the stream errors or is aborted.
   *
   * Its backpressure is that of `writeSample()`. `close()` waits for the written samples and does not finalize, because other
   * streams may continue. `abort()` aborts the writer with its reason. A refused sample errors this stream, but not the writer. A
   * sample that is written after the end is refused and stays with its caller.
   *
   * @throws `RangeError` for a stream number that does not exist, `InvalidStateError` when the writer is not writing;
   * synchronously.
   * @throws From the stream: the errors of `writeSample()`, and the reason of the writer's end, even while no write is pending.
   */
  writable(stream: number, options: WritableOptions = {}): WritableStream<WriterSample> {
    this.#startedStream('writable()', stream);
    if (options.info !== undefined) requireFunction('info', options.info);
    return sampleSink(
      {
        writeSample: (sample, info) => this.writeSample(stream, sample, info),
        abort: (reason) => this.abort(reason),
        ended: this.#writesEnded.signal,
      },
      options,
    );
  }

  /**
   * Writes a chunk that was encoded elsewhere, to a stream of `input: 'chunks'`, in decode order.
   *
   * @param metadata - As an encoder outputs it; the first chunk's must have `decoderConfig`.
   * @throws `DataError` for a first chunk that is not a key frame, or a timestamp before the end of the previous group of
   * pictures.
   * @throws `TypeError`, `InvalidStateError` and the writer's error as `writeSample()` does.
   */
  writeChunk(
    stream: number,
    chunk: EncodedVideoChunk | EncodedAudioChunk,
    metadata?: EncodedVideoChunkMetadata | EncodedAudioChunkMetadata,
  ): Promise<void> {
    return this.#rejecting(() => {
      const found = this.#startedStream('writeChunk()', stream);
      return found.writeChunk(chunk, metadata);
    });
  }

  /**
   * Declares a gap: no new sample comes before this time. The last picture is displayed at least until then, and sound is
   * silent.
   *
   * @param timestamp - In µs. The next sample may have this time, or a later one.
   * @throws `RangeError` for a time that is not above the last sample's, `InvalidStateError` when the writer is not writing.
   */
  sendStreamTick(stream: number, timestamp: number): void {
    const found = this.#startedStream('sendStreamTick()', stream);
    found.tick(requireMicroseconds('timestamp', timestamp));
  }

  /**
   * Places a marker after the samples written so far. The marker resolves when the muxer has accepted all of them. It does not
   * flush the encoder: samples that the encoder keeps back may need later samples, or `finalize()`. Markers resolve in the order
   * in which they were placed, over all streams.
   *
   * @returns Resolves with the context, as `onMarker` receives it.
   * @throws `InvalidStateError` when the writer is not writing; the writer's error if it fails, `AbortError` after `flush()` or
   * `abort()`.
   */
  placeMarker<T = unknown>(stream: number, context?: T): Promise<T> {
    return this.#rejecting(() => {
      const found = this.#startedStream('placeMarker()', stream);
      return this.#markers.place(found, found.lastWritten, context) as Promise<T>;
    });
  }

  /**
   * Forces a key frame: ends a segment, so that the file can be cut before the next picture.
   *
   * @throws `InvalidStateError` when the writer is not writing.
   */
  notifyEndOfSegment(stream: number): void {
    this.#startedStream('notifyEndOfSegment()', stream).endSegment();
  }

  /**
   * Drops the stream's samples that wait for the encoder or are inside it, unlike `flush()` of a WebCodecs encoder. Their slots
   * return to the pools; pending writes and markers reject with `AbortError`. Dropped samples may be written again, and begin with
   * a key frame.
   *
   * @throws `InvalidStateError` when the writer is not writing.
   */
  flush(stream: number): void {
    const found = this.#startedStream('flush()', stream);
    const reason = aborted(`flush(): pending samples of stream ${stream} were dropped`);
    found.drop(reason);
    this.#markers.reject(reason, found);
  }

  /**
   * Encodes and writes the remaining samples and closes the file. May be called once. Samples of `allocateSample()` that were not
   * written return to the writer at the call.
   *
   * @throws The first error of the writer, even if it occurred long before; `AbortError`, or the given reason, after `abort()`.
   * @throws `InvalidStateError` before `beginWriting()`, or when called before.
   */
  finalize(): Promise<void> {
    return promiseTry(() => {
      if (this.#status?.state === 'failed') throw this.#status.error;
      if (this.#status?.state === 'aborted') throw this.#status.reason;
      this.#require('writing', 'finalize()');
      this.#state = 'finalizing';
      const late = invalidState('allocateSample(): the writer is finalizing');
      for (const { stream } of this.#streams) stream.stopLending(late);
      this.#maker.samples.revokeUnwritten({ by: 'finalize() of the FrameWriter', reason: undefined });
      this.#writesEnded.abort(invalidState('write(): the writer is finalizing'));
      const finalized = (this.#finalized = new Deferred());
      this.#closing = this.#finish().then(finalized.resolve, (error: unknown) => this.#fail(error));
      return finalized.promise;
    });
  }

  /**
   * Ends the writing at once. Unwritten samples of `allocateSample()`, and all samples that wait for encoding, return to their
   * pools in this call; reading through such a sample then throws an `InvalidStateError` that names the abort. The partial file
   * is useless, but is not removed: mediabunny closes the target, which commits the partial content of a file handle. Does
   * nothing after an end.
   *
   * @param reason - Rejection reason of all pending calls; an `AbortError` by default.
   * @returns Resolves when the target is closed, has failed to close, or has not answered for a second.
   */
  abort(reason: unknown = aborted('abort(): the writer was aborted')): Promise<void> {
    this.#end({ state: 'aborted', reason }, reason);
    return this.#closing;
  }

  /**
   * Counts of a stream so far.
   *
   * @throws `RangeError` for a stream number that does not exist.
   */
  getStatistics(stream: number): WriterStatistics {
    return this.#stream(stream).statistics();
  }

  /**
   * Configuration in effect of a stream's encoder: the codec string, the bitrate, and the size since the last `onFormatChange`.
   *
   * @returns A copy.
   * @throws `RangeError` for a stream number that does not exist.
   */
  getConfiguration(stream: number): VideoEncoderConfig | AudioEncoderConfig {
    return { ...this.#stream(stream).encoderConfig };
  }

  /** Aborts if the writing has not ended, for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.abort();
  }

  get #resolveContext(): ResolveContext {
    const { encoders } = this.#maker;
    return { format: this.#output.format, encoders, signal: this.#ended.signal };
  }

  async #finish(): Promise<void> {
    await Promise.all(this.#streams.map(({ stream }) => stream.finish()));
    if (this.#status !== null) return;
    await this.#output.finalize();
    if (this.#status !== null) return;
    this.#markers.check();
    for (const { stream } of this.#streams) stream.close(null);
    this.#state = 'finalized';
    this.#status = { state: 'finalized' };
    this.#callbacks.dispatch('onFinalize', this.#status);
  }

  #fail(error: unknown, stream?: number): void {
    if (this.#status !== null) return;
    if (stream !== undefined) this.#callbacks.dispatch('onStreamError', stream, error);
    this.#end({ state: 'failed', error }, error);
  }

  /**
   * Ends everything, once: pending calls reject with the reason, slots return to their pools, encoders and the target are closed.
   */
  #end(status: WriterStatus, reason: unknown): void {
    if (this.#status !== null) return;
    this.#status = status;
    this.#state = status.state;
    for (const { stream } of this.#streams) stream.close(reason);
    const by = status.state === 'aborted' ? 'abort()' : 'a failure';
    this.#maker.samples.revokeUnwritten({ by: `${by} of the FrameWriter`, reason });
    this.#markers.reject(reason);
    this.#finalized?.reject(reason);
    this.#ended.abort(reason);
    this.#writesEnded.abort(reason);
    this.#closing = this.#close(this.#closing);
    this.#callbacks.dispatch('onFinalize', status);
  }

  /** Closes the target, and waits no longer than a working target needs. */
  async #close(finishing: Promise<void>): Promise<void> {
    const { clock } = this.#maker;
    let timer: unknown = null;
    const late = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    // While mediabunny finalizes, it closes the target itself, and `cancel()` does nothing.
    const closed = this.#output.state === 'finalizing' ? finishing : this.#output.cancel();
    await Promise.race([closed.catch(() => {}), late]);
    clock.clearTimeout(timer);
  }

  #add(call: string, resolve: () => Promise<(index: number) => MadeStream>): Promise<number> {
    return promiseTry(() => {
      this.#require('configuring', call);
      const resolving = resolve();
      // The rejection is handled below, after the calls before this one.
      resolving.catch(() => {});
      const added = this.#adding.then(async () => {
        const make = await resolving;
        this.#require('configuring', call);
        const made = make(this.#streams.length);
        this.#streams.push(made);
        return made.stream.index;
      });
      this.#adding = added.catch(() => {});
      return raceAbort(added, this.#ended.signal);
    });
  }

  #startedStream(call: string, stream: number): WriterStream {
    this.#require('writing', call);
    return this.#stream(stream);
  }

  #stream(stream: number): WriterStream {
    const last = this.#streams.length - 1;
    if (last < 0)
      throw new RangeError(
        `stream must be a stream's number, but the writer has no streams, got ${shown(stream)}`,
      );
    return (this.#streams[requireWhole('stream', stream, 0, last)] as MadeStream).stream;
  }

  /** Converts a throw to a rejection, which is marked as handled once the writer has ended: see `handledPromise()`. */
  #rejecting<T>(call: () => Promise<T>): Promise<T> {
    const promise = promiseTry(call);
    if (this.#status !== null) promise.catch(() => {});
    return promise;
  }

  /** @throws `InvalidStateError` with the reason of the end as its cause. */
  #requireNotEnded(call: string): void {
    if (this.#status?.state === 'failed') {
      const { error } = this.#status;
      throw invalidState(`${call}: the writer has failed: ${String(error)}`, error);
    }
    if (this.#status?.state === 'aborted')
      throw invalidState(`${call}: the writer was aborted`, this.#status.reason);
  }

  #require(state: WriterState, call: string): void {
    this.#requireNotEnded(call);
    if (this.#state !== state) throw invalidState(`${call}: the writer is ${this.#state}`);
  }
}
