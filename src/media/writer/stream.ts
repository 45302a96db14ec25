/** Stream of a writer: orders and counts the samples that are written to it. */
import { invalidState } from '../../base/errors.ts';
import { coreOf } from '../../pool/pool.ts';
import type { VideoFramePool } from '../../pool/pool.ts';
import type { BufferStorage } from '../../pool/storage.ts';
import type { AudioStreamEncoder } from './audio-stream-encoder.ts';
import type { ChunkInput } from './chunk-input.ts';
import type { EncoderQueue } from './encoder-queue.ts';
import type { Marked } from './markers.ts';
import { microsecondsOf } from './microseconds.ts';
import type { AudioStreamConfig, SampleInfo, VideoStreamConfig, WriterStatistics } from './options.ts';
import type { PacketTrack } from './packet-track.ts';
import type { SampleInput } from './sample-input.ts';
import { soundOf } from './sample-input.ts';
import type { VideoStreamEncoder } from './video-stream-encoder.ts';

/** Input of a stream: the way from samples or chunks into the file. */
export type StreamInput =
  | {
      readonly kind: 'pictures';
      readonly codec: VideoStreamEncoder;
      readonly queue: EncoderQueue<VideoFrame>;
    }
  | { readonly kind: 'sound'; readonly codec: AudioStreamEncoder; readonly queue: EncoderQueue<AudioData> }
  | { readonly kind: 'chunks'; readonly queue: ChunkInput };

/** Configuration of a stream, by kind. */
export type StreamConfig =
  | { readonly kind: 'video'; readonly config: VideoStreamConfig }
  | { readonly kind: 'audio'; readonly config: AudioStreamConfig };

/** Parts of a stream. */
export interface StreamParts {
  readonly index: number;
  readonly config: StreamConfig;
  /** Configuration of the encoder as the stream begins. */
  readonly encoder: VideoEncoderConfig | AudioEncoderConfig;
  readonly track: PacketTrack;
  /** Lends the samples of this stream; null if it lends none. */
  readonly pool: VideoFramePool<BufferStorage> | null;
  readonly samples: SampleInput;
}

/** Longest silence: one minute, which is 23 MB in stereo while the encoder processes it. */
const MAX_GAP_US = 60_000_000;

