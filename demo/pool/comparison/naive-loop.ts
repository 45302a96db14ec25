/**
 * What not to do: a loop over a bare decoder, with thumbnails that keep its frames. On software decoders it works. On one
 * with four surfaces the fifth frame never comes, and nothing says why.
 */
import type { LoopOptions } from './loop-options.ts';
import { THUMBNAILS } from './loop-options.ts';

export async function playNaively({ clip, decoder: Decoder, side, pace, signal }: LoopOptions): Promise<void> {
  const kept: VideoFrame[] = [];
  let take = (frame: VideoFrame): void => frame.close();
  let fail = (_reason: unknown): void => {};
  const decoder = new Decoder({ output: (frame) => take(frame), error: (error) => fail(error) });
  signal.addEventListener('abort', () => fail(signal.reason), { once: true });
  decoder.configure(clip.config);
  try {
    for await (const chunk of clip.chunks()) {
      signal.throwIfAborted();
      const frame = await new Promise<VideoFrame>((resolve, reject) => {
        [take, fail] = [resolve, reject];
        decoder.decode(chunk);
      });
      kept.push(frame);
      // A thumbnail's frame is closed when it is no longer shown. It looks tidy.
      if (kept.length > THUMBNAILS) kept.shift()?.close();
      await pace(frame.timestamp, signal);
      side.show(frame, kept);
    }
  } finally {
    decoder.close();
    for (const frame of kept) frame.close();
  }
}
