/** Input of a stream of chunks that were encoded elsewhere. */
import type { Deferred } from '../../base/deferred.ts';
import { dataError, shown } from '../../base/errors.ts';
import { audioCodecOf, videoCodecOf } from './codec-strings.ts';
import type { PacketTrack } from './packet-track.ts';
import { handledDeferred } from './callbacks.ts';

/** Maximum of chunks in flight to the muxer before a write waits. */
const BOUND = 16;

/**
 * Chunk input of one stream. It checks for everything that would make the muxer fail, because one wrong chunk must not end the
 * file.
 */
export class ChunkInput {
  readonly #track: PacketTrack;
  readonly #kind: 'video' | 'audio';
  readonly #codec: string;
  readonly #throttle: boolean;
  readonly #open = new Set<number>();
  #writers: Deferred[] = [];
  #heldNumber = -1;
  #marked = -1;
  #hasFirst = false;
  #highest = -Infinity;
  #highestBeforeKey = -Infinity;
  readonly encoderDelay = 0;
  readonly dropped = 0;
  readonly waitingCount = 0;
  submitted = 0;

  constructor(track: PacketTrack, kind: 'video' | 'audio', codec: string, throttle: boolean) {
    this.#track = track;
    this.#kind = kind;
    this.#codec = codec;
    this.#throttle = throttle;
  }

  get size(): number {
    return this.#track.backlog;
  }

  get encoded(): number {
    return this.submitted;
  }

  /**
   * Checks a chunk before it is written.
   *
   * @throws `TypeError` for a value that is not a chunk of this stream's kind and codec, or for a first chunk without the
   * decoder's configuration; `DataError` for a chunk that is not allowed at this position.
   */
  check(
    chunk: EncodedVideoChunk | EncodedAudioChunk,
    metadata: EncodedVideoChunkMetadata | EncodedAudioChunkMetadata | undefined,
  ): void {
    const wanted = this.#kind === 'video' ? 'EncodedVideoChunk' : 'EncodedAudioChunk';
    if (Object.prototype.toString.call(chunk) !== `[object ${wanted}]`) {
      throw new TypeError(`chunk must be an ${wanted}, got ${shown(chunk)}`);
    }
    if (metadata?.decoderConfig !== undefined) this.#checkConfig(metadata.decoderConfig);
    if (!this.#hasFirst) {
      if (chunk.type !== 'key') throw dataError('writeChunk(): the first chunk must be a key frame');
      if (metadata?.decoderConfig === undefined) {
        throw new TypeError('writeChunk(): the first chunk must have metadata.decoderConfig');
      }
    }
    const least = chunk.type === 'key' ? this.#highest : this.#highestBeforeKey;
    if (chunk.timestamp < least) {
      throw dataError(
        `writeChunk(): chunk.timestamp must be at least ${least} µs, the end of the previous group of pictures, got ${chunk.timestamp}`,
      );
    }
  }

  #checkConfig(config: VideoDecoderConfig | AudioDecoderConfig): void {
    const codec = this.#kind === 'video' ? videoCodecOf(config.codec) : audioCodecOf(config.codec);
    if (codec !== this.#codec) {
      throw new TypeError(
        `metadata.decoderConfig.codec must be of ${this.#codec}, as the stream is, got ${shown(config.codec)}`,
      );
    }
    const needed =
      this.#kind === 'video' ? ['codedWidth', 'codedHeight'] : ['sampleRate', 'numberOfChannels'];
    const values: Record<string, unknown> = { ...config };
    for (const name of needed) {
      const value = values[name];
      if (Number.isInteger(value) && Number(value) > 0) continue;
      throw new TypeError(
        `metadata.decoderConfig.${name} must be a whole number above 0, got ${shown(value)}`,
      );
    }
  }

  /** Takes a checked chunk. Settles when there is room for the next. */
  write(
    number: number,
    chunk: EncodedVideoChunk | EncodedAudioChunk,
    metadata: EncodedVideoChunkMetadata | EncodedAudioChunkMetadata | undefined,
  ): Promise<void> {
    this.#hasFirst = true;
    if (chunk.type === 'key') this.#highestBeforeKey = this.#highest;
    this.#highest = Math.max(this.#highest, chunk.timestamp);
    this.submitted++;
    this.#open.add(number);
    const holds = this.#kind === 'video' && number > this.#marked;
    this.#track.put({ chunk, metadata, accepted: () => this.#open.delete(number) }, holds);
    this.#heldNumber = holds ? number : -1;
    const written = handledDeferred<void>();
    this.#writers.push(written);
    this.onAccepted();
    return written.promise;
  }

  isDone(number: number): boolean {
    this.#marked = Math.max(this.#marked, number);
    if (this.#heldNumber >= 0 && this.#heldNumber <= this.#marked) this.flushHeld();
    const [oldest = Infinity] = this.#open;
    return oldest > number;
  }

  flushHeld(): void {
    this.#heldNumber = -1;
    this.#track.flushHeld();
  }

  onAccepted(): void {
    if (this.#throttle && this.#track.backlog >= BOUND) return;
    for (const { resolve } of this.#writers.splice(0)) resolve();
  }

  async finish(): Promise<void> {
    this.flushHeld();
    await this.#track.settled;
  }

  /** Written chunks are already with the muxer, so there is nothing to drop. */
  drop(): void {}

  close(reason: unknown): void {
    for (const { reject } of this.#writers.splice(0)) reject(reason);
  }
}
