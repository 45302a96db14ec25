/** Decoder with the interface of `VideoDecoder`, backed by a decoder that the app registered with mediabunny. */
import type { InputVideoTrack, VideoSample } from 'mediabunny';
import { EncodedPacket } from 'mediabunny';
import { Deferred } from '../base/deferred.ts';
import { aborted, dataError, encodingError, invalidState } from '../base/errors.ts';
import type { RegisteredDecoder } from './container/registered-decoders.ts';
import { hasRegisteredDecoder, openRegisteredDecoder } from './container/registered-decoders.ts';
import type { RegisteredDecoders } from './decodability.ts';

/** Number of input times that are remembered: more than a decoder holds. */
const MAX_TIMES = 64;

/** Conversion to seconds and back, and rounding to the container's ticks, may change a time by this much, in µs. */
const TOLERANCE_US = 2;

/** The decoders that are registered in this thread. */
export const registeredDecoders: RegisteredDecoders = {
  accepts: hasRegisteredDecoder,
  classFor: customDecoderOf,
};

/** The decoder class of a track, for code that takes a `VideoDecoder` class. Each instance creates a decoder of its own. */
function customDecoderOf(track: InputVideoTrack): typeof VideoDecoder {
  return class extends CustomDecoder {
    constructor(init: VideoDecoderInit) {
      super(track, init);
    }
  };
}

class CustomDecoder extends EventTarget implements VideoDecoder {
  readonly #track: InputVideoTrack;
  readonly #init: VideoDecoderInit;
  ondequeue: ((this: VideoDecoder, event: Event) => unknown) | null = null;
  #state: CodecState = 'unconfigured';
  #decoder: Promise<RegisteredDecoder> | null = null;
  #queueSize = 0;
  #needsKey = true;
  /** Times of the newest chunks, in µs: a frame gets exactly the time of its chunk. */
  #times: number[] = [];
  readonly #flushes = new Set<Deferred>();

  constructor(track: InputVideoTrack, init: VideoDecoderInit) {
    super();
    this.#track = track;
    this.#init = init;
  }

  /** Always supported: opening the file has found that a registered decoder accepts the configuration. */
  static isConfigSupported(config: VideoDecoderConfig): Promise<VideoDecoderSupport> {
    return Promise.resolve({ supported: true, config });
  }

  get state(): CodecState {
    return this.#state;
  }

  get decodeQueueSize(): number {
    return this.#queueSize;
  }

  configure(config: VideoDecoderConfig): void {
    if (this.#state === 'closed') throw invalidState('configure(): the decoder is closed');
    this.#drop('the decoder was reconfigured');
    this.#state = 'configured';
    const decoder = openRegisteredDecoder(this.#track, config, {
      onSample: (sample) => this.#onSample(sample, decoder),
      onTaken: () => this.#onTaken(decoder),
      onError: (error) => this.#fail(error, decoder),
    });
    this.#decoder = decoder;
    decoder.catch((error: unknown) => this.#fail(error, decoder));
  }

  /** @throws `DataError` for the first chunk after `configure()` or `flush()` if it is not a key frame. */
  decode(chunk: EncodedVideoChunk): void {
    const decoder = this.#configured('decode()');
    if (this.#needsKey && chunk.type !== 'key') throw dataError('decode(): a key frame is required');
    this.#needsKey = false;
    this.#queueSize++;
    this.#times.push(chunk.timestamp);
    if (this.#times.length > MAX_TIMES) this.#times.shift();
    const packet = EncodedPacket.fromEncodedChunk(chunk);
    decoder.then(
      (opened) => decoder === this.#decoder && opened.decode(packet),
      () => {},
    );
  }

  flush(): Promise<void> {
    const decoder = this.#configured('flush()');
    this.#needsKey = true;
    const flush = new Deferred();
    this.#flushes.add(flush);
    decoder
      .then((opened) => opened.flush())
      .then(flush.resolve, (error: unknown) => {
        this.#fail(error, decoder);
        flush.reject(error);
      })
      .finally(() => this.#flushes.delete(flush));
    return flush.promise;
  }

  reset(): void {
    if (this.#state === 'closed') throw invalidState('reset(): the decoder is closed');
    this.#drop('the decoder was reset');
    this.#state = 'unconfigured';
  }

  close(): void {
    if (this.#state === 'closed') throw invalidState('close(): the decoder is closed');
    this.#state = 'closed';
    this.#drop('the decoder was closed');
  }

  #configured(call: string): Promise<RegisteredDecoder> {
    if (this.#decoder === null) throw invalidState(`${call}: the decoder is ${this.#state}`);
    return this.#decoder;
  }

  /** Closes the open decoder, and drops its input. */
  #drop(why: string): void {
    const decoder = this.#decoder;
    this.#decoder = null;
    this.#queueSize = 0;
    this.#needsKey = true;
    this.#times = [];
    for (const flush of this.#flushes) flush.reject(aborted(why));
    this.#flushes.clear();
    decoder?.then(
      (opened) => opened.close(),
      () => {},
    );
  }

  #onSample(sample: VideoSample, decoder: Promise<RegisteredDecoder>): void {
    if (decoder !== this.#decoder) {
      sample.close();
      return;
    }
    let frame: VideoFrame;
    try {
      const time = sample.microsecondTimestamp;
      const exact = this.#times.find((each) => Math.abs(each - time) <= TOLERANCE_US);
      if (exact !== undefined) sample.setTimestamp(exact / 1e6);
      frame = sample.toVideoFrame();
    } catch (error) {
      this.#fail(error, decoder);
      return;
    } finally {
      sample.close();
    }
    try {
      this.#init.output(frame);
    } catch (error) {
      // As with the output callback of `VideoDecoder`.
      reportError(error);
    }
  }

  #onTaken(decoder: Promise<RegisteredDecoder>): void {
    if (decoder !== this.#decoder) return;
    this.#queueSize--;
    const event = new Event('dequeue');
    this.ondequeue?.call(this, event);
    this.dispatchEvent(event);
  }

  #fail(error: unknown, decoder: Promise<RegisteredDecoder>): void {
    if (decoder !== this.#decoder || this.#state === 'closed') return;
    this.close();
    const message = error instanceof Error ? error.message : String(error);
    this.#init.error(
      error instanceof DOMException
        ? error
        : encodingError(`the decoder that is registered with mediabunny failed: ${message}`, error),
    );
  }
}
