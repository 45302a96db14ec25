/** The push form: chunks in by `decode()`, handles out by a callback. */
import { aborted, invalidState, requireDelay, requireFunction } from '../errors.ts';
import { enter } from '../call-site.ts';
import { dispose } from '../disposal.ts';
import { guardOnce } from '../guarded-class.ts';
import { noteCall } from '../pool/handle.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import { DEFAULT_STARVATION_MS } from '../pool/starved.ts';
import { decodingCore, platformDecoder } from './platform-decoder.ts';
import { requireHolder } from '../pool/holders.ts';
import type { FlowOptions } from './flow-options.ts';
import { DecodeFlow } from './flow.ts';

/** How a `FrameDecoder` is made. */
export interface FrameDecoderOptions {
  /** Where the frames live, and whose cap holds. */
  readonly pool: VideoFramePool;
  /** As for `VideoDecoder.configure()`. */
  readonly config: VideoDecoderConfig;
  /** The decoder to use; the platform's by default. */
  readonly decoder?: typeof VideoDecoder;
  /** Milliseconds without a frame after which a wait ends with a `PoolStarvedError`. 10,000 by default. */
  readonly starvationMs?: number;
  /** Who holds the frames until the app retains them under names of its own. */
  readonly holder?: string;
  /** Takes a frame, in presentation order. Owns the handle, and releases it once. What it throws goes to `reportError`. */
  output(handle: FrameHandle): void;
  /**
   * The decoder failed and is closed, until `reset()` opens a new one. Frames that were put out stay as they are.
   * `QuotaExceededError` also stands for a frame larger than all that the pool or its budget may hold.
   */
  error(error: DOMException): void;
}

/**
 * A `VideoDecoder` that decodes into a pool and never beyond its cap.
 *
 * `decode()` is where the cap is felt: it settles when the next chunk may come. A decoder that needs several chunks
 * before it gives its first frame gets them, at any capacity from 1.
 *
 * An app may pause as long as it likes while no call of `decode()`, `flush()` or `configure()` is pending. One that is pending while
 * no frame comes out for `starvationMs` rejects with a `PoolStarvedError`, also if the app itself holds every slot.
 */
export class FrameDecoder {
  readonly #flowOptions: Omit<FlowOptions, 'config' | 'lag'>;
  #flow: DecodeFlow;
  #config: VideoDecoderConfig;
  #isClosed = false;
  /** Calls of `decode()` whose chunk has not gone in. */
  #pending = 0;
  // One thing after the other, in the order of the calls.
  #last: Promise<unknown> = Promise.resolve();
  // Counts up with each reset(), so that what was called before it knows that it is void.
  #run = 0;

  /**
   * @throws `TypeError` or `RangeError` for a wrong option, and for a configuration that is malformed. One that is merely
   *   unsupported comes to `error()`, as with a `VideoDecoder`.
   * @throws `NotSupportedError` where there is no `VideoDecoder`.
   */
  constructor(options: FrameDecoderOptions) {
    guardOnce(FrameDecoder.prototype, 'FrameDecoder', (made) => #flow in made);
    const core = decodingCore('FrameDecoder', options.pool);
    const call = enter(() => core.noteCall());
    requireFunction('output', options.output);
    requireFunction('error', options.error);
    requireHolder(options.holder);
    this.#config = options.config;
    this.#flowOptions = {
      core,
      decoder: options.decoder ?? platformDecoder('FrameDecoder'),
      starvationMs: requireDelay('starvationMs', options.starvationMs ?? DEFAULT_STARVATION_MS),
      holder: options.holder ?? 'FrameDecoder',
      output(handle: FrameHandle<DecodedStorage>): void {
        noteCall(handle, call);
        try {
          options.output(handle);
        } catch (error) {
          handle.release();
          reportError(error);
        }
      },
      error: (error) => options.error(error as DOMException),
      isAwaited: () => true,
      isForgettable: false,
    };
    this.#flow = this.#open(0);
  }

  /** How many chunks beyond its permits this decoder needs before it gives a frame; 0 to 16. */
  get lag(): number {
    return this.#flow.lag;
  }

