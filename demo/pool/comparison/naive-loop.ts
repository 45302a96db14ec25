/**
 * Incorrect decode loop: its thumbnails hold the frames of the decoder. It works with software decoders. With a decoder
 * of four surfaces the fifth frame never arrives, and no error is reported.
 */
import type { LoopOptions } from './loop-options.ts';
import { THUMBNAILS } from './loop-options.ts';

/** Plays the clip without a pool. */
export async function playNaively({
  clip,
  decoder: Decoder,
  side,
  pace,
  signal,
}: LoopOptions): Promise<void> {
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
      // The frame of a thumbnail is closed once it is no longer shown, which looks correct.
      if (kept.length > THUMBNAILS) kept.shift()?.close();
      await pace(frame.timestamp, signal);
      side.show(frame, kept);
    }
  } finally {
    decoder.close();
    for (const frame of kept) frame.close();
  }
}
