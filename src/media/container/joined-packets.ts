/** Packets of a track that lists its first samples in tables and the others in fragments. */
import type { PacketRetrievalOptions } from 'mediabunny';
import type { TrackPacket, TrackPackets } from './track-packets.ts';

type Result = IteratorResult<TrackPacket, undefined>;

/** Reads two tracks as one: the packets of the second follow those of the first. */
export class JoinedPackets implements TrackPackets {
  readonly ticksPerSecond: number;
  readonly #first: TrackPackets;
  readonly #second: TrackPackets;
  readonly #ofSecond = new WeakSet<object>();

  constructor(first: TrackPackets, second: TrackPackets) {
    this.ticksPerSecond = first.ticksPerSecond;
    this.#first = first;
    this.#second = second;
  }

  async first(options?: PacketRetrievalOptions): Promise<TrackPacket | null> {
    return (await this.#first.first(options)) ?? this.#noted(await this.#second.first(options));
  }

  async at(tick: number, options?: PacketRetrievalOptions): Promise<TrackPacket | null> {
    return this.#noted(await this.#second.at(tick, options)) ?? this.#first.at(tick, options);
  }

  async keyAt(tick: number): Promise<TrackPacket | null> {
    return this.#noted(await this.#second.keyAt(tick)) ?? this.#first.keyAt(tick);
  }

  async next(packet: TrackPacket, options?: PacketRetrievalOptions): Promise<TrackPacket | null> {
    if (this.#isOfSecond(packet)) return this.#noted(await this.#second.next(packet, options));
    return (await this.#first.next(packet, options)) ?? this.#noted(await this.#second.first(options));
  }

  async nextKey(packet: TrackPacket): Promise<TrackPacket | null> {
    if (this.#isOfSecond(packet)) return this.#noted(await this.#second.nextKey(packet));
    const key = await this.#first.nextKey(packet);
    if (key !== null) return key;
    const start = await this.#second.first();
    if (start === null || start.isKey) return this.#noted(start);
    return this.#noted(await this.#second.nextKey(start));
  }

  isKey(packet: TrackPacket): Promise<boolean> {
    return this.#first.isKey(packet);
  }

  from(start: TrackPacket | null): AsyncIterator<TrackPacket, undefined> {
    let isSecond = start !== null && this.#isOfSecond(start);
    let packets = isSecond ? this.#second.from(start) : this.#first.from(start);
    const onRead = (result: Result): Result | Promise<Result> => {
      if (isSecond && result.done !== true) this.#noted(result.value);
      if (isSecond || result.done !== true) return result;
      isSecond = true;
      packets = this.#second.from(null);
      return packets.next().then(onRead);
    };
    return {
      next: () => packets.next().then(onRead),
      return: async () => (await packets.return?.()) ?? { done: true, value: undefined },
    };
  }

  #noted<T extends TrackPacket | null>(packet: T): T {
    if (packet !== null) this.#ofSecond.add(packet.source);
    return packet;
  }

  #isOfSecond({ source }: TrackPacket): boolean {
    return this.#ofSecond.has(source);
  }
}
