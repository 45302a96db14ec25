/** Presentation order of packets from their bitstream, whatever the container declares. */
import { AvcOrder } from './avc-order.ts';
import { parseAvcDescription } from './avc.ts';
import { descriptionOf, familyOf } from './codec.ts';
import { HevcOrder } from './hevc-order.ts';
import { parseHevcDescription } from './hevc.ts';
import type { OrderedPicture } from './ordered-picture.ts';

/** Takes the packets of one track in decode order. Create a new instance after a seek. */
export class PictureOrder {
  readonly #order: AvcOrder | HevcOrder | null;

  constructor(config: VideoDecoderConfig) {
    this.#order = orderFor(config);
  }

  /** Null if the codec does not reorder packets, or if the packet does not carry its position. */
  order(packet: Uint8Array): OrderedPicture | null {
    return this.#order?.order(packet) ?? null;
  }
}

function orderFor(config: VideoDecoderConfig): AvcOrder | HevcOrder | null {
  const family = familyOf(config.codec);
  const bytes = descriptionOf(config);
  if (family === 'avc') {
    if (bytes === null) return new AvcOrder(null, []);
    const description = parseAvcDescription(bytes);
    return description && new AvcOrder(description.lengthSize, description.units);
  }
  if (family === 'hevc') {
    if (bytes === null) return new HevcOrder(null, []);
    const description = parseHevcDescription(bytes);
    return description && new HevcOrder(description.lengthSize, description.units);
  }
  return null;
}
