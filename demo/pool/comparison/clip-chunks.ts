/** The built-in clip as chunks for decoders, by mediabunny alone. */
import { BlobSource, EncodedPacketSink, Input, WEBM } from 'mediabunny';

/** What a decoder needs of a video, and where it comes from. */
export interface ClipChunks {
  readonly config: VideoDecoderConfig;
  /** From the first to the last, in decode order; anew with each call. */
  chunks(): AsyncIterable<EncodedVideoChunk>;
  close(): void;
}

/**
 * Opens it. The caller closes it.
 *
 * @throws What loading it throws; the signal's reason.
 */
export async function openClip(url: string, signal: AbortSignal): Promise<ClipChunks> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`the built-in clip is not there (${response.status})`);
  const input = new Input({ source: new BlobSource(await response.blob()), formats: [WEBM] });
  try {
    const track = await input.getPrimaryVideoTrack();
    const config = await track?.getDecoderConfig();
    if (track == null || config == null) throw new Error('the built-in clip has no picture');
    signal.throwIfAborted();
    return {
      config,
      async *chunks() {
        for await (const packet of new EncodedPacketSink(track).packets()) yield packet.toEncodedVideoChunk();
      },
      close: () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    throw error;
  }
}
