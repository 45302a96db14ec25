/** Words about decoders that are registered in this thread, for a file that a worker reads. */
import type { VideoCodec } from 'mediabunny';
import { VIDEO_CODECS } from 'mediabunny';
import { hasRegisteredDecoder } from './container/registered-decoders.ts';
import type { VideoFacts } from './video-file.ts';

/** How codec strings begin, by mediabunny's names of codecs. */
const BEGINNINGS: Readonly<Record<VideoCodec, RegExp>> = {
  avc: /^avc/u,
  hevc: /^h[ev][cv]1/u,
  vp9: /^vp09/u,
  av1: /^av01/u,
  vp8: /^vp8/u,
  prores: /^ap/u,
};

/** What to add to the error about a codec that the worker cannot decode. */
export async function hintOf({ canDecode, decoderConfig }: VideoFacts): Promise<string> {
  const codec = VIDEO_CODECS.find((each) => BEGINNINGS[each].test(decoderConfig.codec));
  if (canDecode || codec === undefined || !(await hasRegisteredDecoder(codec, decoderConfig))) return '';
  return ' in the worker: a decoder for it is registered in this thread, and must be registered in a worker script that imports video-frame-pool/media/worker';
}
