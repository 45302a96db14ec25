/** A decoder that stops for good after so many frames, without an error: as if its surfaces were held in another thread. */

/** Makes the class. */
export function frozenAfter(frames: number): typeof VideoDecoder {
  return class extends VideoDecoder {
    constructor({ output, error }: VideoDecoderInit) {
      let put = 0;
      super({
        output(frame) {
          if (put++ < frames) output(frame);
          else frame.close();
        },
        error,
      });
    }
  };
}
