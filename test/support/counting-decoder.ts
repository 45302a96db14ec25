/** A decoder that tells how many chunks went into it and how many frames came out, over a channel: it is in another thread. */

/** What is told. */
export interface DecoderCounts {
  readonly fed: number;
  readonly out: number;
}

/** Makes the class; it tells on the `BroadcastChannel` of this name. */
export function countingDecoder(name: string): typeof VideoDecoder {
  const channel = new BroadcastChannel(name);
  const counts = { fed: 0, out: 0 };
  return class extends VideoDecoder {
    constructor({ output, error }: VideoDecoderInit) {
      super({
        output(frame) {
          counts.out++;
          channel.postMessage(counts);
          output(frame);
        },
        error,
      });
    }

    override decode(chunk: EncodedVideoChunk): void {
      counts.fed++;
      channel.postMessage(counts);
      super.decode(chunk);
    }
  };
}
