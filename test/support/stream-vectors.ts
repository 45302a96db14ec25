/** Packets for tests without a browser: packets of the test clips, and short streams of kinds that no clip has. */
import { readFileSync } from 'node:fs';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import vectorsJson from './stream-vectors.json' with { type: 'json' };

export interface StreamPacket {
  /** In seconds. In a short stream, the frame's number. */
  readonly timestamp: number;
  /** The container's key frame flag. */
  readonly isKey: boolean;
  readonly data: Uint8Array;
}

export interface Stream {
  readonly config: VideoDecoderConfig;
  /** In decode order. */
  readonly packets: readonly StreamPacket[];
}

/** Reads the video track of a clip of test/media. */
export async function streamOfClip(file: string): Promise<Stream> {
  const bytes = readFileSync(new URL(`../media/${file}`, import.meta.url));
  using input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const track = await input.getPrimaryVideoTrack();
  const config = await track?.getDecoderConfig();
  if (!track || !config) throw new Error(`${file} has no video that can be decoded`);
  const packets: StreamPacket[] = [];
  for await (const { timestamp, type, data } of new EncodedPacketSink(track).packets())
    packets.push({ timestamp, isKey: type === 'key', data });
  return { config, packets };
}

type Name = keyof typeof vectorsJson;

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));

/**
 * Returns a short stream, made by ffmpeg 5.1 (`-f lavfi -i testsrc2`) with libx264, libx265 and libvpx. `hevc`: 322x182, 10 bit,
 * pixel aspect 4:3, BT.2020 and PQ, open groups of 8. `interlaced`: H.264, 96x64, pixel aspect 16:11, SMPTE 170M, full range.
 * `poc2`: H.264, 96x64, Main without B-frames. `intra`: High 4:2:2 Intra, 64x64. `vp9rgb`: profile 1, 64x64. `vp9hdr`: profile 2,
 * 64x48, BT.2020, full range.
 */
export function shortStream(name: Name): Stream {
  const { codec, description, packets } = vectorsJson[name];
  return {
    config: { codec, ...(description !== null && { description: bytesOf(description) }) },
    packets: packets.map(([timestamp, isKey, data]) => ({
      timestamp: Number(timestamp),
      isKey: isKey === true,
      data: bytesOf(String(data)),
    })),
  };
}

export const SHORT_STREAMS = Object.keys(vectorsJson) as Name[];
