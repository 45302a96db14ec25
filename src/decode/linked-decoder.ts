/** A decoder, and whom its callbacks reach. */

/** Who hears of a decoder. Whoever wants to hear keeps this object. */
export interface DecoderUser {
  /** Takes the frame over. */
  onFrame(frame: VideoFrame): void;
  /** It took a chunk out of its queue. Null for who does not want to know, and spares an event for each chunk. */
  readonly onDequeue: (() => void) | null;
  onError(error: DOMException): void;
}

/** Made at the first use, for importing does nothing. Holds decoders, which do not lead back to their users. */
let forgotten: FinalizationRegistry<VideoDecoder> | null = null;

/**
 * A decoder that does not keep its user. Firefox 153 keeps every decoder that is configured, and all that its callbacks
 * reach, until it is closed: so they reach a user weakly, and when he is gone, his decoder is closed. Whoever waits for
 * a frame must therefore be kept by something else.
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
  const decoder = new type({
    output(frame) {
      const taker = user();
      if (taker === undefined) frame.close();
      else taker.onFrame(frame);
    },
    error: (error) => user()?.onError(error),
  });
  if (user()?.onDequeue !== null) decoder.ondequeue = () => user()?.onDequeue?.();
  return decoder;
}
