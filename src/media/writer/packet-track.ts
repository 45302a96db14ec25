/** Packets on their way into the file: one after the other, the newest kept back until its duration is known. */
import { EncodedPacket } from 'mediabunny';
import { toSeconds } from './microseconds.ts';

/** mediabunny's source of packets, of pictures or of sound. */
export interface PacketSource {
  add(packet: EncodedPacket, metadata?: EncodedVideoChunkMetadata | EncodedAudioChunkMetadata): Promise<void>;
}

/** Who hears how packets fare. */
export interface PacketListener {
  /** The muxer, or the target behind it, has refused one; nothing more goes in. */
  onError(error: unknown): void;
  /** One was accepted. */
  onAccepted(): void;
}

/** A packet, with what was encoded for it. Times in µs. */
export interface Packet {
  readonly chunk: EncodedVideoChunk | EncodedAudioChunk;
  readonly metadata?: EncodedVideoChunkMetadata | EncodedAudioChunkMetadata | undefined;
  /** Called once it is in the file. */
  accepted(): void;
}

/**
 * A stream's packets. The newest one may be held: how long it is shown is known when the next one comes, when a gap is told
 * of, or at the end. It is let go earlier where a marker waits for it.
 */
export class PacketTrack {
  readonly #source: PacketSource;
  readonly #listener: PacketListener;
  #held: Packet | null = null;
  /** When the held packet must end at least, in µs. */
  #heldUntil = -Infinity;
  /** Between the two latest times so far, in µs; before there are two, what was said of the stream. */
  #interval: number;
  #second = -Infinity;
  /** The least of those so far. */
  #least = 0;
  #tail: Promise<void> = Promise.resolve();
  #failed = false;
  /** The latest time of a packet so far, in µs; null before the first. */
  lastTimestamp: number | null = null;
  /** Packets that went to the muxer and were not accepted so far. */
  backlog = 0;
  written = 0;
  bytes = 0;

  /** @param interval - From picture to picture, in µs, where that is known beforehand; else 0. */
  constructor(source: PacketSource, listener: PacketListener, interval: number) {
    this.#source = source;
    this.#listener = listener;
    this.#interval = interval;
  }

  /** Takes a packet, in decoding order; `hold` keeps it back until more is known. */
  put(packet: Packet, hold: boolean): void {
    const { timestamp } = packet.chunk;
    this.#learn(timestamp);
    this.letGo(timestamp);
    this.#held = packet;
    if (!hold) this.letGo();
  }

  /** The last picture is shown until this time at least, in µs. */
  extendTo(timestamp: number): void {
    if (this.#held !== null) this.#heldUntil = Math.max(this.#heldUntil, timestamp);
  }

  /** Lets the packet go that is kept back; `next` is when the one after it begins, in µs, where that is known. */
  letGo(next?: number): void {
    const held = this.#held;
    if (held === null) return;
    const { timestamp } = held.chunk;
    const until = this.#heldUntil;
    this.#held = null;
    this.#heldUntil = -Infinity;
    const own = durationOf(held);
    this.#push(held, Math.max(own > 0 ? own : this.#guess(timestamp, next), until - timestamp));
  }

  /** How long a picture is shown of which nobody said so. Behind one that is stored before earlier ones, nobody knows yet. */
  #guess(timestamp: number, next: number | undefined): number {
    if (next === undefined) return this.#interval;
    return next > timestamp ? next - timestamp : this.#least;
  }

  #learn(timestamp: number): void {
    const latest = this.lastTimestamp ?? -Infinity;
    this.lastTimestamp = Math.max(timestamp, latest);
    // Pictures may be stored in another order than they are shown in.
    this.#second = timestamp > latest ? latest : Math.max(this.#second, timestamp);
    if (this.#second === -Infinity) return;
    this.#interval = this.lastTimestamp - this.#second;
    if (this.#interval > 0)
      this.#least = this.#least === 0 ? this.#interval : Math.min(this.#least, this.#interval);
  }

  /** Settles when all that was put so far was accepted, or refused. */
  get settled(): Promise<void> {
    return this.#tail;
  }

  /** Nothing more goes to the muxer. */
  stop(): void {
    this.#failed = true;
    this.#held = null;
  }

  #push(packet: Packet, durationUs: number): void {
    this.backlog++;
    this.#tail = this.#tail.then(() => this.#add(packet, durationUs));
  }

  async #add({ chunk, metadata, accepted }: Packet, durationUs: number): Promise<void> {
    try {
      if (this.#failed) return;
      const packet = EncodedPacket.fromEncodedChunk(chunk).clone({ duration: toSeconds(durationUs) });
      await this.#source.add(packet, metadata);
      this.written++;
      this.bytes += packet.byteLength;
    } catch (error) {
      if (this.#failed) return;
      this.#failed = true;
      this.#listener.onError(error);
      return;
    } finally {
      this.backlog--;
    }
    if (this.#failed) return;
    accepted();
    this.#listener.onAccepted();
  }
}

const durationOf = ({ chunk }: Packet): number => chunk.duration ?? 0;
