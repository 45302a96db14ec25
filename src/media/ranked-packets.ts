/** Presentation times for a track that has decode times only. */
import { PictureOrder } from '../bitstream/picture-order.ts';
import { countUpTo } from './timed-packets.ts';
import type { TrackPacket, TrackPackets } from './container/track-packets.ts';

/** Packets that are checked before a track is assumed to have presentation times. No codec reorders by more than 16 frames. */
const EVIDENCE = 40;

/**
 * Whether packet times increase in decode order although the bitstream reorders its frames, as in a file whose composition
 * offsets were lost. The first reordered frame decides.
 */
export async function hasDecodeTimesOnly(
  packets: TrackPackets,
  config: VideoDecoderConfig,
  start: TrackPacket | null,
): Promise<boolean> {
  const order = new PictureOrder(config);
  let latest = -Infinity;
  let last: TrackPacket | null = null;
  for (let n = 0, packet = start; packet !== null && n < EVIDENCE; n++, packet = await packets.next(packet)) {
    const picture = order.order(packet.data);
    if (picture === null) continue;
    if (last !== null && packet.tick <= last.tick) return false;
    if (picture.startsSequence) latest = -Infinity;
    if (picture.order < latest) return true;
    latest = picture.order;
    last = packet;
  }
  return false;
}

/** A coded video sequence: from a packet that resets the picture order to the next such packet. */
interface Sequence {
  /** Positions in decode order: of its first packet, and of the first one after it. */
  readonly start: number;
  readonly end: number;
  /** Presentation ticks by position in decode order. */
  readonly ticks: ReadonlyMap<number, number>;
  /** In presentation order. */
  readonly frames: readonly { readonly order: number; readonly tick: number }[];
}

/**
 * Ranks the frames of each sequence by the picture order in the bitstream: the frame of rank n is shown at the n-th packet time
 * of the sequence. Packets without a picture have no rank. A sequence is read once, as a whole.
 */
export class PresentationRanks {
  readonly #packets: TrackPackets;
  readonly #config: VideoDecoderConfig;
  #last: Sequence | null = null;

  constructor(packets: TrackPackets, config: VideoDecoderConfig) {
    this.#packets = packets;
    this.#config = config;
  }

  /** The frame that is shown at a tick: its position in decode order, and its start. Null before the first. */
  async shownAt(tick: number): Promise<{ order: number; tick: number } | null> {
    const packet = await this.#packets.at(tick);
    if (packet === null) return null;
    const { frames } = await this.#sequenceOf(packet);
    return frames[countUpTo(frames, tick, (frame) => frame.tick) - 1] ?? null;
  }

  /** The same packets with presentation times. */
  async *retimed(packets: AsyncIterator<TrackPacket, undefined>): AsyncGenerator<TrackPacket, undefined> {
    try {
      while (true) {
        const { value: packet } = await packets.next();
        if (packet === undefined) return undefined;
        const { ticks } = await this.#sequenceOf(packet);
        const tick = ticks.get(packet.order);
        if (tick !== undefined) yield { ...packet, tick, ticks: 0 };
      }
    } finally {
      await packets.return?.();
    }
  }

  async #sequenceOf(packet: TrackPacket): Promise<Sequence> {
    const last = this.#last;
    if (last !== null && last.start <= packet.order && packet.order < last.end) return last;
    return (this.#last = await this.#read(await this.#startOf(packet)));
  }

  async #startOf(packet: TrackPacket): Promise<TrackPacket> {
    let key = await this.#packets.keyAt(packet.tick);
    while (key !== null && new PictureOrder(this.#config).order(key.data)?.startsSequence !== true) {
      key = await this.#packets.keyAt(key.tick - 1);
    }
    return key ?? (await this.#packets.first()) ?? packet;
  }

  async #read(start: TrackPacket): Promise<Sequence> {
    const order = new PictureOrder(this.#config);
    const pictures: { order: number; rank: number; tick: number }[] = [];
    const packets = this.#packets.from(start);
    let end = Infinity;
    try {
      for (let next = await packets.next(); next.done !== true; next = await packets.next()) {
        const { value: packet } = next;
        const picture = order.order(packet.data);
        if (picture === null) continue;
        if (picture.startsSequence && packet.order !== start.order) {
          end = packet.order;
          break;
        }
        pictures.push({ order: packet.order, rank: picture.order, tick: packet.tick });
      }
    } finally {
      await packets.return?.();
    }
    const times = pictures.map(({ tick }) => tick);
    const frames = pictures
      .sort((one, other) => one.rank - other.rank)
      .map((picture, rank) => ({ order: picture.order, tick: times[rank] ?? picture.tick }));
    return {
      start: start.order,
      end,
      frames,
      ticks: new Map(frames.map((frame) => [frame.order, frame.tick])),
    };
  }
}
