/** Access to the decoders that the app registered with mediabunny (`registerDecoder()`). Their registry is not public: only this
 * file knows how to reach them, and it throws `NotSupportedError` if a later mediabunny has no such way. */
import type { CustomVideoDecoder, EncodedPacket, InputVideoTrack, VideoCodec, VideoSample } from 'mediabunny';
import { canDecodeVideo, VideoSampleSink, VIDEO_CODECS } from 'mediabunny';
import { notSupported } from '../../base/errors.ts';

/** A running registered decoder. Packets, flushes and the end are processed in the order of the calls. */
export interface RegisteredDecoder {
  decode(packet: EncodedPacket): void;
  /** Resolves when all frames of the preceding packets have come out. */
  flush(): Promise<void>;
  close(): void;
}

/** Output of a registered decoder. */
export interface RegisteredDecoderEvents {
  /** The receiver owns the sample and closes it. */
  onSample(sample: VideoSample): void;
  /** The decoder has finished processing one packet. */
  onTaken(): void;
  onError(error: unknown): void;
}

/** Preferences that mediabunny passes on to a decoder. */
export type DecoderPreferences = Pick<VideoDecoderConfig, 'hardwareAcceleration' | 'optimizeForLatency'>;

/** The object that `VideoSampleSink` of mediabunny 1.61 creates for each decoding. */
interface DecoderWrapper extends RegisteredDecoder {
  readonly customDecoder?: CustomVideoDecoder | null;
}

/** The part of `VideoSampleSink` that creates it. */
interface DecoderMaker {
  _createDecoder?(
    onSample: (sample: VideoSample) => void,
    onError: (error: unknown) => void,
  ): Promise<DecoderWrapper>;
}

/**
 * Whether a registered decoder accepts a configuration, regardless of platform support.
 *
 * `canDecodeVideo()` queries the registered decoders first, then the platform. So the platform gets a colour that does not exist:
 * it rejects the configuration, and only a registered decoder can accept it.
 */
export async function hasRegisteredDecoder(codec: VideoCodec, config: VideoDecoderConfig): Promise<boolean> {
  const impossible = { ...config.colorSpace, primaries: 'none' as VideoColorPrimaries };
  try {
    return await canDecodeVideo(codec, { ...config, colorSpace: impossible });
  } catch {
    return false;
  }
}

/**
 * Creates a registered decoder for a track.
 *
 * @throws `NotSupportedError` if none accepts the track any more, or if this version of mediabunny creates them in another way.
 */
export async function openRegisteredDecoder(
  track: InputVideoTrack,
  { hardwareAcceleration, optimizeForLatency }: DecoderPreferences,
  events: RegisteredDecoderEvents,
): Promise<RegisteredDecoder> {
  const preferences = {
    ...(hardwareAcceleration === undefined ? {} : { hardwareAcceleration }),
    ...(optimizeForLatency === undefined ? {} : { optimizeForLatency }),
  };
  // The boundary to mediabunny's private members.
  const maker = new VideoSampleSink(track, preferences) as DecoderMaker;
  if (typeof maker._createDecoder !== 'function') throw unreachable();
  let hasFailed = false;
  const onError = (error: unknown): void => {
    hasFailed = true;
    events.onError(error);
  };
  const wrapper = await maker._createDecoder((sample) => events.onSample(sample), onError);
  const { customDecoder } = wrapper;
  if (typeof customDecoder?.decode !== 'function') {
    wrapper.close();
    throw unreachable();
  }
  const decode = customDecoder.decode.bind(customDecoder);
  // mediabunny calls it for one packet at a time, and does not report when it has finished. After an error it calls nothing more,
  // not even close(), so no error is passed on to it.
  customDecoder.decode = async (packet) => {
    try {
      await decode(packet);
    } catch (error) {
      onError(error);
    } finally {
      events.onTaken();
    }
  };
  return {
    decode: (packet) => wrapper.decode(packet),
    async flush() {
      try {
        await wrapper.flush();
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    },
    close() {
      // The same applies to an error of init() or flush().
      if (hasFailed) void Promise.resolve(customDecoder.close()).catch(reportError);
      else wrapper.close();
    },
  };
}

const unreachable = (): DOMException =>
  notSupported(
    'the decoder that is registered with mediabunny cannot be reached: this version of video-frame-pool requires mediabunny 1.61',
  );

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
export async function registeredDecoderHint(decoderConfig: VideoDecoderConfig): Promise<string> {
  const codec = VIDEO_CODECS.find((each) => BEGINNINGS[each].test(decoderConfig.codec));
  if (codec === undefined || !(await hasRegisteredDecoder(codec, decoderConfig))) return '';
  return ' in the worker: a decoder for it is registered in this thread, and must be registered in a worker script that imports video-frame-pool/media/worker';
}