/** One stream. The writer checks its own state before it calls. */
export class WriterStream implements Marked {
  readonly #parts: StreamParts;
  #input: StreamInput | null = null;
  /** Sequence number of the last write. */
  #number = -1;
  /** Lower bounds of the next sample's time, in µs: that of the last sample, and that of the last gap. */
  #last: number | null = null;
  #leastAfterTick = -Infinity;
  #received = 0;
  #ticks = 0;
  #segments = 0;
  /** End of the sound, or of the announced silence, in µs. */
  #soundUntil: number | null = null;
  /** Whether the next picture begins a segment. */
  #beginsSegment = false;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  get index(): number {
    return this.#parts.index;
  }

  get pool(): VideoFramePool<BufferStorage> | null {
    return this.#parts.pool;
  }

  /** Begins writing. */
  start(input: StreamInput): void {
    this.#input = input;
  }

  /** Configuration in effect of the encoder. */
  get encoderConfig(): VideoEncoderConfig | AudioEncoderConfig {
    return this.#input?.kind === 'pictures' ? this.#input.codec.config : this.#parts.encoder;
  }

  get lastWritten(): number {
    return this.#number;
  }

  write(sample: unknown, info: SampleInfo): Promise<void> {
    const input = this.#started();
    if (input.kind === 'chunks') {
      throw invalidState(`writeSample(): stream ${this.index} takes chunks; use writeChunk()`);
    }
    return input.kind === 'pictures'
      ? this.#writePicture(input.codec, input.queue, sample, info)
      : this.#writeSound(input.queue, sample, info);
  }

  writeChunk(
    chunk: EncodedVideoChunk | EncodedAudioChunk,
    metadata: EncodedVideoChunkMetadata | EncodedAudioChunkMetadata | undefined,
  ): Promise<void> {
    const input = this.#started();
    if (input.kind !== 'chunks') {
      throw invalidState(`writeChunk(): stream ${this.index} takes samples; use writeSample()`);
    }
    input.queue.check(chunk, metadata);
    this.#requireAfterTick('writeChunk()', chunk.timestamp);
    this.#advance(Math.max(chunk.timestamp, this.#last ?? -Infinity));
    return input.queue.write(++this.#number, chunk, metadata);
  }

  /** Announces that no new sample comes before this time, in µs. */
  tick(timestamp: number): void {
    const input = this.#started();
    this.#requireLater('sendStreamTick()', timestamp);
    if (input.kind === 'sound') this.#requireShortGap('sendStreamTick()', timestamp);
    this.#ticks++;
    this.#soundUntil = Math.max(timestamp, this.#soundUntil ?? timestamp);
    this.#leastAfterTick = Math.max(this.#leastAfterTick, timestamp);
    if (input.kind === 'chunks') this.#parts.track.extendTo(timestamp);
    else input.queue.extendTo(timestamp);
  }

  /** Makes the following samples readable without those before. */
  endSegment(): void {
    this.#started();
    this.#segments++;
    this.#beginsSegment = true;
  }

  isDone(written: number): boolean {
    return this.#input === null || this.#input.queue.isDone(written);
  }

  onAccepted(): void {
    this.#input?.queue.onAccepted();
  }

  /** Drops the samples that wait for the encoder or are inside it. They may be written again. */
  drop(reason: unknown): void {
    const input = this.#started();
    input.queue.drop(reason);
    this.#leastAfterTick = -Infinity;
    this.#last = this.#parts.track.lastTimestamp;
  }

  async finish(): Promise<void> {
    await this.#input?.queue.finish();
  }

  /** Rejects pending `allocateSample()` calls with the reason. */
  stopLending(reason: unknown): void {
    if (this.pool !== null) coreOf(this.pool).admission.waiters.rejectAll(() => reason);
  }

  /** Ends the stream in any state: slots return to their pools, and pending calls reject with the reason. */
  close(reason: unknown): void {
    this.#parts.track.stop();
    this.#input?.queue.close(reason);
    this.stopLending(reason);
    this.pool?.close();
  }

  statistics(): WriterStatistics {
    const queue = this.#input?.queue;
    return {
      received: this.#received,
      submitted: queue?.submitted ?? 0,
      encoded: queue?.encoded ?? 0,
      dropped: queue?.dropped ?? 0,
      written: this.#parts.track.written,
      bytes: this.#parts.track.bytes,
      queueSize: queue?.size ?? 0,
      waitingCount: queue?.waitingCount ?? 0,
      encoderDelay: queue?.encoderDelay ?? 0,
      lentCount: this.pool?.lentCount ?? 0,
      ticks: this.#ticks,
      segments: this.#segments,
    };
  }

  #writePicture(
    codec: VideoStreamEncoder,
    queue: EncoderQueue<VideoFrame>,
    sample: unknown,
    info: SampleInfo,
  ): Promise<void> {
    const picture = this.#parts.samples.snapshot(sample, info);
    const { data } = picture;
    try {
      this.#requireLater('writeSample()', data.timestamp);
      if (this.#parts.config.kind === 'video' && this.#parts.config.config.sizeChange === 'reject')
        codec.requireFit(data);
    } catch (error) {
      data.close();
      throw error;
    }
    const share = picture.take();
    const beginsSegment = this.#beginsSegment;
    this.#beginsSegment = false;
    this.#advance(data.timestamp);
    const { timestamp } = data;
    return queue.write({
      number: ++this.#number,
      data,
      share,
      keyFrame: info.keyFrame === true || beginsSegment,
      timestamp,
    });
  }

  #writeSound(queue: EncoderQueue<AudioData>, sample: unknown, info: SampleInfo): Promise<void> {
    const data = soundOf(sample, info);
    const { timestamp } = data;
    try {
      this.#requireLater('writeSample()', timestamp);
      this.#requireFormat(data);
      this.#requireShortGap('writeSample()', timestamp);
    } catch (error) {
      data.close();
      throw error;
    }
    this.#advance(timestamp);
    const end = timestamp + microsecondsOf(data.numberOfFrames, data.sampleRate);
    this.#soundUntil = Math.max(end, this.#soundUntil ?? end);
    return queue.write({ number: ++this.#number, data, share: null, keyFrame: false, timestamp });
  }

  #requireFormat({ sampleRate, numberOfChannels }: AudioData): void {
    if (this.#parts.config.kind !== 'audio') return;
    const { config } = this.#parts.config;
    if (sampleRate === config.sampleRate && numberOfChannels === config.numberOfChannels) return;
    throw new RangeError(
      `writeSample(): stream ${this.index} has ${config.numberOfChannels} channels at ${config.sampleRate} Hz, ` +
        `got ${numberOfChannels} at ${sampleRate}`,
    );
  }

  /** Silence is encoded as samples, at once. A timestamp from the wrong clock must not create years of it. */
  #requireShortGap(call: string, timestamp: number): void {
    if (this.#soundUntil === null || timestamp - this.#soundUntil <= MAX_GAP_US) return;
    throw new RangeError(
      `${call}: the sound ends at ${this.#soundUntil} µs, got ${timestamp}: announce a gap of more than a minute with ` +
        `sendStreamTick(), minute by minute`,
    );
  }

  #requireLater(call: string, timestamp: number): void {
    if (this.#last !== null && timestamp <= this.#last) {
      throw new RangeError(
        `${call}: timestamp must be above the last sample's, ${this.#last} µs, got ${timestamp}`,
      );
    }
    this.#requireAfterTick(call, timestamp);
  }

  #requireAfterTick(call: string, timestamp: number): void {
    if (timestamp < this.#leastAfterTick) {
      throw new RangeError(
        `${call}: timestamp must not be before the last gap's, ${this.#leastAfterTick} µs, got ${timestamp}`,
      );
    }
  }

  #advance(timestamp: number): void {
    this.#received++;
    this.#last = timestamp;
  }

  #started(): StreamInput {
    if (this.#input === null) throw invalidState(`stream ${this.index} has not started`);
    return this.#input;
  }
}
