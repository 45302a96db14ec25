/** One decoded frame, for what needs no more. */
import { trackOf } from '../../support/packets.ts';

/** A frame as a decoder makes it. */
export async function decodedFrame(): Promise<VideoFrame> {
  const { config, chunks } = await trackOf('vp8.webm', 1);
  return new Promise((resolve, reject) => {
    const decoder = new VideoDecoder({ output: resolve, error: reject });
    decoder.configure(config);
    for (const chunk of chunks) decoder.decode(chunk);
    decoder.flush().then(() => decoder.close(), reject);
  });
}
