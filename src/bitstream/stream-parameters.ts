/** Size, shape, colour and order of a stream's pictures, from the stream's own headers instead of the container's. */
import { av1SequenceIn, av1SequenceOf } from './av1.ts';
import { parseAvcDescription, parseAvcSequence } from './avc.ts';
import { parseHevcDescription, parseHevcSequence } from './hevc.ts';
import type { PixelAspect } from './usability.ts';
import type { VpxKeyFrame } from './vpx.ts';
import { parseVp8Key, parseVp9Key } from './vpx.ts';
import { descriptionOf, familyOf } from './codec.ts';
import type { NalDescription } from './nal.ts';
import { nalUnits } from './nal.ts';

/** Parameters in a stream's own headers. */
export interface StreamParameters {
  /** Frame size after cropping, in pixels. For frames that are coded as two fields, the size of the whole frame. */
  readonly width: number;
  readonly height: number;
  /** Width to height of one pixel; null if the stream does not specify it. */
  readonly pixelAspect: PixelAspect | null;
  /** The known fields only: empty for a stream without a colour description. */
  readonly colorSpace: VideoColorSpaceInit;
  /** Whether pictures may be coded as fields. */
  readonly isInterlaced: boolean;
  /** Frames that a decoder keeps back for reordering; null if the stream does not specify it. */
  readonly reorderDepth: number | null;
  /** Upper bound of the reorder depth: `reorderDepth`, or the limit of the stream's level. */
  readonly maxReorderDepth: number;
}

/**
 * Reads the description of a configuration or, if that has no parameter sets, a key packet.
 *
 * @param firstKeyPacket - With null, only the description is read.
 * @returns Null for a codec that is not parsed, or if neither has valid headers.
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
 * Frames that a decoder of this configuration keeps back for reordering; null if neither the configuration nor the packet
 * specifies it. VP8, VP9 and AV1 decoders output a frame for its own packet, whatever the headers declare.
 *
 * @param firstKeyPacket - With null, only the configuration is read.
 */
export function reorderDepthOf(config: VideoDecoderConfig, firstKeyPacket: Uint8Array | null): number | null {
  const family = familyOf(config.codec);
  if (family === 'vp8' || family === 'vp9' || family === 'av1') return 0;
  return streamParameters(config, firstKeyPacket)?.reorderDepth ?? null;
}

function avcParameters(bytes: Uint8Array | null, packet: Uint8Array | null): StreamParameters | null {
  const found = firstSequence(parseAvcDescription(bytes), packet, parseAvcSequence);
  if (found === null) return null;
  const { width, height, pixelAspect, colorSpace, isInterlaced, reorderDepth, maxReorderDepth } = found;
  return { width, height, pixelAspect, colorSpace, isInterlaced, reorderDepth, maxReorderDepth };
}

function hevcParameters(bytes: Uint8Array | null, packet: Uint8Array | null): StreamParameters | null {
  const found = firstSequence(parseHevcDescription(bytes), packet, parseHevcSequence);
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

/** Parameters of a codec whose packets are in presentation order, and whose pixel aspect is given by the container alone. */
function inOrder(found: VpxKeyFrame | null): StreamParameters | null {
  if (found === null) return null;
  const { width, height, colorSpace } = found;
  const rest = { pixelAspect: null, isInterlaced: false, reorderDepth: 0, maxReorderDepth: 0 };
  return { width, height, colorSpace, ...rest };
}

/**
 * The first valid sequence parameter set, or null if there is none. Those in the packet follow those of the description and
 * replace them. Firefox 153 describes its own H.264 wrongly.
 */
function firstSequence<T>(
  description: NalDescription | null,
  packet: Uint8Array | null,
  parse: (unit: Uint8Array) => T | null,
): T | null {
  if (description === null) return null;
  for (const units of [packet === null ? [] : nalUnits(packet, description.lengthSize), description.units]) {
    for (const unit of units) {
      const parsed = parse(unit);
      if (parsed !== null) return parsed;
    }
  }
  return null;
}
