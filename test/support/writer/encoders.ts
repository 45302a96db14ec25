/** Fake encoders, for behaviour that the platform's encoders cannot be made to show. Each wraps and counts a platform encoder. */
import { tasks } from '../streams.ts';

/** Number of encoders that were made and not closed, by their caller or by an error of their own. */
export const alive = { count: 0 };

/** The error of an encoder that fails. */
export const BROKEN = new DOMException('the encoder broke', 'EncodingError');

/** A writer's callbacks for an encoder. The error of a fake need not be an error of the platform. */
interface Init {
  readonly output: EncodedVideoChunkOutputCallback;
  error(failure: Error): void;
}

/** Counts the encoders of a class. The video and audio classes share these members, so one type stands for both. */
const counted = (type: typeof VideoEncoder) =>
  class extends type {
    readonly #error: Init['error'];
    #open = true;

    constructor({ output, error }: Init) {
      super({
        output,
        error: (failure) => {
          this.#gone();
          error(failure);
        },
      });
      this.#error = error;
      alive.count++;
    }

    /** Closes it with an error, as an engine does. */
    fail(error: Error): void {
      if (this.state === 'closed') return;
      this.close();
      this.#error(error);
    }

    override close(): void {
      super.close();
      this.#gone();
    }

    #gone(): void {
      if (this.#open) alive.count--;
      this.#open = false;
    }
  };

/** The platform's video encoder, counted. */
export const CountedEncoder = counted(VideoEncoder);
/** The platform's audio encoder, counted. */
export const CountedSoundEncoder = counted(AudioEncoder as unknown as typeof VideoEncoder);

/** Both encoders, as options of a writer. */
export const COUNTED = {
  video: CountedEncoder as typeof VideoEncoder,
  audio: CountedSoundEncoder as unknown as typeof AudioEncoder,
};

/** The moment of an encoder's failure, and its error. */
export interface Fault {
  readonly at:
    'support' | 'making' | 'configure' | 'encode' | 'sample' | 'flush' | 'end of flush' | 'after close';
  /** For `encode` and `sample`: the number of samples before the failure; 0 by default. */
  readonly samples?: number;
  /**
   * Number of encoders of the class that work before the failing one. The writer tries the codec with the first; 1 by default.
   */
  readonly after?: number;
  /** `BROKEN` by default. */
  readonly error?: Error;
}

