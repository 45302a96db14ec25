/** Opens a video track: finds its first decodable packet, the order of its frames, and the configuration for its decoder. */
import type { InputVideoTrack } from 'mediabunny';
import { streamParameters } from '../bitstream/stream-parameters.ts';
import { encodingError } from '../base/errors.ts';
import { hasAlphaPackets } from './alpha-pairs.ts';
import { AlphaMerger } from './alpha-merger.ts';
import type { TrackPacket, TrackPackets } from './container/track-packets.ts';
import { SinkPackets, microsecondsOf } from './container/track-packets.ts';
import type { DecodingOptions } from './decodability.ts';
import { completeConfig, decodingOf, unknownCodecError } from './decodability.ts';
import { decoderConfigFor, displaySizeOf, trackOrientation } from './decoder-config.ts';
import type { EditEnd } from './container/edit-list.ts';
import { JoinedPackets } from './container/joined-packets.ts';
import type { SampleDescriptions } from './container/sample-descriptions.ts';
import type { SourceFindings } from './container/source-guard.ts';
import { truncationAfter } from './container/truncation.ts';
import { isSideways } from '../storage/orientation.ts';
import { LocalVideo } from './local-video.ts';
import type { OpenedSource } from './opened-source.ts';
import { hasDecodeTimesOnly, PresentationRanks } from './ranked-packets.ts';
import { countUpTo } from './timed-packets.ts';
import { canBeginAt, Timeline } from './timeline.ts';

/** Options for decoding a track. */
export interface TrackOptions extends DecodingOptions {
  readonly alpha?: AlphaOption | undefined;
}

/** Packets for the frame rate. Few, because a file behind an address is read up to the last of them. */
const RATE_PACKETS = 64;

/** Frames that HEVC may show before the key frame that precedes them in decode order. */
const MAX_LEADING = 16;

/** @throws `NotSupportedError` for a codec without a name, `EncodingError` for a damaged file. */
export async function openTrack(
  opened: OpenedSource,
  track: InputVideoTrack,
  options: TrackOptions,
): Promise<LocalVideo> {
  const { extent, findings, close } = opened;
  const [container, packets, frameRate, matrix, hasAlpha] = await Promise.all([
    configOf(track),
    packetsOf(track, opened),
    frameRateOf(track),
    track.getTransformationMatrix(),
    track.canBeTransparent(),
  ]);
  const first = await packets.first();
  if (first === null) {
    throw encodingError('the file has a video track without frames: it is cut off, or only a beginning');
  }
  const descriptions = findings.descriptions.get(track.id);
  const raw = descriptions?.configs ?? [container];
  const beginning = await beginningOf(packets, first, raw[0] ?? container);
  const stream = streamParameters(raw[0] ?? container, beginning?.data ?? null);
  const configs = raw.map((each, index) =>
    completeConfig(
      decoderConfigFor(each, index === 0 ? stream : streamParameters(each, null)),
      options.decoderConfig,
    ),
  );
  const config = configs[0] ?? container;
  const { decoder, canDecode } = await decodingOf(track, config, options);
  const configAt = (order: number): VideoDecoderConfig =>
    (descriptions && configs[descriptionAt(order, track.id, descriptions, findings)]) ?? config;

  const { ticksPerSecond } = packets;
  const reorderDepth = stream?.reorderDepth ?? stream?.maxReorderDepth ?? 0;
  const mayReorder = reorderDepth > 0 && /^(avc|hvc|hev)/u.test(config.codec);
  const isUnordered = mayReorder && (await hasDecodeTimesOnly(packets, config, beginning));
  const isWhole = beginning === null || beginning.order === first.order;
  const firstTick = await firstTickOf(packets, isWhole ? first : beginning, isWhole && mayReorder);
  const lastTick = await lastTickOf(packets, firstTick, findings.editEnds.get(track.id));
  const endTick = lastTick === Infinity ? await endTickOf(packets, track) : lastTick + 1;
  const isMerged = hasAlpha && options.alpha !== 'discard' && hasAlphaPackets(config.codec);
  const timeline = new Timeline({
    packets,
    configAt,
    beginning,
    earliestTick: isWhole ? -Infinity : firstTick,
    latestTick: lastTick,
    reorderDepth,
    endTick,
    hasAlphaPackets: isMerged,
    ranks: isUnordered ? new PresentationRanks(packets, config) : null,
  });
  const { width, height } = displaySizeOf(config);
  const orientation = trackOrientation(matrix);
  const [displayWidth, displayHeight] = isSideways(orientation) ? [height, width] : [width, height];
  return new LocalVideo({
    close,
    timeline,
    truncationAfter: (last) => truncationAfter(packets, last, extent, findings),
    configAt,
    decoderDelay: stream?.reorderDepth ?? null,
    decoder,
    alpha: isMerged ? new AlphaMerger() : null,
    facts: {
      duration: microsecondsOf(endTick, ticksPerSecond),
      firstTimestamp: microsecondsOf(firstTick, ticksPerSecond),
      ...orientation,
      displayWidth,
      displayHeight,
      frameRate,
      canDecode,
      decoderConfig: config,
      codec: config.codec,
      codedWidth: config.codedWidth,
      codedHeight: config.codedHeight,
      hasAlpha,
    },
  });
}

