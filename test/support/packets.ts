/** Chunks and configurations of the test clips, by mediabunny's packet sink. */
import { ALL_FORMATS, BlobSource, EncodedPacketSink, Input } from 'mediabunny';

/** A clip's video track as WebCodecs takes it. */
export interface Track {
  readonly config: VideoDecoderConfig;
  readonly chunks: readonly EncodedVideoChunk[];
}

/** The address of a clip of test/media. */
export const clipUrl = (file: string): string => new URL(`../media/${file}`, import.meta.url).href;

/** A clip as a file. */
export const clipBlob = async (file: string): Promise<Blob> => blobAt(clipUrl(file));

/** A file of test/media/cases. The bundler finds files of one folder only. */
export const caseBlob = (file: string): Promise<Blob> =>
  blobAt(new URL(`../media/cases/${file}`, import.meta.url).href);

/** A file by its address. */
export async function blobAt(url: string): Promise<Blob> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.blob();
}

/** All chunks of a clip, or its first `most`. */
export async function trackOf(file: string, most = Infinity): Promise<Track> {
  return trackOfBlob(await clipBlob(file), most);
}

/** All chunks of a file, or its first `most`. */
export async function trackOfBlob(blob: Blob, most = Infinity): Promise<Track> {
  using input = new Input({ formats: ALL_FORMATS, source: new BlobSource(blob) });
  const video = await input.getPrimaryVideoTrack();
  const config = await video?.getDecoderConfig();
  if (!video || !config) throw new Error('no video that has a configuration');
  const chunks: EncodedVideoChunk[] = [];
  for await (const packet of new EncodedPacketSink(video).packets()) {
    if (chunks.length >= most) break;
    chunks.push(packet.toEncodedVideoChunk());
  }
  return { config, chunks };
}

/** Chunks as an iterable that reads nothing ahead. */
export async function* streamOf(chunks: readonly EncodedVideoChunk[]): AsyncGenerator<EncodedVideoChunk> {
  yield* chunks;
}
