/** Decoders that fail at a moment of their lives, and otherwise decode. */
import { LimitedVideoDecoder } from '../../src/testing/index.ts';

/** A class of them, and those that were made of it. */
export type FaultyDecoder = typeof VideoDecoder & { readonly made: readonly VideoDecoder[] };

/** What a failing decoder says. */
export const BROKEN = new DOMException('the decoder broke', 'EncodingError');

/** What a browser says that takes a codec away. */
export const TAKEN = new DOMException('Codec reclaimed due to inactivity.', 'QuotaExceededError');

/** Where a decoder fails, with which error. */
export interface Fault {
  readonly at: 'support' | 'making' | 'configure' | 'decode' | 'chunk' | 'flush' | 'after close';
  /** Of `decode` and `chunk`: how many went in before. */
  readonly chunks?: number;
  readonly error?: DOMException;
  /** The next decoder of the class is sound. */
  readonly isOnce?: boolean;
}

export function faultyDecoder({ at, chunks = 0, error = BROKEN, isOnce = false }: Fault): FaultyDecoder {
  const made: VideoDecoder[] = [];
  let isBroken = true;
  /** Whether it is to fail now. */
  const fails = (where: Fault['at']): boolean => {
    if (where !== at || !isBroken) return false;
    if (isOnce) isBroken = false;
    return true;
  };
  class Faulty extends LimitedVideoDecoder {
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
      // In a task of its own, as decoders do.
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
      if (!fails('after close')) return;
      setTimeout(() => this.#error(error), 0);
    }

    #break(): void {
      if (this.state === 'closed') return;
      super.close();
      this.#error(error);
    }
  }
  return Faulty;
}
