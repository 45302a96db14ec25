/** More encoders that stand in for what cannot be had here: such as reorder, fall silent, throw, or are taken away. */
import { alive, CountedEncoder } from './writer/encoders.ts';

/**
 * The first encoder of a class is the one that the writer tries a codec with, and works.
 * @returns A class that makes this one from the second encoder on, and knows those.
 */
export function afterTrial<E extends typeof VideoEncoder | typeof AudioEncoder>(
  trial: E,
  type: E,
): E & { readonly made: InstanceType<E>[] } {
  const made: unknown[] = [];
  let count = 0;
  return new Proxy(type, {
    construct(_, given: [never]) {
      const encoder = Reflect.construct(count++ === 0 ? trial : type, given) as object;
      if (count > 1) made.push(encoder);
      return encoder;
    },
    get: (target, name) => (name === 'made' ? made : (Reflect.get(target, name) as unknown)),
  }) as E & { readonly made: InstanceType<E>[] };
}

/** Puts each second packet out before the one that went in before it, as with B-pictures. The first is a key frame. */
export class ReorderingEncoder extends CountedEncoder {
  readonly #putRest: () => void;

  constructor({ output, error }: VideoEncoderInit) {
    let held: [EncodedVideoChunk, EncodedVideoChunkMetadata | undefined] | null = null;
    let number = 0;
    super({
      output(...packet) {
        const position = number++ % 2;
        if (number === 1 || (position === 0 && held === null)) output(...packet);
        else if (position === 1) held = packet;
        else {
          output(...packet);
          if (held !== null) output(...held);
          held = null;
        }
      },
      error,
    });
    this.#putRest = () => {
      if (held !== null) output(...held);
      held = null;
    };
  }

  override async flush(): Promise<void> {
    await super.flush();
    this.#putRest();
  }
}

/** Takes everything and never says a word; `busy` ones do not even say that they took it. */
export function silent(isBusy: boolean): typeof VideoEncoder {
  return class extends CountedEncoder {
    count = 0;

    override get encodeQueueSize(): number {
      return isBusy ? this.count : 0;
    }

    override encode(): void {
      this.count++;
    }

    override flush(): Promise<void> {
      return new Promise(() => {});
    }
  };
}

/** Gives nothing, and has much to take yet: a test says how it comes on. */
export class SlowEncoder extends CountedEncoder {
  override encodeQueueSize = 1000;

  override encode(): void {}
}

/** Throws from `encode()` at the picture of this number. */
export function throwing(at: number, error: Error): typeof VideoEncoder {
  return class extends CountedEncoder {
    #number = 0;

    override encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void {
      if (this.#number++ === at) throw error;
      super.encode(frame, options);
    }
  };
}

/** Is closed by the engine when a test says so, with an error that it gives. */
export class TakenEncoder extends CountedEncoder {
  readonly #error: (error: DOMException) => void;

  constructor(init: VideoEncoderInit) {
    super(init);
    this.#error = init.error;
  }

  take(error: DOMException): void {
    this.close();
    this.#error(error);
  }
}

/** The platform's encoder of sound, counted with the others. */
export class CountedSoundEncoder extends AudioEncoder {
  #open = true;

  constructor({ output, error }: AudioEncoderInit) {
    super({
      output,
      error: (failure) => {
        this.#gone();
        error(failure);
      },
    });
    alive.count++;
  }

  override close(): void {
    super.close();
    this.#gone();
  }

  #gone(): void {
    if (this.#open) alive.count--;
    this.#open = false;
  }
}

/** Fails at the sound of this number, in a task of its own. */
export function failingSound(at: number, error: DOMException): typeof AudioEncoder {
  return class extends CountedSoundEncoder {
    readonly #error: (error: DOMException) => void;
    #number = 0;

    constructor(init: AudioEncoderInit) {
      super(init);
      this.#error = init.error;
    }

    override encode(data: AudioData): void {
      super.encode(data);
      if (this.#number++ !== at) return;
      setTimeout(() => {
        if (this.state === 'closed') return;
        this.close();
        this.#error(error);
      }, 0);
    }
  };
}
