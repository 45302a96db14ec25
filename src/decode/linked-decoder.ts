/** A decoder, and whom its callbacks reach. */

/** Who hears of a decoder. Whoever wants to hear keeps this object. */
export interface DecoderUser {
  /** Takes the frame over. */
  onFrame(frame: VideoFrame): void;
  /** It took a chunk out of its queue: comes to who has `LinkedDecoder.onDequeue` called. */
  onDequeue(): void;
  onError(error: DOMException): void;
}

/** A decoder, and what a handler of its events is to do to reach the user as its other callbacks do. */
export interface LinkedDecoder {
  readonly decoder: VideoDecoder;
  readonly onDequeue: () => void;
}

/** Made at the first use, for importing does nothing. Holds decoders, which do not lead back to their users. */
let forgotten: FinalizationRegistry<VideoDecoder> | null = null;

/**
 * A decoder that does not keep its user. Firefox 153 keeps every decoder that is configured, and all that its callbacks
 * reach, until it is closed: so they reach a user weakly, and when he is gone, his decoder is closed. Whoever waits for
 * a frame must therefore be kept by something else.
 */
export function forgettableDecoder(type: typeof VideoDecoder, user: DecoderUser): LinkedDecoder {
  const weak = new WeakRef(user);
  const linked = linkedDecoder(type, () => weak.deref());
  forgotten ??= new FinalizationRegistry((left) => {
    if (left.state !== 'closed') left.close();
  });
  forgotten.register(user, linked.decoder);
  return linked;
}

/** A decoder that keeps its user as long as the engine keeps the decoder. */
export const keepingDecoder = (type: typeof VideoDecoder, user: DecoderUser): LinkedDecoder =>
  linkedDecoder(type, () => user);

function linkedDecoder(type: typeof VideoDecoder, user: () => DecoderUser | undefined): LinkedDecoder {
  const decoder = new type({
    output(frame) {
      const taker = user();
      if (taker === undefined) frame.close();
      else taker.onFrame(frame);
    },
    error: (error) => user()?.onError(error),
  });
  return { decoder, onDequeue: () => user()?.onDequeue() };
}
