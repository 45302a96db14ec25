/** Opens a file in this thread: selects the track, and reads what is known of it. */
import type { InputVideoTrack } from 'mediabunny';
import { EncodedPacketSink } from 'mediabunny';
import { encodingError, notSupported } from '../errors.ts';
import { orAborted } from '../when-aborted.ts';
import type { DecodingOptions } from './decodability.ts';
import { decodingOf, unknownCodec } from './decodability.ts';
import { LocalVideo } from './local-video.ts';
import type { BorrowedInput, OpenedSource } from './opened-source.ts';
import { openSource } from './opened-source.ts';
import type { PortableSource } from './portable-source.ts';
import { toMicroseconds } from './time.ts';

/** How a file is opened in this thread. */
export interface OpenLocalOptions extends DecodingOptions {
  readonly signal?: AbortSignal | undefined;
  /** Number of the track among the video tracks. Undefined selects the main one. */
  readonly track?: number | undefined;
}

/** Sides of pictures are unsigned 32-bit numbers in a decoder's configuration. */
const MAX_SIDE = 2 ** 32 - 1;

/** Packets that the frame rate is computed from: few, for a file that is read over the network is read as far. */
const RATE_PACKETS = 64;

/** Opens a file. The errors are those of `openVideo()`. */
export async function openLocal(
  source: PortableSource | BorrowedInput,
  options: OpenLocalOptions,
): Promise<LocalVideo> {
  const { signal } = options;
  signal?.throwIfAborted();
  const opened = openSource(source);
  const stop = (): void => opened.close();
  signal?.addEventListener('abort', stop);
  try {
    return await orAborted(readHead(opened, options), signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof MissingTrackError) {
      opened.close();
      throw error;
    }
    const explained = await orAborted(opened.explain(error), signal);
    opened.close();
    throw explained;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** The caller's mistake, unlike other errors while a file is read. Its name is that of its base class. */
class MissingTrackError extends RangeError {}

/** @throws `RangeError` for a track that the file does not have. */
async function trackOf(
  { input, track }: OpenedSource,
  number: number | undefined,
): Promise<InputVideoTrack | null> {
  if (track !== null) return track;
  if (number === undefined) return input.getPrimaryVideoTrack();
  const tracks = await input.getVideoTracks();
  const found = tracks[number];
  if (found !== undefined || tracks.length === 0) return found ?? null;
  const count = tracks.length === 1 ? '1 video track' : `${tracks.length} video tracks`;
  throw new MissingTrackError(
    `track must be below the number of video tracks, got ${number}: the file has ${count}`,
  );
}

/** Average of the first frames, or null if there are too few to say, or if the file is damaged there. */
async function frameRateOf(track: InputVideoTrack): Promise<number | null> {
  // The end of a live stream would be waited for.
  if (await track.isLive()) return null;
  try {
    const metrics = await track.computeFrameRateMetrics({ targetPacketCount: RATE_PACKETS });
    return metrics.probedPacketCount > 1 ? metrics.averageFrameRate : null;
  } catch {
    return null;
  }
}

async function requireFrames(track: InputVideoTrack): Promise<void> {
  const first = await new EncodedPacketSink(track).getFirstPacket({ metadataOnly: true });
  if (first === null)
    throw encodingError('the file has a video track, and no frame in it: it is cut off, or only a beginning');
}

async function readHead(opened: OpenedSource, options: OpenLocalOptions): Promise<LocalVideo> {
  const { input, extent, close } = opened;
  const track = await trackOf(opened, options.track);
  if (track === null) {
    const tracks = await input.getTracks();
    if (tracks.length === 0) throw encodingError('the file lists no tracks: it is cut off, or damaged');
    const sound = tracks.some((each) => each.type === 'audio');
    throw notSupported(`the file has no video track${sound ? ', only sound' : ''}`);
  }
  const { config, decoder, canDecode } = await decodingOf(track, await configOf(track), options);
  await requireFrames(track);
  const [frameRate, duration, first, rotation, displayWidth, displayHeight] = await Promise.all([
    frameRateOf(track),
    track.computeDuration({ skipLiveWait: true }),
    track.getFirstTimestamp(),
    track.getRotation(),
    track.getDisplayWidth(),
    track.getDisplayHeight(),
  ]);
  return new LocalVideo({
    close,
    extent,
    track,
    config,
    decoder,
    facts: {
      duration: toMicroseconds(duration),
      firstTimestamp: toMicroseconds(first),
      rotation,
      displayWidth,
      displayHeight,
      frameRate,
      canDecode,
      decoderConfig: config,
      codec: config.codec,
      codedWidth: config.codedWidth,
      codedHeight: config.codedHeight,
    },
  });
}

async function configOf(track: InputVideoTrack): Promise<VideoDecoderConfig> {
  const config = await track.getDecoderConfig();
  if (config !== null) return withRealSize(config);
  throw unknownCodec(await track.getInternalCodecId());
}

/** A decoder takes a size that no picture has for its caller's mistake (`TypeError`). It is the file's. */
function withRealSize(config: VideoDecoderConfig): VideoDecoderConfig {
  const { codedWidth, codedHeight, displayAspectWidth, displayAspectHeight } = config;
  for (const side of [codedWidth, codedHeight, displayAspectWidth, displayAspectHeight]) {
    if (side === undefined || (side >= 1 && side <= MAX_SIDE)) continue;
    throw encodingError(`the file is damaged: its picture has a side of ${side} pixels`);
  }
  return config;
}
