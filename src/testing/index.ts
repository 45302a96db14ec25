/** What apps need to test their own use of video-frame-pool: the public list, and nothing else. */
export type { DecoderLimits } from './decoder-limits.ts';
export { LimitedVideoDecoder } from './limited-video-decoder.ts';
export { ManualClock } from './manual-clock.ts';
