/** Decoding by a `VideoDecoder` without any pool: the measure that ours is held against. */
import type { Track } from './packets.ts';

/** The result of decoding without a pool. */
export interface Bare {
  readonly timestamps: readonly number[];
  /** The most chunks that the decoder kept back when it was fed one at a time and had nothing more to say. */
  readonly lag: number;
}

/** Longer than any silence that was seen between a chunk's `dequeue` and its output (55 ms). */
const SILENCE_MS = 150;

/** Chunks after which a decoder's habits are known: two groups of pictures of the most involved clip. */
const LAG_CHUNKS = 40;

/** Decodes everything, the first chunks one at a time. */
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
  let lag = 0;
  for (const [fed, chunk] of chunks.entries()) {
    decoder.decode(chunk);
    if (fed >= LAG_CHUNKS) continue;
    const before = timestamps.length;
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, SILENCE_MS);
    });
    if (failure !== null) throw failure;
    const newest = timestamps.at(-1) ?? -Infinity;
    const inside = chunks.slice(0, fed + 1).filter((each) => each.timestamp > newest).length;
    // A silence says that the decoder keeps what is inside; right after an output more may be on its way.
    if (timestamps.length === before) lag = Math.max(lag, inside);
  }
  await decoder.flush();
  decoder.close();
  return { timestamps, lag };
}
