/**
 * Stand-ins for `VideoDecoder`: observed decoders, decoders that stop or fail at a chosen moment, and a decoder that a test
 * drives.
 */
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { colourFrame } from './frames.ts';

/** The error of a decoder that fails. */
export const BROKEN = new DOMException('the decoder broke', 'EncodingError');

/** The error with which a browser reclaims a codec. */
export const TAKEN = new DOMException('Codec reclaimed due to inactivity.', 'QuotaExceededError');

/** Callbacks at moments of a decoder's life, after the platform's own action. */
export interface Hooks {
  configured?(decoder: VideoDecoder): void;
  fed?(): void;
  /** Called in place of `init.output`. Owns the frame. */
  output?(frame: VideoFrame, decoder: VideoDecoder): void;
  closed?(): void;
}

/** A class of decoders, and the instances that were made of it. */
export type ListedDecoder = typeof VideoDecoder & { readonly made: readonly VideoDecoder[] };

/** Makes a class that decodes as `base` does, lists each decoder, and calls the hooks that `hook` makes for it. */
export function hookedDecoder(
  hook: (init: VideoDecoderInit, index: number) => Hooks = () => ({}),
  base: typeof VideoDecoder = VideoDecoder,
): ListedDecoder {
  const made: VideoDecoder[] = [];
  return class extends base {
    static readonly made = made;

    readonly #hooks: Hooks;

    constructor(init: VideoDecoderInit) {
      const output = (frame: VideoFrame): void => (this.#hooks.output ?? init.output)(frame, this);
      super({ output, error: init.error });
      this.#hooks = hook(init, made.push(this) - 1);
    }

    override configure(config: VideoDecoderConfig): void {
      super.configure(config);
      this.#hooks.configured?.(this);
    }

    override decode(chunk: EncodedVideoChunk): void {
      super.decode(chunk);
      this.#hooks.fed?.();
    }

    override close(): void {
      super.close();
      this.#hooks.closed?.();
    }
  };
}

/** Numbers of chunks fed to a decoder, and of frames put out. */
export interface DecoderCounts {
  readonly fed: number;
  readonly out: number;
}

/**
 * Makes a class that decodes as the platform does in another thread, and posts its counts to the `BroadcastChannel` of this name.
 */
export function countingDecoder(name: string): typeof VideoDecoder {
  const channel = new BroadcastChannel(name);
  const counts = { fed: 0, out: 0 };
  const count = (what: keyof DecoderCounts): void => {
    counts[what]++;
    channel.postMessage(counts);
  };
  return hookedDecoder(({ output }) => ({
    fed: () => count('fed'),
    output(frame) {
      count('out');
      output(frame);
    },
  }));
}

/**
 * Makes a decoder that stops permanently after this number of frames, without an error, as if its surfaces were held in another
 * thread.
 */
export const frozenAfter = (frames: number): typeof VideoDecoder =>
  hookedDecoder(({ output }) => {
    let put = 0;
    return {
      output(frame) {
        if (put++ < frames) output(frame);
        else frame.close();
      },
    };
  });

/** Makes a class whose decoders are reclaimed repeatedly: the nth decoder after n times this number of frames. */
export const reclaimedAfter = (frames: number): ListedDecoder =>
  hookedDecoder(({ output, error }, index) => {
    let left = frames * (index + 1);
    return {
      output(frame, decoder) {
        if (left-- > 0) {
          output(frame);
          return;
        }
        frame.close();
        if (decoder.state === 'closed') return;
        decoder.close();
        error(TAKEN);
      },
    };
  });

/** The error of a decoder, and the moment at which it fails. */
export interface Fault {
  readonly at: 'support' | 'making' | 'configure' | 'decode' | 'chunk' | 'flush' | 'after close';
  /** For `decode` and `chunk`: the number of chunks fed before the failure. */
  readonly chunks?: number;
  readonly error?: DOMException;
  /** If true, the next decoder of the class works. */
  readonly isOnce?: boolean;
}

/** Makes a class that decodes, and fails at a moment of its life. */
export function faultyDecoder({ at, chunks = 0, error = BROKEN, isOnce = false }: Fault): ListedDecoder {
  const made: VideoDecoder[] = [];
  let isBroken = true;
  /** Whether the decoder fails at this moment. */
  const fails = (moment: Fault['at']): boolean => {
    if (moment !== at || !isBroken) return false;
    if (isOnce) isBroken = false;
    return true;
  };
  return class Faulty extends LimitedVideoDecoder {
    static readonly made = made;

    static override async isConfigSupported(config: VideoDecoderConfig): Promise<VideoDecoderSupport> {
      if (fails('support')) throw error;
      return VideoDecoder.isConfigSupported(config);
    }

    readonly #error: (error: DOMException) => void;
    #fed = 0;

    constructor(init: VideoDecoderInit) {
      if (fails('making')) throw error;
      super(init);
      made.push(this);
      this.#error = init.error;
    }

    override configure(config: VideoDecoderConfig): void {
      if (fails('configure')) throw error;
      super.configure(config);
    }

    override decode(chunk: EncodedVideoChunk): void {
      if (this.#fed === chunks && fails('decode')) throw error;
      super.decode(chunk);
      // In a separate task, as real decoders do.
      if (this.#fed++ === chunks && fails('chunk')) setTimeout(() => this.#break(), 0);
    }

    override async flush(): Promise<void> {
      if (fails('flush')) {
        this.#break();
        throw error;
      }
      await super.flush();
    }

    override close(): void {
      super.close();
      if (fails('after close')) setTimeout(() => this.#error(error), 0);
    }

    #break(): void {
      if (this.state === 'closed') return;
      super.close();
      this.#error(error);
    }
  };
}

/** Decoder that decodes nothing. A test triggers each step at a moment of its choice. */
export class PuppetDecoder {
  /** The decoder that was made last. */
  static newest: PuppetDecoder | null = null;

  static isConfigSupported(config: VideoDecoderConfig): Promise<VideoDecoderSupport> {
    return Promise.resolve({ supported: true, config });
  }

  /** The class, typed as a `VideoDecoder` class. It lacks the members that the library does not use. */
  static get type(): typeof VideoDecoder {
    return PuppetDecoder as unknown as typeof VideoDecoder;
  }

  ondequeue: ((event: Event) => void) | null = null;
  state: CodecState = 'unconfigured';
  /** Number of chunks that were fed and not taken from the queue. */
  decodeQueueSize = 0;
  readonly #init: VideoDecoderInit;
  #flushed: (() => void)[] = [];

  constructor(init: VideoDecoderInit) {
    this.#init = init;
    PuppetDecoder.newest = this;
  }

  configure(): void {
    this.state = 'configured';
  }

  decode(): void {
    this.decodeQueueSize++;
  }

  flush(): Promise<void> {
    return new Promise((resolve) => this.#flushed.push(resolve));
  }

  close(): void {
    this.state = 'closed';
  }

  /** Takes a chunk out of the queue, and dispatches `dequeue`. */
  takeChunk(): void {
    this.decodeQueueSize--;
    this.ondequeue?.(new Event('dequeue'));
  }

  /** Puts a frame out. */
  put(timestamp: number): void {
    this.#init.output(colourFrame([0, 0, 0], { timestamp }));
  }

  /** Ends the flushes. */
  endFlush(): void {
    for (const resolve of this.#flushed.splice(0)) resolve();
  }

  fail(error: DOMException): void {
    this.state = 'closed';
    this.#init.error(error);
  }
}
