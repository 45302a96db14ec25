/** Alpha of a transparent file: its packets by the chunks they belong to, and the decoders that merge it in. */
import type { EncodedPacket, EncodedPacketSink } from 'mediabunny';
import type { AlphaData } from './alpha-decoder.ts';
import { alphaDecoder } from './alpha-decoder.ts';
import { isAlphaKey, startWithAlpha } from './alpha-key.ts';
import { AlphaMerger } from './alpha-merger.ts';

/** Alpha packets beside the colour's, as WebM and Matroska have them for VP8 and VP9. */
export class AlphaTrack {
  readonly #codec: string;
  readonly #merger = new AlphaMerger();
  readonly #alphas = new WeakMap<EncodedVideoChunk, AlphaData>();

  /** @param codec - Codec string of the video track. */
  constructor(codec: string) {
    this.#codec = codec;
  }

  /** A class of decoders for the chunks of `chunkOf()`. Frames outside of `isWanted` stay opaque. */
  decoder(base: typeof VideoDecoder, isWanted: (timestamp: number) => boolean): typeof VideoDecoder {
    return alphaDecoder(base, (chunk) => this.#alphas.get(chunk) ?? null, { isWanted, merger: this.#merger });
  }

  /** A packet as a chunk whose alpha is found again. */
  readonly chunkOf = (packet: EncodedPacket): EncodedVideoChunk => {
    const chunk = packet.toEncodedVideoChunk();
    const { alpha: data } = packet.sideData;
    if (data !== undefined) this.#alphas.set(chunk, { data, isKey: isAlphaKey(this.#codec, data) });
    return chunk;
  };

  /** The packet to start at for the frame of `target`: `key`, or an earlier one: see `startWithAlpha()`. */
  startFor(packets: EncodedPacketSink, key: EncodedPacket, target: EncodedPacket): Promise<EncodedPacket> {
    return startWithAlpha(packets, this.#codec, key, target);
  }
}