  /**
   * Number of chunks that were handed to `decode()` and that the decoder has not taken: those that wait here, and those in the
   * decoder's own queue. As on `VideoDecoder`.
   */
  get decodeQueueSize(): number {
    return this.#pending + (this.#flow.closed ? 0 : this.#flow.queueSize);
  }

  /**
   * Decodes a chunk, waiting for a free slot of the pool where need be. Chunks go in in the order of the calls.
   *
   * @returns Settles when the chunk is in, and the next may come. A rejection that is not looked at is not reported as unhandled.
   * @throws `DataError` where a key frame is due; the decoder can go on.
   * @throws `PoolStarvedError` when no frame comes out for `starvationMs`, because the app holds every slot or the decoder gives
   *   nothing; the chunk did not go in and may come again.
   * @throws `AbortError` when `reset()` or `close()` comes first or the pool is decommitted during the wait.
   * @throws `InvalidStateError` when the decoder is closed or has failed, or the pool is not active.
   */
  decode(chunk: EncodedVideoChunk): Promise<void> {
    if (this.#flow.closed) return this.#refuse();
    const run = this.#run;
    let isPending = true;
    const settle = (): void => {
      // reset() and close() have set the count to 0.
      if (isPending && run === this.#run) this.#pending--;
      isPending = false;
    };
    this.#pending++;
    const decoded = this.#inOrder(async (isVoid) => {
      const flow = this.#flow;
      const kind = flow.classify(chunk);
      const ticket = await flow.admit(kind);
      if (ticket === null || isVoid()) {
        if (typeof ticket === 'object') ticket?.release();
        throw aborted('decode(): the decoder was reset or closed during the wait');
      }
      settle();
      flow.feed(chunk, kind, ticket);
    });
    decoded.catch(settle);
    return decoded;
  }

  /**
   * Puts out every frame of the chunks so far. The next chunk must be a key frame.
   *
   * Frames that come out of the decoder's own store may be more than the pool has free, by up to `lag`.
   *
   * @throws As `decode()`.
   */
  flush(): Promise<void> {
    return this.#inOrder(() => this.#flow.flush());
  }

  /**
   * Goes on with another configuration, after every frame of the chunks so far. The next chunk must be a key frame.
   *
   * @throws As `flush()`, and `TypeError` for a configuration that is malformed.
   */
  configure(config: VideoDecoderConfig): Promise<void> {
    return this.#inOrder(async (isVoid) => {
      await this.#flow.flush();
      if (isVoid()) throw aborted('configure(): the decoder was reset or closed during the wait');
      this.#flow.configure(config);
      this.#config = config;
    });
  }

  /**
   * Drops the chunks so far, and ends every wait with `AbortError`. The next chunk must be a key frame. After an error it opens a
   * new decoder, with the last configuration: a live app goes on with the next key frame.
   *
   * @throws `InvalidStateError` after `close()`.
   */
  reset(): void {
    if (this.#isClosed) throw invalidState('reset(): the decoder is closed');
    const { lag } = this.#flow;
    this.#drop();
    // A decoder of its own: engines put frames out after reset() that went in before it, as Firefox does.
    this.#flow = this.#open(lag);
  }

  /** Closes the decoder and ends every wait with `AbortError`; idempotent. Frames that were put out stay as they are. */
  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  /** Does what `close()` does, for `using`. */
  [dispose](): void {
    this.close();
  }

  #open(lag: number): DecodeFlow {
    return new DecodeFlow({ ...this.#flowOptions, config: this.#config, lag });
  }

  #drop(): void {
    this.#run++;
    this.#pending = 0;
    this.#last = Promise.resolve();
    this.#flow.close();
  }

  #inOrder(task: (isVoid: () => boolean) => Promise<void>): Promise<void> {
    if (this.#flow.closed) return this.#refuse();
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

/** Settles with a call, and marks its rejection as handled: an app that ends the decoder need not look at each call. */
const handled = (call: Promise<unknown>): Promise<unknown> => call.catch(() => {});
