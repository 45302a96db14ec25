/** Decoders whose callbacks refer to their client weakly or strongly. */
import { requirePlatform } from '../pool/frames.ts';

/** Receives the frames and the error of a decoder. */
export interface DecoderClient {
  /** Receives a frame and becomes its owner. */
  onFrame(frame: VideoFrame): void;
  onError(error: DOMException): void;
}

/** @throws `NotSupportedError` if there is no `VideoDecoder`. */
export function platformDecoder(who: string): typeof VideoDecoder {
  requirePlatform(who, 'VideoDecoder');
  return VideoDecoder;
}

/** Created at the first use, because an import must have no side effects. Its decoders do not refer back to their clients. */
let forgotten: FinalizationRegistry<VideoDecoder> | null = null;

/**
 * Creates a decoder that does not keep its client alive. Firefox 153 keeps every configured decoder, and everything that its
 * callbacks reach, until it is closed. So the callbacks refer to the client weakly, and the decoder is closed after its client
 * was collected. A client that waits for a frame must therefore be kept alive by another reference.
 */
export function weakDecoder(type: typeof VideoDecoder, client: DecoderClient): VideoDecoder {
  const weak = new WeakRef(client);
  const decoder = decoderFor(type, () => weak.deref());
  forgotten ??= new FinalizationRegistry((left) => {
    if (left.state !== 'closed') left.close();
  });
  forgotten.register(client, decoder);
  return decoder;
}

/** Creates a decoder that keeps its client alive as long as the engine keeps the decoder. */
export const strongDecoder = (type: typeof VideoDecoder, client: DecoderClient): VideoDecoder =>
  decoderFor(type, () => client);

function decoderFor(type: typeof VideoDecoder, client: () => DecoderClient | undefined): VideoDecoder {
  return new type({
    output(frame) {
      const receiver = client();
      if (receiver === undefined) frame.close();
      else receiver.onFrame(frame);
    },
    error: (error) => client()?.onError(error),
  });
}
