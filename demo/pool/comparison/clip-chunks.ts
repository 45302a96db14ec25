/** Encoded chunks of the built-in clip, read by mediabunny alone. */
import { BlobSource, EncodedPacketSink, Input, WEBM } from 'mediabunny';

/** Decoder configuration and chunks of the clip. The caller closes it. */
export interface ClipChunks {
  readonly config: VideoDecoderConfig;
  /** Iterates over all chunks in decode order; each call starts again. */
  chunks(): AsyncIterable<EncodedVideoChunk>;
  close(): void;
}

/**
 * Opens the clip. The caller closes it.
 *
 * @throws The error of loading; the signal's reason.
 */
export async function openClip(url: string, signal: AbortSignal): Promise<ClipChunks> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`the built-in clip could not be loaded (HTTP ${response.status})`);
  const input = new Input({ source: new BlobSource(await response.blob()), formats: [WEBM] });
  try {
    const track = await input.getPrimaryVideoTrack();
    const config = await track?.getDecoderConfig();
    if (track == null || config == null) throw new Error('the built-in clip has no video track');
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