/** All packets of a track. mediabunny returns those in tables, or those in fragments; a file may have both. */
async function packetsOf(
  track: InputVideoTrack,
  { findings, openFragments }: OpenedSource,
): Promise<TrackPackets> {
  const packets = await SinkPackets.of(track);
  if (!findings.hasTablesAndFragments || openFragments === null) return packets;
  const tracks = await openFragments().getVideoTracks();
  const again = tracks.find(({ id }) => id === track.id);
  return again === undefined ? packets : new JoinedPackets(packets, await SinkPackets.of(again));
}

/** The first packet at which a decoder can start. */
async function beginningOf(
  packets: TrackPackets,
  first: TrackPacket,
  config: VideoDecoderConfig,
): Promise<TrackPacket | null> {
  let packet: TrackPacket | null = first;
  while (packet !== null && !(await canBeginAt(packets, packet, config)))
    packet = await packets.nextKey(packet);
  return packet;
}

/** Start of the first frame. Only reordered frames can begin before the first packet. */
async function firstTickOf(packets: TrackPackets, first: TrackPacket, mayReorder: boolean): Promise<number> {
  let least = first.tick;
  if (!mayReorder) return least;
  for (let n = 0, packet: TrackPacket | null = first; packet !== null && n < MAX_LEADING; n++) {
    packet = await packets.next(packet, { metadataOnly: true });
    least = Math.min(least, packet?.tick ?? Infinity);
  }
  return least;
}

/** The last tick before the end of an edit list if frames follow it, otherwise Infinity. */
async function lastTickOf(
  packets: TrackPackets,
  firstTick: number,
  end: EditEnd | undefined,
): Promise<number> {
  if (end === undefined) return Infinity;
  const endTick = Math.round((end.ticks / end.ticksPerSecond) * packets.ticksPerSecond);
  const last = await packets.at(Infinity, { metadataOnly: true });
  return last !== null && last.tick >= endTick && endTick > firstTick ? endTick - 1 : Infinity;
}

/**
 * End of the last frame. Matroska files may not record it: then it is the length of the file if there is no other track,
 * otherwise the interval before the last frame is assumed.
 */
async function endTickOf(packets: TrackPackets, track: InputVideoTrack): Promise<number> {
  const options = { metadataOnly: true, skipLiveWait: true };
  const last = await packets.at(Infinity, options);
  if (last === null || last.ticks > 0) return last === null ? 0 : last.tick + last.ticks;
  if ((await track.input.getTracks()).length === 1) {
    const length = (await track.getDurationFromMetadata(options)) ?? 0;
    const end = Math.round(length * packets.ticksPerSecond);
    if (end > last.tick) return end;
  }
  const before = await packets.at(last.tick - 1, options);
  return before === null ? last.tick : 2 * last.tick - before.tick;
}

/** The sample description of a packet, by its position in decode order. */
function descriptionAt(
  order: number,
  track: number,
  { runs, initial }: SampleDescriptions,
  { fragments }: SourceFindings,
): number {
  // In a fragmented file that position is counted from the position of the fragment.
  let fragment = -1;
  for (const position of fragments.keys()) if (position <= order) fragment = Math.max(fragment, position);
  if (fragment >= 0) return fragments.get(fragment)?.get(track) ?? initial;
  return runs[countUpTo(runs, order, ({ firstSample }) => firstSample) - 1]?.description ?? initial;
}

async function configOf(track: InputVideoTrack): Promise<VideoDecoderConfig> {
  const config = await track.getDecoderConfig();
  if (config !== null) return config;
  throw unknownCodecError(await track.getInternalCodecId());
}

/** Average of the first frames, or null if there are too few, or if the file is damaged there. */
async function frameRateOf(track: InputVideoTrack): Promise<number | null> {
  // This would wait for the end of a live stream.
  if (await track.isLive()) return null;
  try {
    const metrics = await track.computeFrameRateMetrics({ targetPacketCount: RATE_PACKETS });
    return metrics.probedPacketCount > 1 ? metrics.averageFrameRate : null;
  } catch {
    return null;
  }
}
