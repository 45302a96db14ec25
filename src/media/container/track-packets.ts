/** Packets of a video track, found by time or in decode order, with times in ticks. */
import type { EncodedPacket, InputVideoTrack, PacketRetrievalOptions } from 'mediabunny';
import { EncodedPacketSink } from 'mediabunny';
import { mapError } from '../file-errors.ts';

/** One packet of a track. */
export interface TrackPacket {
  /** Presentation time in ticks. */
  readonly tick: number;
  /** Duration in ticks by the container; 0 if the container does not specify it. */
  readonly ticks: number;
  /** Position in decode order: a number that increases from packet to packet, but not an index. */
  readonly order: number;
  /** Whether the container marks the packet as a key frame. */
  readonly isKey: boolean;
  /** Empty if only metadata was requested. */
  readonly data: Uint8Array;
  /** Length in bytes, also known for metadata. */
  readonly byteLength: number;
  /** Data of the alpha channel; null if the packet has none. */
  readonly alpha: Uint8Array | null;
  /** mediabunny's packet. */
  readonly source: EncodedPacket;
}

/** Time of a packet in seconds, for error texts. */
export const secondsOf = (packet: TrackPacket | null): string => (packet?.source.timestamp ?? 0).toFixed(3);

/** Packets of a track. The methods reject with errors about the file: `EncodingError`. */
export interface TrackPackets {
  readonly ticksPerSecond: number;
  /** The first packet in decode order. */
  first(options?: PacketRetrievalOptions): Promise<TrackPacket | null>;
  /** The last packet in presentation order that begins at or before a tick; of equal times the last in decode order. */
  at(tick: number, options?: PacketRetrievalOptions): Promise<TrackPacket | null>;
  /** As `at()`, among the packets that the container marks as key frames. */
  keyAt(tick: number): Promise<TrackPacket | null>;
  /** The next packet in decode order. */
  next(packet: TrackPacket, options?: PacketRetrievalOptions): Promise<TrackPacket | null>;
  /** The next packet in decode order that the container marks as a key frame. */
  nextKey(packet: TrackPacket): Promise<TrackPacket | null>;
  /** Whether the bitstream confirms a key frame. Recovery points of H.264 count in browsers that start at them. */
  isKey(packet: TrackPacket): Promise<boolean>;
  /** All packets from this one on, in decode order. Rejects with mediabunny's own errors. */
  from(start: TrackPacket | null): AsyncIterator<TrackPacket, undefined>;
}

/**
 * Packets read through mediabunny's sink. Every time of mediabunny is a whole number of ticks divided by the ticks per second, so
 * rounding restores it. A search uses the middle of a tick, from which no rounding reaches another tick.
 */
export class SinkPackets implements TrackPackets {
  readonly ticksPerSecond: number;
  readonly #track: InputVideoTrack;
  readonly #sink: EncodedPacketSink;

  private constructor(track: InputVideoTrack, ticksPerSecond: number) {
    this.#track = track;
    this.#sink = new EncodedPacketSink(track);
    this.ticksPerSecond = ticksPerSecond;
  }

  /** @throws `EncodingError` if the file is damaged. */
  static async of(track: InputVideoTrack): Promise<SinkPackets> {
    return new SinkPackets(track, await track.getTimeResolution());
  }

  first(options?: PacketRetrievalOptions): Promise<TrackPacket | null> {
    return this.#wrapped(this.#sink.getFirstPacket(options));
  }

  at(tick: number, options?: PacketRetrievalOptions): Promise<TrackPacket | null> {
    return this.#wrapped(this.#sink.getPacket(this.#middleOf(tick), options));
  }

  keyAt(tick: number): Promise<TrackPacket | null> {
    return this.#wrapped(this.#sink.getKeyPacket(this.#middleOf(tick)));
  }

  next({ source }: TrackPacket, options?: PacketRetrievalOptions): Promise<TrackPacket | null> {
    return this.#wrapped(this.#sink.getNextPacket(source, options));
  }

  nextKey({ source }: TrackPacket): Promise<TrackPacket | null> {
    return this.#wrapped(this.#sink.getNextKeyPacket(source));
  }

  async isKey({ source }: TrackPacket): Promise<boolean> {
    return (await this.#track.determinePacketType(source)) !== 'delta';
  }

  from(start: TrackPacket | null): AsyncIterator<TrackPacket, undefined> {
    const packets = this.#sink.packets(start?.source);
    const onRead = (result: IteratorResult<EncodedPacket, void>): IteratorResult<TrackPacket, undefined> =>
      result.done === true
        ? { done: true, value: undefined }
        : { done: false, value: this.#packetOf(result.value) };
    return {
      next: () => packets.next().then(onRead),
      return: async () => onRead(await packets.return(undefined)),
    };
  }

  #middleOf(tick: number): number {
    return (tick + 0.5) / this.ticksPerSecond;
  }

  async #wrapped(sought: Promise<EncodedPacket | null>): Promise<TrackPacket | null> {
    try {
      const packet = await sought;
      return packet === null ? null : this.#packetOf(packet);
    } catch (error) {
      throw mapError(error, 'the file is damaged');
    }
  }

  #packetOf(source: EncodedPacket): TrackPacket {
    const { data, type, timestamp, duration, sequenceNumber, byteLength, sideData } = source;
    return {
      tick: Math.round(timestamp * this.ticksPerSecond),
      ticks: Math.round(duration * this.ticksPerSecond),
      order: sequenceNumber,
      isKey: type === 'key',
      data,
      byteLength,
      alpha: sideData.alpha ?? null,
      source,
    };
  }
}

/**
 * Converts a time in ticks to whole µs, truncated toward zero as `EncodedVideoChunk` does. Exact for every whole number of ticks
 * per second, because whole seconds are split off before the multiplication.
 */
export function microsecondsOf(ticks: number, ticksPerSecond: number): number {
  if (ticks < 0) return -microsecondsOf(-ticks, ticksPerSecond) || 0;
  // Matroska tracks may have a fractional number of ticks per second.
  if (!Number.isInteger(ticksPerSecond))
    return Math.trunc((ticks / ticksPerSecond) * 1e6 * (1 + Number.EPSILON));
  const seconds = Math.floor(ticks / ticksPerSecond);
  return seconds * 1e6 + Math.floor(((ticks - seconds * ticksPerSecond) * 1e6) / ticksPerSecond);
}

/** The last tick that begins at or before a time in µs: the last one that `microsecondsOf()` does not convert to a later time. */
export function lastTickAt(microseconds: number, ticksPerSecond: number): number {
  if (!Number.isFinite(microseconds)) return microseconds;
  // Too late by two ticks at most, because a quotient may be rounded up.
  let tick = Math.ceil(((Math.floor(microseconds) + 1) / 1e6) * ticksPerSecond) + 1;
  while (microsecondsOf(tick, ticksPerSecond) > microseconds) tick--;
  return tick;
}
