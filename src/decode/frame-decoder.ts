/** Push API: decoder that takes chunks by `decode()` and passes frame handles to a callback. */
import { aborted, invalidState, requireDelay, requireFunction } from '../base/errors.ts';
import { enter } from '../base/call-site.ts';
import { dispose } from '../base/disposal.ts';
import { guardOnce } from '../base/guarded-class.ts';
import { noteCall } from '../pool/handle.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import { DEFAULT_STARVATION_MS } from '../pool/starved.ts';
import { requireDecodedPool } from '../pool/pool.ts';
import { requireHolder } from '../pool/holders.ts';
import type { BoundedDecoderOptions, DecodedFrameConsumer } from './bounded-decoder.ts';
import { BoundedDecoder } from './bounded-decoder.ts';
import { platformDecoder } from './weak-decoder.ts';

/** Options of a `FrameDecoder`. */
export interface FrameDecoderOptions {
  /** Pool that holds the frames and whose cap applies. */
  readonly pool: VideoFramePool;
  /** As for `VideoDecoder.configure()`. */
  readonly config: VideoDecoderConfig;
  /** Decoder class to use. The platform's `VideoDecoder` by default. */
  readonly decoder?: typeof VideoDecoder;
  /** Milliseconds without a frame after which a wait rejects with a `PoolStarvedError`. 10,000 by default. */
  readonly starvationMs?: number;
  /** Holder name of the frames until the app retains them under its own names. */
  readonly holder?: string;
  /**
   * Receives a frame, in presentation order. The callback owns the handle and must release it once. Errors that it throws go to
   * `reportError`.
   */
  output(handle: FrameHandle): void;
  /**
   * Called when the decoder has failed. It is closed until `reset()` opens a new one. Frames that already came out remain valid.
   * `QuotaExceededError` also reports a frame larger than the pool or its budget can hold.
   */
  error(error: DOMException): void;
}

/**
 * A `VideoDecoder` that decodes into a pool and never beyond its cap.
 *
 * `decode()` applies the cap as backpressure: its promise settles when the next chunk may follow. A decoder that needs several
 * chunks before its first frame receives them, at any capacity from 1.
 *
 * An app may pause for any length of time while no call of `decode()`, `flush()` or `configure()` is pending. A pending call
 * rejects with a `PoolStarvedError` if no frame comes out for `starvationMs`, even if the app itself holds every slot.
 */
export class FrameDecoder {
  readonly #settings: Omit<BoundedDecoderOptions, 'config' | 'decoderDelay'>;
  readonly #consumer: DecodedFrameConsumer;
  #decoder: BoundedDecoder;
  #config: VideoDecoderConfig;
  #isClosed = false;
  /** Number of `decode()` calls whose chunk was not fed yet. */
  #pending = 0;
  // Runs operations one after the other, in call order.
  #last: Promise<unknown> = Promise.resolve();
  // Incremented by each reset() and close(), so that earlier calls detect that they are void.
  #run = 0;

