/** Timeline of a track: finds the frame that is shown at a time, and the packet from which its decoding begins. */
import { familyOf } from '../bitstream/codec.ts';
import { canStartAt } from '../bitstream/random-access.ts';
import { isInvisible } from '../bitstream/vpx.ts';
import { isAlphaKey } from './alpha-pairs.ts';
import type { TrackPacket, TrackPackets } from './container/track-packets.ts';
import { lastTickAt, microsecondsOf } from './container/track-packets.ts';
import type { PresentationRanks } from './ranked-packets.ts';
import { TimedPackets } from './timed-packets.ts';

/** A frame of the track. */
export interface TrackFrame {
  /** Its start, in ticks. */
  readonly tick: number;
  /** Its packet's position in decode order. Of frames with equal times the last counts. */
  readonly order: number;
}

/** Parts of a timeline. */
export interface TimelineParts {
  readonly packets: TrackPackets;
  readonly configAt: (order: number) => VideoDecoderConfig;
  /** The first packet at which a decoder can start. Null if the track has none. */
  readonly beginning: TrackPacket | null;
  /** Frames before this tick cannot be decoded. -Infinity if the track begins with its first packet. */
  readonly earliestTick: number;
  /** Frames that begin after this tick are not shown. Infinity if the track ends with its last frame. */
  readonly latestTick: number;
  readonly reorderDepth: number;
  /** End of the last frame, in ticks. */
  readonly endTick: number;
  /** Whether frames need their alpha packets. */
  readonly hasAlphaPackets: boolean;
  /** Set if the packets have decode times only. */
  readonly ranks: PresentationRanks | null;
}

/** The frames of a track by time. */
export class Timeline {
  readonly #parts: TimelineParts;

  constructor(parts: TimelineParts) {
    this.#parts = parts;
  }

  /** Whether a decoder can start anywhere in the track. */
  get canBegin(): boolean {
    return this.#parts.beginning !== null;
  }

  /** Frames before this time in µs cannot be decoded. */
  get earliest(): number {
    const { earliestTick } = this.#parts;
    return earliestTick === -Infinity ? earliestTick : this.microsecondsOf(earliestTick);
  }

  /** Frames from this time in µs on are not shown. */
  get end(): number {
    const { latestTick } = this.#parts;
    return latestTick === Infinity ? latestTick : this.microsecondsOf(latestTick + 1);
  }

  microsecondsOf(tick: number): number {
    return microsecondsOf(tick, this.#parts.packets.ticksPerSecond);
  }

  /** The last frame that begins at or before a time in µs, or null if that is before the first frame. */
  async shownAt(timestamp: number): Promise<TrackFrame | null> {
    if (timestamp === -Infinity) return null;
    const { packets, latestTick } = this.#parts;
    return this.#lastFrame(Math.min(lastTickAt(timestamp, packets.ticksPerSecond), latestTick));
  }

  /** The last frame that begins before another one. */
  shownBefore({ tick }: TrackFrame): Promise<TrackFrame | null> {
    return this.#lastFrame(tick - 1);
  }

  /** The packets that are needed for a frame and all later ones; with null, those of the whole track. */
  async from(frame: TrackFrame | null): Promise<TimedPackets> {
    return this.#fromPacket(await this.#startFor(frame));
  }

  /** The packet and all later ones, if a decoder can start there; else from the last packet before at which one can. */
  async fromPacket(packet: TrackPacket): Promise<TimedPackets> {
    const { beginning } = this.#parts;
    const isStart = packet.order === beginning?.order || (await this.#canStartAt(packet, packet.order + 1));
    return isStart ? this.#fromPacket(packet) : this.from(packet);
  }

  #fromPacket(start: TrackPacket | null): TimedPackets {
    const { packets, ranks, reorderDepth, endTick, configAt } = this.#parts;
    const inDecodeOrder = packets.from(start);
    const { codec } = configAt(start?.order ?? -Infinity);
    const facts = { codec, reorderDepth, endTick, ticksPerSecond: packets.ticksPerSecond };
    return new TimedPackets(ranks === null ? inDecodeOrder : ranks.retimed(inDecodeOrder), facts);
  }

  async #lastFrame(latest: number): Promise<TrackFrame | null> {
    let frame = await this.#candidateAt(latest);
    while (frame !== null && !frame.isShown) {
      const earlier: Candidate | null = await this.#candidateAt(frame.tick - 1);
      // In a damaged file a search for an earlier time may not find an earlier packet.
      frame = earlier !== null && earlier.tick < frame.tick ? earlier : null;
    }
    return frame === null || frame.tick < this.#parts.earliestTick ? null : frame;
  }

  async #candidateAt(latest: number): Promise<Candidate | null> {
    const { packets, ranks, configAt } = this.#parts;
    if (ranks !== null) {
      const frame = await ranks.shownAt(latest);
      return frame === null ? null : { ...frame, isShown: true };
    }
    const packet = await packets.at(latest);
    if (packet === null) return null;
    const isShown = packet.byteLength > 0 && !isInvisible(configAt(packet.order).codec, packet.data);
    return { tick: packet.tick, order: packet.order, isShown };
  }

  /**
   * The last key frame before a frame at which a decoder can really start. Containers also mark key frames at which no decoder
   * can start: frames of open groups of pictures, empty ones, and ones without their parameter sets. Alpha may begin at an
   * earlier one.
   */
  async #startFor(frame: TrackFrame | null): Promise<TrackPacket | null> {
    const { packets, beginning } = this.#parts;
    if (frame === null) return beginning;
    let end = frame.order + 1;
    for (let key = await packets.keyAt(frame.tick); key !== null; key = await packets.keyAt(key.tick - 1)) {
      if (beginning !== null && key.order <= beginning.order) break;
      if (key.order > frame.order) continue;
      if (await this.#canStartAt(key, end)) return key;
      end = key.order;
    }
    return beginning;
  }

  /** Whether a decoder can start at a packet. `end` is the order of a packet before which the packets with alpha are looked at. */
  async #canStartAt(key: TrackPacket, end: number): Promise<boolean> {
    const { packets, configAt, hasAlphaPackets } = this.#parts;
    const config = configAt(key.order);
    if (!(await canBeginAt(packets, key, config))) return false;
    return !hasAlphaPackets || this.#canStartAlphaAt(config.codec, key, end);
  }

  /** Whether an alpha packet from here to `end` in decode order is a key frame, or none of these packets has alpha. */
  async #canStartAlphaAt(codec: string, start: TrackPacket, end: number): Promise<boolean> {
    let isOpaque = true;
    let packet: TrackPacket | null = start;
    while (packet !== null && packet.order < end) {
      const { alpha } = packet;
      if (alpha !== null && isAlphaKey(codec, alpha)) return true;
      isOpaque &&= alpha === null;
      packet = await this.#parts.packets.next(packet);
    }
    return isOpaque;
  }
}

/** Whether a decoder can start at a packet, according to the bitstream and to this browser. */
export async function canBeginAt(
  packets: TrackPackets,
  packet: TrackPacket,
  config: VideoDecoderConfig,
): Promise<boolean> {
  if (familyOf(config.codec) === null) return packet.isKey;
  return canStartAt(config, packet.data, { allowsRecoveryPoints: true }) && packets.isKey(packet);
}

interface Candidate extends TrackFrame {
  readonly isShown: boolean;
}
