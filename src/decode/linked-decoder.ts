/** Decoders whose callbacks refer to their user weakly or strongly. */

/** Receives the frames and the error of a decoder. */
export interface DecoderUser {
  /** Receives a frame and becomes its owner. */
  onFrame(frame: VideoFrame): void;
  onError(error: DOMException): void;
}

/** Created at the first use, because an import must have no side effects. Its decoders do not refer back to their users. */
let forgotten: FinalizationRegistry<VideoDecoder> | null = null;

/**
 * Creates a decoder that does not keep its user alive. Firefox 153 keeps every configured decoder, and everything that its
 * callbacks reach, until it is closed. So the callbacks refer to the user weakly, and the decoder is closed after its user was
 * collected. A user that waits for a frame must therefore be kept alive by another reference.
 */
export function forgettableDecoder(type: typeof VideoDecoder, user: DecoderUser): VideoDecoder {
  const weak = new WeakRef(user);
  const decoder = decoderFor(type, () => weak.deref());
  forgotten ??= new FinalizationRegistry((left) => {
    if (left.state !== 'closed') left.close();
  });
  forgotten.register(user, decoder);
  return decoder;
}

/** Creates a decoder that keeps its user alive as long as the engine keeps the decoder. */
export const keepingDecoder = (type: typeof VideoDecoder, user: DecoderUser): VideoDecoder =>
  decoderFor(type, () => user);

function decoderFor(type: typeof VideoDecoder, user: () => DecoderUser | undefined): VideoDecoder {
  return new type({
    output(frame) {
      const taker = user();
      if (taker === undefined) frame.close();
      else taker.onFrame(frame);
    },
    error: (error) => user()?.onError(error),
  });
}
