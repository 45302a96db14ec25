/** The push form: chunks in by `decode()`, handles out by a callback. */
import { aborted, invalidState, requireDelay, requireFunction } from '../errors.ts';
import { enter } from '../call-site.ts';
import { dispose } from '../disposal.ts';
import { guardOnce } from '../guarded-class.ts';
import { noteCall } from '../pool/handle.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { VideoFramePool } from '../pool/pool.ts';
import { decodingCore, platformDecoder } from './platform-decoder.ts';
import { requireHolder } from '../pool/holders.ts';
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
   * The decoder failed and is closed. Frames that were put out stay as they are. `QuotaExceededError` also stands for a frame
   * larger than all that the pool or its budget may hold.
   */
  error(error: DOMException): void;
}

/** Silence that no healthy decoder keeps: software decoders on slow machines were seen to take a tenth of it. */
export const DEFAULT_STARVATION_MS = 10_000;

/**
 * A `VideoDecoder` that decodes into a pool and never beyond its cap.
 *
 * `decode()` is where the cap is felt: it settles when the next chunk may come. A decoder that needs several chunks
 * before it gives its first frame gets them, at any capacity from 1.
 */
export class FrameDecoder {
  readonly #flow: DecodeFlow;
  #config: VideoDecoderConfig;
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
    this.#flow = new DecodeFlow({
      core,
      config: options.config,
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
      permitsStarve: false,
      mayKeep: false,
      isForgettable: false,
    });
  }

  /** How many chunks beyond its permits this decoder was found to need before it gives a frame; 0 to 16. */
  get lag(): number {
    return this.#flow.lag;
  }

  /**
   * Decodes a chunk, waiting for a free slot of the pool where need be. Chunks go in in the order of the calls.
   *
   * @returns Settles when the chunk is in, and the next may come.
   * @throws `DataError` where a key frame is due; the decoder can go on.
   * @throws `PoolStarvedError` when the decoder has chunks and gives nothing; the chunk did not go in and may come again.
   * @throws `AbortError` when `reset()` or `close()` comes first or the pool is decommitted during the wait.
   * @throws `InvalidStateError` when the decoder is closed or the pool is not active.
   */
  decode(chunk: EncodedVideoChunk): Promise<void> {
    return this.#inOrder(async (isVoid) => {
      const ticket = await this.#flow.admit(chunk.timestamp);
      if (ticket === null || isVoid()) {
        if (typeof ticket === 'object') ticket?.release();
        throw aborted('decode(): the decoder was reset or closed during the wait');
      }
      this.#flow.feed(chunk, ticket);
    });
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

  /** Drops the chunks so far, and ends every wait with `AbortError`. The next chunk must be a key frame. */
  reset(): void {
    if (this.#flow.closed) throw invalidState('reset(): the decoder is closed');
    this.#run++;
    this.#flow.stopWaiting();
    this.#flow.reset(this.#config);
  }

  /** Closes the decoder and ends every wait with `AbortError`; idempotent. Frames that were put out stay as they are. */
  close(): void {
    this.#run++;
    this.#flow.close();
  }

  /** Does what `close()` does, for `using`. */
  [dispose](): void {
    this.close();
  }

  #inOrder(task: (isVoid: () => boolean) => Promise<void>): Promise<void> {
    if (this.#flow.closed) return Promise.reject(invalidState('the decoder is closed'));
    const run = this.#run;
    const isVoid = (): boolean => run !== this.#run;
    const result = this.#last.then(() => {
      if (isVoid()) throw aborted('the decoder was reset or closed');
      return task(isVoid);
    });
    this.#last = result.catch(() => {});
    return result;
  }
}
