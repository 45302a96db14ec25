/** mediabunny's own way to decode a file: `VideoSampleSink`. */
import { VideoSampleSink } from 'mediabunny';
import { videoTrackOf } from '../../page/clips.ts';
import { atLeast, atMost } from '../../page/goal.ts';
import type { Side } from '../side.ts';
import { takeAll } from '../side.ts';

/**
 * It has no cap to set: it queues up to 40 chunks while no sample waits, and up to 8, samples included, while one
 * does. That is more than the limit of the others, and an advantage for it.
 */
export const side: Side = {
  name: 'mediabunny',
  from: 'file',
  rival: {
    why: 'another library, the same file: as fast, with few open frames',
    speed: atLeast(1),
    peak: atMost(0.2),
  },
  async prepare({ blob }, { pauseMs } = {}) {
    const sink = new VideoSampleSink(await videoTrackOf(blob));
    return () => takeAll(sink.samples(), (sample) => sample.close(), pauseMs);
  },
};
