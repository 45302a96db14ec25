/** Decoding by a `VideoDecoder` without a pool: the reference for decoding with a pool. */
import type { Track } from './packets.ts';

/** The result of decoding without a pool. */
export interface Bare {
  readonly timestamps: readonly number[];
  /** The most chunks that the decoder kept back when it was fed one at a time and was idle. */
  readonly delay: number;
}

/** Longer than any observed time between a chunk's `dequeue` and its output (55 ms). */
const SILENCE_MS = 150;

/** Number of chunks after which a decoder's delay is known: two groups of pictures of the most complex clip. */
const DELAY_CHUNKS = 40;

/** Decodes all chunks, the first ones one at a time. */
export async function decodeBare({ config, chunks }: Track): Promise<Bare> {
  const timestamps: number[] = [];
  let wake = (): void => {};
  let failure: DOMException | null = null;
  const decoder = new VideoDecoder({
    output(frame) {
      timestamps.push(frame.timestamp);
      frame.close();
      wake();
    },
    error(error) {
      failure = error;
      wake();
    },
  });
  decoder.configure(config);
  let delay = 0;
  for (const [fed, chunk] of chunks.entries()) {
    decoder.decode(chunk);
    if (fed >= DELAY_CHUNKS) continue;
    const before = timestamps.length;
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, SILENCE_MS);
    });
    if (failure !== null) throw failure;
    const newest = timestamps.at(-1) ?? -Infinity;
    const inside = chunks.slice(0, fed + 1).filter((each) => each.timestamp > newest).length;
    // If the decoder is silent, it keeps its chunks back. Right after an output, more may follow.
    if (timestamps.length === before) delay = Math.max(delay, inside);
  }
  await decoder.flush();
  decoder.close();
  return { timestamps, delay };
}
