/** Encoders that stand in for what cannot be had here. Each wraps the platform's own, and is counted. */

type Init = VideoEncoderInit;

/** How many encoders were made and not closed, with those that the engine closed itself. */
export const alive = { count: 0 };

/** The platform's encoder, counted. */
export class CountedEncoder extends VideoEncoder {
  #open = true;

  constructor({ output, error }: Init) {
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

/** Keeps so many pictures before the first packet, as Firefox's encoders do. */
export function keeping(count: number): typeof VideoEncoder {
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

/** Keeps a few pictures, and loses them when it is configured anew, as WebKitGTK's encoders do. */
export function forgetful(): typeof VideoEncoder {
  return class extends keeping(4) {
    override configure(config: VideoEncoderConfig): void {
      if (this.state === 'configured') this.reset();
      super.configure(config);
    }
  };
}

/** Loses every picture whose number says so; never a key frame. */
export function dropping(isDropped: (number: number) => boolean): typeof VideoEncoder {
  return class extends CountedEncoder {
    #number = 0;

    override encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void {
      if (!isDropped(this.#number++) || options?.keyFrame === true) super.encode(frame, options);
    }
  };
}

/** What a failing encoder says. */
export const BROKEN = new DOMException('the encoder broke', 'EncodingError');

/** Fails at the picture of this number, in a task of its own as encoders do. */
export function failing(at: number): typeof VideoEncoder {
  return class extends CountedEncoder {
    readonly #error: Init['error'];
    #number = 0;

    constructor(init: Init) {
      super(init);
      this.#error = init.error;
    }

    override encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void {
      super.encode(frame, options);
      if (this.#number++ !== at) return;
      setTimeout(() => {
        if (this.state === 'closed') return;
        this.close();
        this.#error(BROKEN);
      }, 0);
    }
  };
}
