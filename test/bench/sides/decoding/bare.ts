/** A `VideoDecoder` alone: the shortest loop that keeps the same cap as a pool. */
import { atLeast, atMost } from '../../page/goal.ts';
import type { Side } from '../side.ts';
import { App, CAPACITY } from '../side.ts';

/** Of the bench's clips each chunk gives one frame, so a difference of counts is the number of chunks inside. */
export const side: Side = {
  name: 'bare loop',
  from: 'chunks',
  rival: {
    why: 'the pool’s cost beside a decoder: imperceptible',
    speed: atLeast(0.98, 0.93),
    // The bare loop counts as exactly as a loop can that knows its decoder; the rest is chance.
    peak: atMost(1),
  },
  async prepare({ config, chunks }, { decoder: Decoder = VideoDecoder } = {}) {
    return () =>
      new Promise((resolve, reject) => {
        const app = new App((frame: VideoFrame) => frame.close());
        let fed = 0;
        const feed = (): void => {
          // As in a pool of this capacity, chunks inside and held frames have one limit together. So IN_FLIGHT
          // chunks are inside while the app holds its maximum.
          while (fed - app.released < CAPACITY) {
            const chunk = chunks[fed];
            if (chunk === undefined) return;
            fed++;
            decoder.decode(chunk);
            if (fed === chunks.length) decoder.flush().then(end, reject);
          }
        };
        const end = (): void => {
          decoder.close();
          resolve(app.end());
        };
        const decoder = new Decoder({
          output(frame) {
            app.take(frame);
            feed();
          },
          error: reject,
        });
        decoder.configure(config);
        feed();
      });
  },
};
