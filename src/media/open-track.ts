/** Opens a video track: finds its first decodable packet, the order of its frames, and the configuration for its decoder. */
import type { Input, InputVideoTrack } from 'mediabunny';
import { streamParameters } from '../bitstream/stream-parameters.ts';
import { encodingError, notSupported, shown } from '../errors.ts';
import { hasAlphaPackets } from './alpha-key.ts';
import { AlphaMerger } from './alpha-merger.ts';
import type { SampleDescriptions } from './container/sample-descriptions.ts';
import type { SourceFindings } from './container/source-guard.ts';
import type { TrackPacket } from './container/track-packets.ts';
import { TrackPackets } from './container/track-packets.ts';
import type { FileExtent } from './container/truncation.ts';
import { truncationAfter } from './container/truncation.ts';
import { isSideways } from '../storage/orientation.ts';
import { decoderConfigFor, displaySizeOf } from './decoder-config.ts';
import { LocalVideo } from './local-video.ts';
import { hasDecodeTimesOnly, PresentationRanks } from './ranked-packets.ts';
import { countUpTo } from './sorted.ts';
import { microsecondsOf } from './ticks.ts';
import { canBeginAt, Timeline } from './timeline.ts';
import { trackOrientation } from './track-orientation.ts';

/** An open input and facts about its source. */
export interface OpenedInput {
  readonly input: Input;
  readonly extent: FileExtent;
  readonly findings: SourceFindings;
}

/** How a track is decoded. */
export interface TrackOptions {
  readonly decoder?: typeof VideoDecoder | undefined;
  readonly alpha?: 'keep' | 'discard' | undefined;
}

/** Frames that HEVC may show before the key frame that precedes them in decode order. */
const MAX_LEADING = 16;

/** @throws `NotSupportedError` for a codec without a name, `EncodingError` for a damaged file. */
export async function openTrack(
  { input, extent, findings }: OpenedInput,
  track: InputVideoTrack,
  { decoder, alpha }: TrackOptions,
): Promise<LocalVideo> {
  const [container, packets, end, matrix, hasAlpha] = await Promise.all([
    configOf(track),
    TrackPackets.of(track),
    track.computeDuration(),
    track.getTransformationMatrix(),
    track.canBeTransparent(),
  ]);
  const first = await packets.first();
  const descriptions = findings.descriptions.get(track.id);
  const raw = descriptions?.configs ?? [container];
  const beginning = await beginningOf(packets, first, raw[0] ?? container);
  const stream = streamParameters(raw[0] ?? container, beginning?.data ?? null);
  const configs = raw.map((config, index) =>
    decoderConfigFor(config, index === 0 ? stream : streamParameters(config, null)),
  );
  const config = configs[0] ?? container;
  const configAt = (order: number): VideoDecoderConfig =>
    (descriptions && configs[descriptionAt(order, track.id, descriptions, findings)]) ?? config;

  const { ticksPerSecond } = packets;
  const reorderDepth = stream?.reorderDepth ?? stream?.maxReorderDepth ?? 0;
  const mayReorder = reorderDepth > 0 && /^(avc|hvc|hev)/u.test(config.codec);
  const isUnordered = mayReorder && (await hasDecodeTimesOnly(packets, config, beginning));
  const isWhole = beginning === null || beginning.order === first?.order;
  const firstTick = await firstTickOf(packets, isWhole ? first : beginning, isWhole && mayReorder);
  const isMerged = hasAlpha && alpha !== 'discard' && hasAlphaPackets(config.codec);
  const timeline = new Timeline({
    packets,
    configAt,
    beginning,
    earliestTick: isWhole ? -Infinity : firstTick,
    reorderDepth,
    hasAlphaPackets: isMerged,
    ranks: isUnordered ? new PresentationRanks(packets, config) : null,
  });
  const { width, height } = displaySizeOf(config);
  const orientation = trackOrientation(matrix);
  const [displayWidth, displayHeight] = isSideways(orientation) ? [height, width] : [width, height];
  return new LocalVideo({
    input,
    timeline,
    truncationAfter: (last) => truncationAfter(packets, last, extent, findings),
    configAt,
    decoderDelay: stream?.reorderDepth ?? null,
    decoder,
    alpha: isMerged ? new AlphaMerger() : null,
    facts: {
      duration: microsecondsOf(Math.round(end * ticksPerSecond), ticksPerSecond),
      firstTimestamp: microsecondsOf(firstTick, ticksPerSecond),
      ...orientation,
      displayWidth,
      displayHeight,
      codec: config.codec,
      codedWidth: config.codedWidth,
      codedHeight: config.codedHeight,
      hasAlpha,
    },
  });
}

/** The first packet that a decoder can start at. */
async function beginningOf(
  packets: TrackPackets,
  first: TrackPacket | null,
  config: VideoDecoderConfig,
): Promise<TrackPacket | null> {
  let packet = first;
  while (packet !== null && !(await canBeginAt(packets, packet, config)))
    packet = await packets.nextKey(packet);
  return packet;
}

/** When the first frame begins. Only frames that are reordered can begin before the first packet. */
async function firstTickOf(
  packets: TrackPackets,
  first: TrackPacket | null,
  mayReorder: boolean,
): Promise<number> {
  let least = first?.tick ?? 0;
  if (!mayReorder) return least;
  for (let n = 0, packet = first; packet !== null && n < MAX_LEADING; n++) {
    packet = await packets.next(packet, { metadataOnly: true });
    least = Math.min(least, packet?.tick ?? Infinity);
  }
  return least;
}

/** Which sample description a packet belongs to, by its place in decode order. */
function descriptionAt(
  order: number,
  track: number,
  { runs, initial }: SampleDescriptions,
  { fragments }: SourceFindings,
): number {
  // In a fragmented file that place is counted from the position of the fragment.
  let fragment = -1;
  for (const position of fragments.keys()) if (position <= order) fragment = Math.max(fragment, position);
  if (fragment >= 0) return fragments.get(fragment)?.get(track) ?? initial;
  return runs[countUpTo(runs, order, ({ firstSample }) => firstSample) - 1]?.description ?? initial;
}

async function configOf(track: InputVideoTrack): Promise<VideoDecoderConfig> {
  const config = await track.getDecoderConfig();
  if (config !== null) return config;
  const id = await track.getInternalCodecId();
  throw notSupported(`the file's video codec is not known (${id === null ? 'it has no name' : shown(id)})`);
}

/** Finds the video track, or throws an error that names what the file has instead. */
export async function videoTrackOf(input: Input): Promise<InputVideoTrack> {
  const track = await input.getPrimaryVideoTrack();
  if (track !== null) return track;
  const tracks = await input.getTracks();
  if (tracks.length === 0) throw encodingError('the file lists no tracks: it is cut off, or damaged');
  const sound = tracks.some((each) => each.type === 'audio');
  throw notSupported(`the file has no video track${sound ? ', only sound' : ''}`);
}
