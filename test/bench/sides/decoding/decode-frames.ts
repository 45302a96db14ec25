/** Ours, from chunks: `decodeFrames()`. Compared with the bare loop, which gets the same chunks. */
import { decodeFrames, VideoFramePool } from '../../../../src/index.ts';
import type { Side } from '../side.ts';
import { CAPACITY, takeAll } from '../side.ts';

/** The pool's capacity is the bare loop's limit. One pool serves all rounds, as one serves an app. */
export const side: Side = {
  name: 'decodeFrames()',
  from: 'chunks',
  rival: null,
  async prepare({ config, chunks }, { decoder, pauseMs } = {}) {
    const pool = new VideoFramePool({ capacity: CAPACITY });
    const decode = () => decodeFrames(pool, oneByOne(chunks), config, { decoder });
    return () => takeAll(decode(), (handle) => handle.release(), pauseMs);
  },
};

/** The chunks as an iterable without a generator, which would count as the library's garbage. */
function oneByOne(chunks: readonly EncodedVideoChunk[]): AsyncIterable<EncodedVideoChunk> {
  const list = chunks.values();
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(list.next()) }) };
}
