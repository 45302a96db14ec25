/** Size, shape, colour and order of a stream's pictures, from its own headers rather than its container's. */
import { av1SequenceIn, av1SequenceOf } from './av1.ts';
import { parseAvcDescription } from './avc.ts';
import { parseAvcSequence } from './avc-sequence.ts';
import { descriptionOf, familyOf } from './codec.ts';
import { parseHevcDescription } from './hevc.ts';
import { parseHevcSequence } from './hevc-sequence.ts';
import { nalUnits } from './nal.ts';
import type { PixelAspect } from './usability.ts';
import type { VpxKeyFrame } from './vpx.ts';
import { parseVp8Key, parseVp9Key } from './vpx.ts';

/** What a stream says of itself. */
export interface StreamParameters {
  /** Size of a frame after cropping, in pixels. Frames that are coded as two fields count whole. */
  readonly width: number;
  readonly height: number;
  /** Width to height of one pixel; null if the stream does not say it. */
  readonly pixelAspect: PixelAspect | null;
  /** The known fields only: empty for a stream without a colour description. */
  readonly colorSpace: VideoColorSpaceInit;
  /** Whether pictures may be coded as fields. */
  readonly isInterlaced: boolean;
  /** Frames that a decoder keeps back to put them in presentation order; null if the stream does not say it. */
  readonly reorderDepth: number | null;
  /** The most that it may be: `reorderDepth`, or the limit of the stream's level. */
  readonly maxReorderDepth: number;
}

/**
 * Reads the description of a configuration or, if that has no parameter sets, a key packet.
 *
 * @param firstKeyPacket - Null reads the description alone.
 * @returns Null for a codec that is not read, and if neither has valid headers.
 */
export function streamParameters(
  config: VideoDecoderConfig,
  firstKeyPacket: Uint8Array | null,
): StreamParameters | null {
  const description = descriptionOf(config);
  switch (familyOf(config.codec)) {
    case 'avc':
      return avcParameters(description, firstKeyPacket);
    case 'hevc':
      return hevcParameters(description, firstKeyPacket);
    case 'av1':
      return inOrder(
        (description && av1SequenceOf(description)) ?? (firstKeyPacket && av1SequenceIn(firstKeyPacket)),
      );
    case 'vp8':
      return inOrder(firstKeyPacket && parseVp8Key(firstKeyPacket));
    case 'vp9':
      return inOrder(firstKeyPacket && parseVp9Key(firstKeyPacket));
    default:
      return null;
  }
}

/**
 * Frames that a decoder of this configuration keeps back to put them in presentation order; null if neither the configuration
 * nor the packet says it. VP8, VP9 and AV1 show a frame when its packet comes, whatever their headers say.
 *
 * @param firstKeyPacket - Null reads the configuration alone.
 */
export function reorderDepthOf(config: VideoDecoderConfig, firstKeyPacket: Uint8Array | null): number | null {
  const family = familyOf(config.codec);
  if (family === 'vp8' || family === 'vp9' || family === 'av1') return 0;
  return streamParameters(config, firstKeyPacket)?.reorderDepth ?? null;
}

function avcParameters(bytes: Uint8Array | null, packet: Uint8Array | null): StreamParameters | null {
  const description = bytes && parseAvcDescription(bytes);
  if (bytes !== null && description === null) return null;
  const found =
    // Sets in the packet come after those of the description, and replace them. Firefox 153 describes its own H.264 wrongly.
    firstOf(packet && nalUnits(packet, description?.lengthSize ?? null), parseAvcSequence) ??
    firstOf(description?.units, parseAvcSequence);
  if (found === null) return null;
  const { width, height, pixelAspect, colorSpace, isInterlaced, reorderDepth, maxReorderDepth } = found;
  return { width, height, pixelAspect, colorSpace, isInterlaced, reorderDepth, maxReorderDepth };
}

function hevcParameters(bytes: Uint8Array | null, packet: Uint8Array | null): StreamParameters | null {
  const description = bytes && parseHevcDescription(bytes);
  if (bytes !== null && description === null) return null;
  const found =
    // Sets in the packet come after those of the description, and replace them. Firefox 153 describes its own H.264 wrongly.
    firstOf(packet && nalUnits(packet, description?.lengthSize ?? null), parseHevcSequence) ??
    firstOf(description?.units, parseHevcSequence);
  if (found === null) return null;
  const { width, height, pixelAspect, colorSpace, isInterlaced, reorderDepth } = found;
  return {
    width,
    height,
    pixelAspect,
    colorSpace,
    isInterlaced,
    reorderDepth,
    maxReorderDepth: reorderDepth,
  };
}

/** Of a codec whose packets come in presentation order, and whose pixels are square or not by the container alone. */
function inOrder(found: VpxKeyFrame | null): StreamParameters | null {
  if (found === null) return null;
  const { width, height, colorSpace } = found;
  return {
    width,
    height,
    pixelAspect: null,
    colorSpace,
    isInterlaced: false,
    reorderDepth: 0,
    maxReorderDepth: 0,
  };
}

/** What the first unit that can be parsed says; null if none can. */
function firstOf<T>(
  units: Iterable<Uint8Array> | null | undefined,
  parse: (unit: Uint8Array) => T | null,
): T | null {
  for (const unit of units ?? []) {
    const parsed = parse(unit);
    if (parsed !== null) return parsed;
  }
  return null;
}
