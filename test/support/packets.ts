/** Reader of the test clips' chunks and configurations, through mediabunny's packet sink. */
import { ALL_FORMATS, BlobSource, EncodedPacketSink, Input } from 'mediabunny';

/** A clip's video track in WebCodecs types. */
export interface Track {
  readonly config: VideoDecoderConfig;
  readonly chunks: readonly EncodedVideoChunk[];
}

/** The URL of a clip of test/media. */
export const clipUrl = (file: string): string => new URL(`../media/${file}`, import.meta.url).href;

/** Fetches a clip as a file. */
export const clipBlob = async (file: string): Promise<Blob> => blobAt(clipUrl(file));

/** Fetches a file of test/media/cases. The bundler finds files of one folder only. */
export const caseBlob = (file: string): Promise<Blob> =>
  blobAt(new URL(`../media/cases/${file}`, import.meta.url).href);

/** Fetches a file by its URL. */
export async function blobAt(url: string): Promise<Blob> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.blob();
}

const tracks = new Map<string, Promise<Track>>();

/** Returns all chunks of a clip, or its first `most`. Each clip is read once. */
export async function trackOf(file: string, most = Infinity): Promise<Track> {
  const read = tracks.get(file) ?? clipBlob(file).then((blob) => trackOfBlob(blob));
  tracks.set(file, read);
  const { config, chunks } = await read;
  return { config: { ...config }, chunks: chunks.slice(0, most) };
}

/** Reads all chunks of a file, or its first `most`. */
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

/** An iterable over chunks that reads none ahead. */
export async function* streamOf(chunks: readonly EncodedVideoChunk[]): AsyncGenerator<EncodedVideoChunk> {
  yield* chunks;
}
