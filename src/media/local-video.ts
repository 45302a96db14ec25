/** A video that is read and decoded in this thread. */
import type { ChunkPump, FrameSink } from '../decode/chunk-pump.ts';
import { pumpOf } from '../decode/decode-frames.ts';
import { platformDecoder } from '../decode/weak-decoder.ts';
import { PullQueue } from '../base/pull-queue.ts';
import { encodingError } from '../base/errors.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { raceAbort } from '../base/abort.ts';
import type { AlphaData } from './alpha-decoder.ts';
import { alphaDecoder } from './alpha-decoder.ts';
import { isAlphaKey } from './alpha-pairs.ts';
import type { AlphaMerger } from './alpha-merger.ts';
import type { TrackPacket } from './container/track-packets.ts';
import { secondsOf } from './container/track-packets.ts';
import type { FrameAtOptions, FramesOptions, PacketsRange, VideoFacts, VideoFile } from './reader.ts';
import { PacketChunks } from './packet-chunks.ts';
import { PacketRange } from './packet-range.ts';
import type { TimedPacket } from './timed-packets.ts';
import type { Timeline, TrackFrame } from './timeline.ts';

/** Parts of an open video. */
export interface LocalVideoParts {
  /** Closes the file. */
  readonly close: () => void;
  readonly timeline: Timeline;
  /** The reason why the packets end after one of them, or null if that is the end of the video. */
  readonly truncationAfter: (last: TrackPacket | null) => Promise<string | null>;
  /** The configuration for a packet, by its position in decode order. */
  readonly configAt: (order: number) => VideoDecoderConfig;
  /** Decoder delay by the bitstream, in frames. */
  readonly decoderDelay: number | null;
  readonly decoder: typeof VideoDecoder | undefined;
  /** Null for an opaque video, and for one whose alpha is discarded. */
  readonly alpha: AlphaMerger | null;
  readonly facts: VideoFacts;
}

/** Creates the pump of an iteration for the recipient of its frames. */
export type PumpMaker = (sink: FrameSink) => ChunkPump;

/** An open video. */
export class LocalVideo implements VideoFile {
  readonly facts: VideoFacts;
  readonly #parts: LocalVideoParts;
  readonly #timeline: Timeline;
  // The delay that one decoder of this video turned out to have is expected of the next one.
  #decoderDelay: number;

  constructor(parts: LocalVideoParts) {
    this.facts = parts.facts;
    this.#parts = parts;
    this.#timeline = parts.timeline;
    this.#decoderDelay = parts.decoderDelay ?? 0;
  }

  frames(options: FramesOptions): PullQueue<FrameHandle<DecodedStorage>> {
    return new PullQueue(this.pump(options), options.signal);
  }

  /** As `frames()`, for a sink that takes the frames as they come out. */
  pump(options: FramesOptions): PumpMaker {
    const { from = -Infinity, to = Infinity } = options;
    return this.#decode(options, this.#rangeOf(from, to));
  }

  async frameAt(timestamp: number, options: FrameAtOptions): Promise<FrameHandle> {
    // A packet that should give a frame but gives none is damaged or was dropped; then the frame before it is returned.
    const { signal } = options;
    const timeline = this.#timeline;
    for (
      let frame = await raceAbort(timeline.shownAt(timestamp), signal);
      frame !== null;
      frame = await raceAbort(timeline.shownBefore(frame), signal)
    ) {
      const handle = await this.#frameOf(options, frame);
      if (handle !== null) return handle;
    }
    const first = this.frames(options);
    try {
      const { value } = await first.next();
      if (value !== undefined) return value;
    } finally {
      await first.return();
    }
    throw encodingError('the file has a video track without frames');
  }

  packets({ from, to, signal }: PacketsRange): AsyncIterableIterator<EncodedVideoChunk> {
    const range = this.#rangeOf(from, to);
    const chunks = new RangeChunks(this.#parts, range).from(null);
    return new PullQueue<EncodedVideoChunk>((sink) => new PacketRange(chunks, range.to, sink), signal);
  }

  close(): void {
    this.#parts.close();
  }

  #rangeOf(from: number, to: number): Range {
    const timeline = this.#timeline;
    return { find: () => timeline.shownAt(from), to: Math.min(to, timeline.end), isLast: () => false };
  }

