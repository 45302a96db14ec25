/** Iterator of packets in decode order, each with the time and duration of its frame. */
import { isInvisible } from '../bitstream/vpx.ts';
import type { TrackPacket } from './container/track-packets.ts';
import { microsecondsOf } from './container/track-packets.ts';

/** A packet and its frame. */
export interface TimedPacket {
  readonly packet: TrackPacket;
  /** In µs. */
  readonly timestamp: number;
  /**
   * In µs, so that `timestamp + duration` is the timestamp of the next frame. Among frames with equal times, 0 for all but the
   * last.
   */
  readonly duration: number;
  /** Whether the packet gives a frame of its own; alternate references do not. */
  readonly isShown: boolean;
}

/** Facts about the order of a track's frames. */
export interface OrderFacts {
  readonly codec: string;
  readonly ticksPerSecond: number;
  /** Maximum of frames that precede a frame in decode order and follow it in presentation order. */
  readonly reorderDepth: number;
  /** End of the last frame, in ticks. */
  readonly endTick: number;
}

type Result = IteratorResult<TimedPacket, undefined>;

const itself = (tick: number): number => tick;

const END: Result = { done: true, value: undefined };

/** Number of remembered presentation times. More than twice the deepest reordering. */
const REMEMBERED = 64;

/**
 * Computes durations by reading ahead in decode order. The frame after a frame F is known if more frames later than F were read
 * than the stream can reorder, or if the container's duration of F ends exactly at the start of a frame that was read.
 *
 * Packets without data give no frame, and are left out.
 */
export class TimedPackets implements AsyncIterator<TimedPacket, undefined> {
  readonly #packets: AsyncIterator<TrackPacket, undefined>;
  readonly #facts: OrderFacts;
  /** Packets that were read and not yet returned, in decode order. */
  readonly #ahead: { packet: TrackPacket; isShown: boolean }[] = [];
  /** Ticks of the last frames that were read, ascending. */
  readonly #ticks: number[] = [];
  #isAtEnd = false;

  constructor(packets: AsyncIterator<TrackPacket, undefined>, facts: OrderFacts) {
    this.#packets = packets;
    this.#facts = facts;
  }

  next(): Promise<Result> {
    const ready = this.#takeReady();
    return ready === null ? this.#packets.next().then(this.#onRead) : Promise.resolve(ready);
  }

  async return(): Promise<Result> {
    this.#isAtEnd = true;
    this.#ahead.length = 0;
    await this.#packets.return?.();
    return END;
  }

  readonly #onRead = (result: IteratorResult<TrackPacket, undefined>): Result | Promise<Result> => {
    if (result.done === true) this.#isAtEnd = true;
    else this.#push(result.value);
    return this.next();
  };

  #push(packet: TrackPacket): void {
    if (packet.byteLength === 0) return;
    const isShown = !isInvisible(this.#facts.codec, packet.data);
    this.#ahead.push({ packet, isShown });
    if (!isShown) return;
    const ticks = this.#ticks;
    ticks.splice(countUpTo(ticks, packet.tick, itself), 0, packet.tick);
    if (ticks.length > REMEMBERED) ticks.shift();
  }

  #takeReady(): Result | null {
    const head = this.#ahead[0];
    if (head === undefined) return this.#isAtEnd ? END : null;
    const { packet, isShown } = head;
    const end = isShown ? this.#endOf(packet) : packet.tick;
    if (end === null) return null;
    this.#ahead.shift();
    const { ticksPerSecond } = this.#facts;
    const timestamp = microsecondsOf(packet.tick, ticksPerSecond);
    const duration = microsecondsOf(end, ticksPerSecond) - timestamp;
    return { done: false, value: { packet, timestamp, duration, isShown } };
  }

  /** Start of the next frame in ticks; null as long as it is unknown. */
  #endOf({ tick, ticks: claimed }: TrackPacket): number | null {
    const later = countUpTo(this.#ticks, tick, itself);
    const next = this.#ticks[later];
    const isKnown =
      this.#isAtEnd || next === tick + claimed || this.#ticks.length - later > this.#facts.reorderDepth;
    if (!isKnown) return null;
    const isRepeated = this.#ahead.some(
      ({ packet, isShown }, index) => index > 0 && isShown && packet.tick === tick,
    );
    if (isRepeated) return tick;
    const { endTick } = this.#facts;
    if (tick >= endTick) return next ?? tick + claimed;
    return Math.min(next ?? endTick, endTick);
  }
}

/** Counts the entries of an ascending list that are at most as large as a limit. */
export function countUpTo<T>(sorted: readonly T[], limit: number, valueOf: (entry: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueOf(sorted[middle] as T) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