  /**
   * @throws `TypeError` or `RangeError` for an invalid option or a malformed configuration. A configuration that is merely
   *   unsupported is reported to `error()`, as with a `VideoDecoder`.
   * @throws `NotSupportedError` if there is no `VideoDecoder`.
   */
  constructor(options: FrameDecoderOptions) {
    guardOnce(FrameDecoder.prototype, 'FrameDecoder', (made) => #decoder in made);
    const core = requireDecodedPool('FrameDecoder', options.pool);
    const call = enter(() => core.noteCall());
    requireFunction('output', options.output);
    requireFunction('error', options.error);
    requireHolder(options.holder);
    this.#config = options.config;
    this.#settings = {
      core,
      decoder: options.decoder ?? platformDecoder('FrameDecoder'),
      starvationMs: requireDelay('starvationMs', options.starvationMs ?? DEFAULT_STARVATION_MS),
      holder: options.holder ?? 'FrameDecoder',
      mode: 'push',
    };
    this.#consumer = {
      awaited: Infinity,
      onFrame(handle) {
        noteCall(handle, call);
        try {
          options.output(handle);
        } catch (error) {
          handle.release();
          reportError(error);
        }
      },
      onRangeEnd() {},
      onError: (error) => options.error(error as DOMException),
    };
    this.#decoder = this.#open(0);
  }

  /** Number of chunks beyond its permits that this decoder needs before it puts out a frame, 0 to 16. */
  get decoderDelay(): number {
    return this.#decoder.decoderDelay;
  }

  /**
   * Number of chunks that were passed to `decode()` and that the decoder has not taken: chunks that wait for admission, and
   * chunks in the decoder's own queue. As on `VideoDecoder`.
   */
  get decodeQueueSize(): number {
    return this.#pending + (this.#decoder.isClosed ? 0 : this.#decoder.queueSize);
  }

  /**
   * Decodes a chunk. Waits for a free slot of the pool if necessary. Chunks are decoded in call order.
   *
   * @returns Settles when the chunk was fed and the next one may follow. An unobserved rejection is not reported as unhandled.
   * @throws `DataError` if a key frame is due. The decoder remains usable.
   * @throws `PoolStarvedError` when no frame comes out for `starvationMs`, because the app holds every slot or the decoder puts
   *   out nothing. The chunk was not fed and may be passed again.
   * @throws `AbortError` when `reset()` or `close()` is called or the pool is decommitted during the wait.
   * @throws `InvalidStateError` when the decoder is closed or has failed, or the pool is not active.
   */
  decode(chunk: EncodedVideoChunk): Promise<void> {
    if (this.#decoder.isClosed) return this.#refuse();
    const run = this.#run;
    let isPending = true;
    const settle = (): void => {
      // reset() and close() have already set the count to 0.
      if (isPending && run === this.#run) this.#pending--;
      isPending = false;
    };
    this.#pending++;
    const decoded = this.#inOrder(async (isVoid) => {
      const decoder = this.#decoder;
      const kind = decoder.classify(chunk);
      const isAdmitted = decoder.tryAdmit(kind) || (await decoder.requestAdmission(kind));
      if (!isAdmitted || isVoid()) throw aborted('decode(): the decoder was reset or closed during the wait');
      settle();
      decoder.feed(chunk, kind);
    });
    decoded.catch(settle);
    return decoded;
  }

  /**
   * Puts out the frames of all chunks so far. The next chunk must be a key frame.
   *
   * Frames from the decoder's internal storage may exceed the free room of the pool, by up to `decoderDelay`.
   *
   * @throws As `decode()`.
   */
  flush(): Promise<void> {
    return this.#inOrder(() => this.#decoder.flush());
  }

  /**
   * Continues with another configuration after the frames of all chunks so far. The next chunk must be a key frame.
   *
   * @throws As `flush()`, and `TypeError` for a malformed configuration.
   */
  configure(config: VideoDecoderConfig): Promise<void> {
    return this.#inOrder(async (isVoid) => {
      await this.#decoder.flush();
      if (isVoid()) throw aborted('configure(): the decoder was reset or closed during the wait');
      this.#decoder.configure(config);
      this.#config = config;
    });
  }

  /**
   * Drops the chunks so far, and rejects every pending call with `AbortError`. The next chunk must be a key frame. After an error
   * it opens a new decoder with the last configuration, so a live app continues with the next key frame.
   *
   * @throws `InvalidStateError` after `close()`.
   */
  reset(): void {
    if (this.#isClosed) throw invalidState('reset(): the decoder is closed');
    const { decoderDelay } = this.#decoder;
    this.#drop();
    // Opens a new decoder, because some engines (such as Firefox) put out frames of earlier chunks after reset().
    this.#decoder = this.#open(decoderDelay);
  }

  /**
   * Closes the decoder and rejects every pending call with `AbortError`. Frames that already came out remain valid. Idempotent.
   */
  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  /** Calls `close()`, for `using`. */
  [dispose](): void {
    this.close();
  }

  #open(decoderDelay: number): BoundedDecoder {
    return new BoundedDecoder({ ...this.#settings, config: this.#config, decoderDelay }, this.#consumer);
  }

  #drop(): void {
    this.#run++;
    this.#pending = 0;
    this.#last = Promise.resolve();
    this.#decoder.close();
  }

  #inOrder(task: (isVoid: () => boolean) => Promise<void>): Promise<void> {
    if (this.#decoder.isClosed) return this.#refuse();
    const run = this.#run;
    const isVoid = (): boolean => run !== this.#run;
    const result = this.#last.then(() => {
      if (isVoid()) throw aborted('the decoder was reset or closed');
      return task(isVoid);
    });
    this.#last = handled(result);
    return result;
  }

  #refuse(): Promise<never> {
    const refusal = Promise.reject(
      invalidState(this.#isClosed ? 'the decoder is closed' : 'the decoder failed: reset() opens a new one'),
    );
    void handled(refusal);
    return refusal;
  }
}

/** Settles with a call and marks its rejection as handled: an app that ends the decoder need not observe each call. */
const handled = (call: Promise<unknown>): Promise<unknown> => call.catch(() => {});