  /** The frame of a packet, or null if the decoder puts none out. */
  async #frameOf(options: FrameAtOptions, frame: TrackFrame): Promise<FrameHandle | null> {
    const pump = this.#decode(options, {
      find: () => Promise.resolve(frame),
      to: this.#timeline.microsecondsOf(frame.tick) + 1,
      isLast: ({ packet }) => packet.order >= frame.order,
    });
    const frames = new PullQueue(pump, options.signal);
    try {
      const { value } = await frames.next();
      return value ?? null;
    } finally {
      await frames.return();
    }
  }

  #decode({ pool, holder, starvationMs }: FrameAtOptions, range: Range): PumpMaker {
    const chunks = new RangeChunks(this.#parts, range);
    return pumpOf(pool, chunks.from(null), this.#parts.configAt(-Infinity), {
      decoder: this.#decoderFor(chunks),
      starvationMs,
      holder,
      from: () => chunks.firstTimestamp(),
      to: range.to,
      decoderDelay: this.#decoderDelay,
      onDecoderDelay: (decoderDelay) => (this.#decoderDelay = decoderDelay),
      restart: (_timestamp, point) => chunks.from(point.chunk),
      isDecodeOnly: (chunk) => chunks.isDecodeOnly(chunk),
      configOf: (chunk) => chunks.configOf(chunk),
    });
  }

  #decoderFor(chunks: RangeChunks): typeof VideoDecoder | undefined {
    const { decoder, alpha: merger } = this.#parts;
    if (merger === null) return decoder;
    return alphaDecoder(decoder ?? platformDecoder('openVideo()'), (chunk) => chunks.alphaOf(chunk), {
      isWanted: (timestamp) => chunks.isInRange(timestamp),
      merger,
    });
  }
}

/** The wanted frames of an iteration. */
interface Range {
  /** Looks up the first of them; null means the first of the video. */
  find(): Promise<TrackFrame | null>;
  /** In µs; frames from there on are not wanted. */
  readonly to: number;
  /** Whether no packet after this one is needed. */
  isLast(timed: TimedPacket): boolean;
}

/** The chunks of one range, each with its packet. */
class RangeChunks {
  readonly #parts: LocalVideoParts;
  readonly #range: Range;
  readonly #timed = new WeakMap<EncodedVideoChunk, TimedPacket>();
  #first: Promise<TrackFrame | null> | null = null;
  #start: TrackFrame | null = null;
  #from = -Infinity;

  constructor(parts: LocalVideoParts, range: Range) {
    this.#parts = parts;
    this.#range = range;
  }

  async firstTimestamp(): Promise<number> {
    const { timeline } = this.#parts;
    const first = await this.#find();
    return (this.#from = first === null ? timeline.earliest : timeline.microsecondsOf(first.tick));
  }

  /** Whether frames of this time in µs are wanted. Valid once the first frame was looked up. */
  isInRange(timestamp: number): boolean {
    return timestamp >= this.#from && timestamp < this.#range.to;
  }

  alphaOf(chunk: EncodedVideoChunk): AlphaData | null {
    const packet = this.#timed.get(chunk)?.packet;
    if (packet === undefined || packet.alpha === null) return null;
    const { codec } = this.#parts.configAt(packet.order);
    return { data: packet.alpha, isKey: isAlphaKey(codec, packet.alpha) };
  }

  /** All chunks from the key frame before the first wanted frame on; from a key chunk on that came before, if one is given. */
  from(key: EncodedVideoChunk | null): AsyncIterable<EncodedVideoChunk> {
    const { timeline, truncationAfter } = this.#parts;
    return {
      [Symbol.asyncIterator]: () =>
        new PacketChunks({
          open: async () => {
            const frame = await this.#find();
            if (!timeline.canBegin)
              throw encodingError('the video has no frame at which a decoder can start');
            const timed = key === null ? undefined : this.#timed.get(key);
            return timed === undefined ? timeline.from(frame) : timeline.fromPacket(timed.packet);
          },
          made: (chunk, timed) => {
            this.#timed.set(chunk, timed);
            return this.#range.isLast(timed);
          },
          ended: async (last) => {
            const why = await truncationAfter(last);
            if (why !== null) throw encodingError(`the file is cut off after ${secondsOf(last)} s: ${why}`);
          },
        }),
    };
  }

  /** Whether a chunk's frame is not wanted for another reason than its time. */
  isDecodeOnly(chunk: EncodedVideoChunk): boolean {
    const timed = this.#timed.get(chunk);
    if (timed === undefined) return false;
    const { packet, isShown } = timed;
    const start = this.#start;
    return !isShown || (start !== null && packet.tick === start.tick && packet.order < start.order);
  }

  configOf(chunk: EncodedVideoChunk): VideoDecoderConfig | null {
    const timed = this.#timed.get(chunk);
    return timed === undefined ? null : this.#parts.configAt(timed.packet.order);
  }

  async #find(): Promise<TrackFrame | null> {
    this.#first ??= this.#range.find();
    return (this.#start = await this.#first);
  }
}
