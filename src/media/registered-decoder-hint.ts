/** Hint for the error about an undecodable codec: a decoder is registered in this thread, but a worker reads the file. */
import type { VideoCodec } from 'mediabunny';
import { VIDEO_CODECS } from 'mediabunny';
import { hasRegisteredDecoder } from './container/registered-decoders.ts';
import type { VideoFacts } from './video-file.ts';

/** Beginnings of codec strings, by mediabunny's codec names. */
const BEGINNINGS: Readonly<Record<VideoCodec, RegExp>> = {
  avc: /^avc/u,
  hevc: /^h[ev][cv]1/u,
  vp9: /^vp09/u,
  av1: /^av01/u,
  vp8: /^vp8/u,
  prores: /^ap/u,
};

/** The hint to append to the error about a codec that the worker cannot decode; empty if there is none. */
export async function registeredDecoderHint({ canDecode, decoderConfig }: VideoFacts): Promise<string> {
  const codec = VIDEO_CODECS.find((each) => BEGINNINGS[each].test(decoderConfig.codec));
  if (canDecode || codec === undefined || !(await hasRegisteredDecoder(codec, decoderConfig))) return '';
  return ' in the worker: a decoder for it is registered in this thread, and must be registered in a worker script that imports video-frame-pool/media/worker';
}