/** Makes the encoders of a writer. The encoders of one kind fail at a moment of their lives. Otherwise they encode. */
export function faulty(kind: 'video' | 'audio', { at, samples = 0, after = 1, error = BROKEN }: Fault) {
  let made = 0;
  let asked = 0;
  const Base = kind === 'video' ? CountedEncoder : CountedSoundEncoder;
  class Faulty extends Base {
    static override async isConfigSupported(config: VideoEncoderConfig): Promise<VideoEncoderSupport> {
      if (at === 'support' && asked++ === after) throw error;
      return Base.isConfigSupported(config);
    }

    readonly #report: Init['error'];
    readonly #isFaulty = made++ === after;
    #count = 0;
    #failing: Promise<void> | null = null;

    constructor(init: Init) {
      super(init);
      this.#report = init.error;
      if (!this.#fails('making')) return;
      super.close();
      throw error;
    }

    override configure(config: VideoEncoderConfig): void {
      if (this.#fails('configure')) throw error;
      super.configure(config);
    }

    override encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void {
      if (this.#count === samples && this.#fails('encode')) throw error;
      super.encode(frame, options);
      // In a separate task, as real encoders do.
      if (this.#count++ === samples && this.#fails('sample'))
        this.#failing = tasks(1).then(() => this.fail(error));
    }

    override async flush(): Promise<void> {
      if (this.#fails('flush')) {
        this.fail(error);
        throw error;
      }
      // Keeps the order: the flush waits for the sample at which the encoder fails.
      await this.#failing;
      await super.flush();
      if (this.#fails('end of flush')) throw error;
    }

    override close(): void {
      super.close();
      if (this.#fails('after close')) setTimeout(() => this.#report(error), 0);
    }

    #fails(moment: Fault['at']): boolean {
      return this.#isFaulty && moment === at;
    }
  }
  return { ...COUNTED, [kind]: Faulty } as typeof COUNTED;
}

/**
 * Makes a class whose first encoder, with which the writer tries the codec, works. The later ones are of `type`, and are listed.
 */
export function afterTrial<E extends VideoEncoder>(
  type: new (init: Init) => E,
): typeof VideoEncoder & { readonly made: readonly E[] } {
  const made: E[] = [];
  let isTrial = true;
  class Trial extends CountedEncoder {
    static readonly made = made;
  }
  return new Proxy(Trial, {
    construct(_, [init]: [VideoEncoderInit]) {
      const encoder = isTrial ? new Trial(init) : new type(init);
      if (!isTrial) made.push(encoder as E);
      isTrial = false;
      return encoder;
    },
  });
}

/** Makes a class that keeps this number of pictures before the first packet, as Firefox's encoders do. */
export function keeping(count: number): typeof CountedEncoder {
  return class extends CountedEncoder {
    #kept: [VideoFrame, VideoEncoderEncodeOptions | undefined][] = [];

    override get encodeQueueSize(): number {
      return 0;
    }

    override encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void {
      this.#kept.push([frame.clone(), options]);
      while (this.#kept.length > count) this.#encodeFirst();
    }

    override async flush(): Promise<void> {
      while (this.#kept.length > 0) this.#encodeFirst();
      await super.flush();
    }

    override reset(): void {
      this.#drop();
      super.reset();
    }

    override close(): void {
      this.#drop();
      super.close();
    }

    #drop(): void {
      for (const [frame] of this.#kept.splice(0)) frame.close();
    }

    #encodeFirst(): void {
      const [frame, options] = this.#kept.shift() ?? [];
      if (frame === undefined) return;
      super.encode(frame, options);
      frame.close();
    }
  };
}

/** Keeps a few pictures, and loses them on the next configure(), as WebKitGTK's encoders do. */
export class ForgetfulEncoder extends keeping(4) {
  override configure(config: VideoEncoderConfig): void {
    if (this.state === 'configured') this.reset();
    super.configure(config);
  }
}

/** Drops every third picture, from the second on, but never a key frame. */
export class DroppingEncoder extends CountedEncoder {
  #number = 0;

  override encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void {
    if (this.#number++ % 3 !== 1 || options?.keyFrame === true) super.encode(frame, options);
  }
}

/** Outputs each second packet before its predecessor, as with B-frames. The first is a key frame. */
export class ReorderingEncoder extends CountedEncoder {
  readonly #putHeld: () => void;

  constructor({ output, error }: Init) {
    let held: [EncodedVideoChunk, EncodedVideoChunkMetadata?][] = [];
    let number = 0;
    const putHeld = (): void => {
      for (const packet of held.splice(0)) output(...packet);
    };
    super({
      output(...packet) {
        if (number++ % 2 === 1) held = [packet];
        else {
          output(...packet);
          putHeld();
        }
      },
      error,
    });
    this.#putHeld = putHeld;
  }

  override async flush(): Promise<void> {
    await super.flush();
    this.#putHeld();
  }
}

/** Makes a class that accepts all pictures and never outputs a packet. A busy one also keeps all pictures in its queue. */
export function silent(isBusy = false): typeof CountedEncoder {
  return class extends CountedEncoder {
    #count = 0;

    override get encodeQueueSize(): number {
      return isBusy ? this.#count : 0;
    }

    override encode(): void {
      this.#count++;
    }

    override flush(): Promise<void> {
      return new Promise(() => {});
    }
  };
}

/** Outputs nothing, and has a long queue, which a test shortens. */
export class SlowEncoder extends CountedEncoder {
  override encodeQueueSize = 1000;

  override encode(): void {}
}
