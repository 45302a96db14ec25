/**
 * Sequence of a stream's packets on the way to the muxer, one after the other. The newest is held until its duration is known.
 */
import { EncodedPacket } from 'mediabunny';
import { toSeconds } from './microseconds.ts';

/** mediabunny's source of packets, of pictures or of sound. */
export interface MuxerSource {
  add(packet: EncodedPacket, metadata?: EncodedVideoChunkMetadata | EncodedAudioChunkMetadata): Promise<void>;
}

/** Listener to the outcome of packets. */
export interface PacketListener {
  /** The muxer, or the target behind it, has refused a packet. No more packets are passed on. */
  onError(error: unknown): void;
  /** A packet was accepted. */
  onAccepted(): void;
}

/** A packet and its encoded chunk. Times in µs. */
export interface Packet {
  readonly chunk: EncodedVideoChunk | EncodedAudioChunk;
  readonly metadata?: EncodedVideoChunkMetadata | EncodedAudioChunkMetadata | undefined;
  /** Called once the packet is in the file. */
  accepted(): void;
}

/**
 * Packets of one stream. The newest one may be held: its duration is known when the next one comes, when a gap is announced, or
 * at the end. It is flushed earlier if a marker waits for it.
 */
export class PacketTrack {
  readonly #source: MuxerSource;
  readonly #listener: PacketListener;
  #held: Packet | null = null;
  /** Earliest end of the held packet, in µs. */
  #heldUntil = -Infinity;
  /** Difference of the two latest times so far, in µs; before there are two, the declared interval. */
  #interval: number;
  #second = -Infinity;
  /** The smallest of those differences so far. */
  #least = 0;
  #tail: Promise<void> = Promise.resolve();
  #isStopped = false;
  /** The latest time of a packet so far, in µs; null before the first. */
  lastTimestamp: number | null = null;
  /** Packets that were passed to the muxer and are not yet accepted. */
  backlog = 0;
  written = 0;
  bytes = 0;

  /** @param interval - From picture to picture, in µs, if known beforehand; else 0. */
  constructor(source: MuxerSource, listener: PacketListener, interval: number) {
    this.#source = source;
    this.#listener = listener;
    this.#interval = interval;
  }

  /** Takes a packet, in decode order; `hold` holds it until its duration is known. */
  put(packet: Packet, hold: boolean): void {
    const { timestamp } = packet.chunk;
    this.#noteTime(timestamp);
    this.flushHeld(timestamp);
    this.#held = packet;
    if (!hold) this.flushHeld();
  }

  /** Extends the last picture's display to at least this time, in µs. */
  extendTo(timestamp: number): void {
    if (this.#held !== null) this.#heldUntil = Math.max(this.#heldUntil, timestamp);
  }

  /** Passes the held packet on to the muxer; `next` is the start of the following one, in µs, if known. */
  flushHeld(next?: number): void {
    const held = this.#held;
    if (held === null) return;
    const { timestamp } = held.chunk;
    const until = this.#heldUntil;
    this.#held = null;
    this.#heldUntil = -Infinity;
    const own = durationOf(held);
    this.#push(held, Math.max(own > 0 ? own : this.#estimateDuration(timestamp, next), until - timestamp));
  }

  /** Duration of a picture that does not specify one. If the next packet is an earlier picture, the duration is not known yet. */
  #estimateDuration(timestamp: number, next: number | undefined): number {
    if (next === undefined) return this.#interval;
    return next > timestamp ? next - timestamp : this.#least;
  }

  #noteTime(timestamp: number): void {
    const latest = this.lastTimestamp ?? -Infinity;
    this.lastTimestamp = Math.max(timestamp, latest);
    // Decode order can differ from presentation order.
    this.#second = timestamp > latest ? latest : Math.max(this.#second, timestamp);
    if (this.#second === -Infinity) return;
    this.#interval = this.lastTimestamp - this.#second;
    if (this.#interval > 0)
      this.#least = this.#least === 0 ? this.#interval : Math.min(this.#least, this.#interval);
  }

  /** Settles when all packets so far were accepted, or refused. */
  get settled(): Promise<void> {
    return this.#tail;
  }

  /** Stops passing packets to the muxer. */
  stop(): void {
    this.#isStopped = true;
    this.#held = null;
  }

  #push(packet: Packet, durationUs: number): void {
    this.backlog++;
    this.#tail = this.#tail.then(() => this.#add(packet, durationUs));
  }

  async #add({ chunk, metadata, accepted }: Packet, durationUs: number): Promise<void> {
    try {
      if (this.#isStopped) return;
      const packet = EncodedPacket.fromEncodedChunk(chunk).clone({ duration: toSeconds(durationUs) });
      await this.#source.add(packet, metadata);
      this.written++;
      this.bytes += packet.byteLength;
    } catch (error) {
      if (this.#isStopped) return;
      this.#isStopped = true;
      this.#listener.onError(error);
      return;
    } finally {
      this.backlog--;
    }
    if (this.#isStopped) return;
    accepted();
    this.#listener.onAccepted();
  }
}

const durationOf = ({ chunk }: Packet): number => chunk.duration ?? 0;
