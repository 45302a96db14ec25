/** Fakes of encoders, for what the platform's encoders cannot be made to do. Each wraps one of those, and is counted. */
import { tasks } from '../streams.ts';

/** Number of encoders that were made and not closed, by their caller or by an error of their own. */
export const alive = { count: 0 };

/** The error of an encoder that fails. */
export const BROKEN = new DOMException('the encoder broke', 'EncodingError');

/** A writer's callbacks of an encoder. What a fake fails with need not be the platform's. */
interface Init {
  readonly output: EncodedVideoChunkOutputCallback;
  error(failure: Error): void;
}

/** Counts the encoders of a class. Both classes have these members alike, so that one type stands for them. */
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

/** The platform's encoder of pictures, counted. */
export const CountedEncoder = counted(VideoEncoder);
/** The platform's encoder of sound, counted. */
export const CountedSoundEncoder = counted(AudioEncoder as unknown as typeof VideoEncoder);

/** Both, as options of a writer. */
export const COUNTED = {
  video: CountedEncoder as typeof VideoEncoder,
  audio: CountedSoundEncoder as unknown as typeof AudioEncoder,
};

/** When an encoder fails, and how. */
export interface Fault {
  readonly at:
    'support' | 'making' | 'configure' | 'encode' | 'sample' | 'flush' | 'end of flush' | 'after close';
  /** For `encode` and `sample`: number of samples that go in before; 0 by default. */
  readonly samples?: number;
  /** Number of encoders of the class that work before the one that fails. The writer tries the codec with the first; 1 by default. */
  readonly after?: number;
  /** `BROKEN` by default. */
  readonly error?: Error;
}

/** The encoders of a writer. Those of one kind fail at a moment of their lives, and otherwise encode. */
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
      // In a task of its own, as encoders do.
      if (this.#count++ === samples && this.#fails('sample'))
        this.#failing = tasks(1).then(() => this.fail(error));
    }

    override async flush(): Promise<void> {
      if (this.#fails('flush')) {
        this.fail(error);
        throw error;
      }
      // Nothing overtakes the sample that it fails at.
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

/** A class whose first encoder, with which the writer tries the codec, works. Those after it are of `type`, and listed. */
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

/** Keeps so many pictures before the first packet, as Firefox's encoders do. */
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

/** Keeps a few pictures, and loses them when it is configured again, as WebKitGTK's encoders do. */
export class ForgetfulEncoder extends keeping(4) {
  override configure(config: VideoEncoderConfig): void {
    if (this.state === 'configured') this.reset();
    super.configure(config);
  }
}

/** Loses every third picture, from the second on; never a key frame. */
export class DroppingEncoder extends CountedEncoder {
  #number = 0;

  override encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void {
    if (this.#number++ % 3 !== 1 || options?.keyFrame === true) super.encode(frame, options);
  }
}

/** Puts each second packet out before the one that went in before it, as with B-pictures. The first is a key frame. */
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

/** Takes everything and never puts anything out; a busy one even keeps everything in its queue. */
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

/** Puts nothing out, and has a long queue, which a test shortens. */
export class SlowEncoder extends CountedEncoder {
  override encodeQueueSize = 1000;

  override encode(): void {}
}
