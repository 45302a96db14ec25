/** Encoders that fail at a moment of their lives, and otherwise encode. For pictures and for sound. */
import { CountedSoundEncoder } from './writer-encoders.ts';
import { CountedEncoder } from './writer/encoders.ts';

/** What a failing encoder says. */
export const BROKEN = new DOMException('the encoder broke', 'EncodingError');

/** Where an encoder fails. */
export interface Fault {
  readonly at: 'support' | 'making' | 'configure' | 'encode' | 'sample' | 'flush' | 'after close';
  /** Of `encode` and `sample`: how many went in before. */
  readonly samples?: number;
  /** How many encoders of the class are sound before the one that fails. The first is the one that the codec is tried with. */
  readonly after: number;
}

export type Kind = 'video' | 'audio';

type Encoder = typeof VideoEncoder | typeof AudioEncoder;
type Init = VideoEncoderInit & AudioEncoderInit;

/** The encoders of a writer, of which those of one kind fail. */
export function faultyEncoders(
  kind: Kind,
  fault: Fault,
): { video: typeof VideoEncoder; audio: typeof AudioEncoder } {
  const sound = { video: CountedEncoder, audio: CountedSoundEncoder };
  return { ...sound, [kind]: faulty(sound[kind], fault) };
}

function faulty(type: Encoder, { at, samples = 0, after }: Fault): Encoder {
  let made = 0;
  let asked = 0;
  // Both classes have these members alike.
  const Base = type as unknown as typeof VideoEncoder;
  class Faulty extends Base {
    static override async isConfigSupported(config: VideoEncoderConfig): Promise<VideoEncoderSupport> {
      if (at === 'support' && asked++ === after) throw BROKEN;
      return Base.isConfigSupported(config);
    }

    readonly #error: (error: DOMException) => void;
    readonly #isFaulty = made++ === after;
    #count = 0;
    #breaking: Promise<void> | null = null;

    constructor(init: Init) {
      super(init);
      this.#error = init.error;
      if (!this.#fails('making')) return;
      super.close();
      throw BROKEN;
    }

    override configure(config: VideoEncoderConfig): void {
      if (this.#fails('configure')) throw BROKEN;
      super.configure(config);
    }

    override encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void {
      if (this.#count === samples && this.#fails('encode')) throw BROKEN;
      super.encode(frame, options);
      // In a task of its own, as encoders do.
      if (this.#count++ === samples && this.#fails('sample')) {
        this.#breaking = new Promise((resolve) => setTimeout(resolve, 0)).then(() => this.#break());
      }
    }

    override async flush(): Promise<void> {
      if (this.#fails('flush')) {
        this.#break();
        throw BROKEN;
      }
      // Nothing overtakes the sample that it fails at.
      await this.#breaking;
      await super.flush();
    }

    override close(): void {
      super.close();
      if (this.#fails('after close')) setTimeout(() => this.#error(BROKEN), 0);
    }

    #fails(where: Fault['at']): boolean {
      return this.#isFaulty && where === at;
    }

    #break(): void {
      if (this.state === 'closed') return;
      super.close();
      this.#error(BROKEN);
    }
  }
  return Faulty as unknown as Encoder;
}
