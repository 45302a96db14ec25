/** One frame after the other through a piece of work: the loop that every way to copy frames is measured in. */
import type { BenchClip } from '../page/clips.ts';
import { IN_FLIGHT } from './side.ts';

/** The work on a frame. It owns the frame. */
export type Work = (frame: VideoFrame) => Promise<void>;

/** Decodes the clip, does the work with each frame in order, and returns the number of frames. Throws if one is lost. */
export function eachFrame(
  { config, chunks }: Pick<BenchClip, 'config' | 'chunks'>,
  work: Work,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let fed = 0;
    let done = 0;
    let last = Promise.resolve();
    const feed = (): void => {
      while (fed - done < IN_FLIGHT) {
        const chunk = chunks[fed];
        if (chunk === undefined) return;
        fed++;
        decoder.decode(chunk);
        if (fed === chunks.length) decoder.flush().then(end, reject);
      }
    };
    const end = (): void => {
      last.then(() => {
        decoder.close();
        if (done === chunks.length) resolve(done);
        else reject(new Error(`${done} of ${chunks.length} frames`));
      }, reject);
    };
    const decoder = new VideoDecoder({
      output(frame) {
        last = last
          .then(() => work(frame))
          .then(() => {
            done++;
            feed();
          });
        last.catch(reject);
      },
      error: reject,
    });
    decoder.configure(config);
    feed();
  });
}
