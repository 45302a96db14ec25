/** A file that is read and decoded in this thread: which packets, from where, and what of them is a frame. */
import type { EncodedPacket, InputVideoTrack } from 'mediabunny';
import { EncodedPacketSink } from 'mediabunny';
import type { ChunkPump } from '../decode/chunk-pump.ts';
import { pumpOf } from '../decode/decode-frames.ts';
import { FrameIterator } from '../decode/frame-iterator.ts';
import type { FrameConsumer } from '../decode/frame-producer.ts';
import { encodingError } from '../errors.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { orAborted } from '../when-aborted.ts';
import type { FileExtent } from './cut-off.ts';
import { cutOff } from './cut-off.ts';
import { explained } from './explain.ts';
import { isHidden } from './hidden.ts';
import type { PacketSource } from './packet-chunks.ts';
import { PacketChunks, secondsOf } from './packet-chunks.ts';
import { PacketIterator } from './packet-iterator.ts';
import { PacketRange } from './packet-range.ts';
import type { FrameAtOptions, FramesOptions } from './reader.ts';
import { endOfMicrosecond, toMicroseconds } from './time.ts';
import type { PacketsRange, VideoFacts, VideoFile } from './video-file.ts';

/** What an open file is made of. */
export interface LocalVideoParts {
  /** Closes the file. */
  readonly close: () => void;
  readonly extent: FileExtent;
  readonly track: InputVideoTrack;
  readonly config: VideoDecoderConfig;
  readonly decoder: typeof VideoDecoder | undefined;
  readonly facts: VideoFacts;
}

/** Makes the pump of an iteration for whoever takes its frames. */
export type PumpMaker = (consumer: FrameConsumer) => ChunkPump;

/** An open file. */
export class LocalVideo implements VideoFile {
  readonly facts: VideoFacts;
  readonly #close: () => void;
  readonly #extent: FileExtent;
  readonly #packets: EncodedPacketSink;
  readonly #config: VideoDecoderConfig;
  readonly #decoder: typeof VideoDecoder | undefined;
  // What one decoder of this file was found to keep back, the next one keeps too.
  #lag = 0;

  constructor({ close, extent, track, config, decoder, facts }: LocalVideoParts) {
    this.facts = facts;
    this.#close = close;
    this.#extent = extent;
    this.#packets = new EncodedPacketSink(track);
    this.#config = config;
    this.#decoder = decoder;
  }

  frames(options: FramesOptions): FrameIterator {
    return new FrameIterator(this.pump(options), options.signal);
  }

  /** As `frames()`, for who takes the frames as they come out. */
  pump(options: FramesOptions): PumpMaker {
    const { from = -Infinity, to = Infinity } = options;
    if (from === -Infinity) return this.#decode(options, from, to, (start) => this.#chunksFrom(start));
    const shown = async (): Promise<number> => {
      const packet = await this.#shownAt(from);
      return packet === null ? -Infinity : toMicroseconds(packet.timestamp);
    };
    return this.#decode(options, shown, to, (start) => this.#chunksFrom(start), from);
  }

  async frameAt(timestamp: number, options: FrameAtOptions): Promise<FrameHandle> {
    // A packet that should give a frame and gives none is damaged or was dropped; what is shown then is the one before.
    const { signal } = options;
    for (
      let packet = await orAborted(this.#shownAt(timestamp), signal);
      packet !== null;
      packet = await orAborted(this.#shownBefore(packet), signal)
    ) {
      const handle = await this.#frameOf(options, packet);
      if (handle !== null) return handle;
    }
    const first = this.frames(options);
    try {
      const { value } = await first.next();
      if (value !== undefined) return value;
    } finally {
      await first.return();
    }
    throw encodingError('the file has a video track, and no frame in it');
  }

  packets({ from, to, signal }: PacketsRange): PacketIterator {
    return new PacketIterator((consumer) => new PacketRange(this.#chunksFrom(from), to, consumer), signal);
  }

  close(): void {
    this.#close();
  }

  /** The frame of a packet, or null where the decoder gives none. */
  async #frameOf(options: FrameAtOptions, packet: EncodedPacket): Promise<FrameHandle | null> {
    const time = toMicroseconds(packet.timestamp);
    const pump = this.#decode(options, time, time + 1, (start) => this.#chunksThrough(start, packet));
    const frames = new FrameIterator(pump, options.signal);
    try {
      const { value } = await frames.next();
      return value ?? null;
    } finally {
      await frames.return();
    }
  }

  #decode(
    { pool, holder, starvationMs }: FrameAtOptions,
    from: number | (() => Promise<number>),
    to: number,
    chunks: (start: number) => AsyncIterable<EncodedVideoChunk>,
    start = typeof from === 'number' ? from : -Infinity,
  ): PumpMaker {
    return pumpOf(pool, chunks(start), this.#config, {
      decoder: this.#decoder,
      starvationMs,
      holder,
      from,
      to,
      lag: this.#lag,
      onLag: (lag) => (this.#lag = lag),
      restart: chunks,
    });
  }

  /** All chunks from the key frame before a time on. */
  #chunksFrom(start: number): AsyncIterable<EncodedVideoChunk> {
    return chunks({
      open: async () => {
        const key = await this.#keyPacketFor(start);
        return this.#packets.packets(key ?? undefined);
      },
      ended: async (last) => {
        const why = await found(cutOff(this.#packets, last, this.#extent));
        if (why !== null) throw encodingError(`the file is cut off after ${secondsOf(last)} s: ${why}`);
      },
    });
  }

  /** The chunks from the key frame before a time through a packet, which is all that its frame needs to be decoded. */
  #chunksThrough(start: number, last: EncodedPacket): AsyncIterable<EncodedVideoChunk> {
    return chunks({
      open: async () => {
        const key = await this.#keyPacketFor(start);
        const end = await found(this.#packets.getNextPacket(last));
        return this.#packets.packets(key ?? undefined, end ?? undefined);
      },
      ended: () => Promise.resolve(),
    });
  }

  /**
   * The packet to start at. Verified, for containers also mark pictures as key frames that a decoder cannot start at
   * (open groups of pictures).
   */
  #keyPacketFor(start: number): Promise<EncodedPacket | null> {
    if (start === -Infinity) return Promise.resolve(null);
    return found(this.#packets.getKeyPacket(endOfMicrosecond(start), { verifyKeyPackets: true }));
  }

  /** The last packet at or before a time that gives a frame, or null before the first. */
  async #shownAt(timestamp: number, before = Infinity): Promise<EncodedPacket | null> {
    const packet = await found(this.#packets.getPacket(endOfMicrosecond(timestamp)));
    // In a damaged file what is found for an earlier time need not be earlier: none is looked at twice.
    if (packet === null || !(packet.timestamp < before)) return null;
    return isHidden(this.facts.codec, packet.data) ? this.#shownBefore(packet) : packet;
  }

  #shownBefore({ timestamp }: EncodedPacket): Promise<EncodedPacket | null> {
    return this.#shownAt(toMicroseconds(timestamp) - 1, timestamp);
  }
}

const chunks = (source: PacketSource): AsyncIterable<EncodedVideoChunk> => ({
  [Symbol.asyncIterator]: () => new PacketChunks(source),
});

/** What was looked for in the file. */
async function found<T>(sought: Promise<T>): Promise<T> {
  try {
    return await sought;
  } catch (error) {
    throw explained(error, 'the file is damaged');
  }
}
