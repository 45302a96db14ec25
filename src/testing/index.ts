/** Public API for apps that test their own use of video-frame-pool. This file exports nothing else. */
export type { DecoderLimits } from './decoder-limits.ts';
export { LimitedVideoDecoder } from './limited-video-decoder.ts';
export { ManualClock } from './manual-clock.ts';
