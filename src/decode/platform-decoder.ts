/** Check for the platform's decoder, before a call opens one. */
import { requirePlatform } from '../pool/frames.ts';

/** @throws `NotSupportedError` if there is no `VideoDecoder`. */
export function platformDecoder(who: string): typeof VideoDecoder {
  requirePlatform(who, 'VideoDecoder');
  return VideoDecoder;
}
