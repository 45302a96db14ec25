/** Decoders whose callbacks reach their user weakly or strongly. */

/** Receives the frames and the error of a decoder. */
export interface DecoderUser {
  /** Takes the frame over. */
  onFrame(frame: VideoFrame): void;
  onError(error: DOMException): void;
}

/** Made at the first use, for importing does nothing. Holds decoders, which do not lead back to their users. */
let forgotten: FinalizationRegistry<VideoDecoder> | null = null;

/**
 * A decoder that does not keep its user. Firefox 153 keeps every decoder that is configured, and all that its callbacks
 * reach, until it is closed. So the callbacks reach the user weakly, and the decoder of a user that was collected is closed. A
 * user that waits for a frame must therefore be kept by something else.
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

/** A decoder that keeps its user as long as the engine keeps the decoder. */
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
