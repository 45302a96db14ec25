/** One stream of a writer: what is written to it, in order, and what becomes of that. */
import { invalidState } from '../../errors.ts';
import { coreOf } from '../../pool/pool.ts';
import type { VideoFramePool } from '../../pool/pool.ts';
import type { BufferStorage } from '../../pool/storage.ts';
import type { AudioCodec } from './audio-codec.ts';
import type { ChunkInput } from './chunk-input.ts';
import type { EncoderQueue } from './encoder-queue.ts';
import type { Marked } from './markers.ts';
import { microsecondsOf } from './microseconds.ts';
import type { AudioStreamConfig, SampleInfo, VideoStreamConfig, WriterStatistics } from './options.ts';
import type { PacketTrack } from './packet-track.ts';
import type { Samples } from './samples.ts';
import { soundOf } from './samples.ts';
import type { VideoCodec } from './video-codec.ts';

/** The way from samples or chunks into the file. */
export type StreamInput =
  | { readonly kind: 'pictures'; readonly codec: VideoCodec; readonly queue: EncoderQueue<VideoFrame> }
  | { readonly kind: 'sound'; readonly codec: AudioCodec; readonly queue: EncoderQueue<AudioData> }
  | { readonly kind: 'chunks'; readonly queue: ChunkInput };

/** What a stream was configured with. */
export type StreamConfig =
  | { readonly kind: 'video'; readonly config: VideoStreamConfig }
  | { readonly kind: 'audio'; readonly config: AudioStreamConfig };

/** A minute of silence: 23 MB in stereo, for as long as the encoder takes. */
const MAX_GAP_US = 60_000_000;

/** A stream. The writer has checked its own state before it calls. */
export class WriterStream implements Marked {
  readonly index: number;
  readonly config: StreamConfig;
  readonly track: PacketTrack;
  readonly #encoder: VideoEncoderConfig | AudioEncoderConfig;
  /** Lends the samples of this stream; null where there are none to lend. */
  readonly pool: VideoFramePool<BufferStorage> | null;
  readonly #samples: Samples;
  #input: StreamInput | null = null;
  /** The number of the last write. */
  #number = -1;
  /** What the next sample must be later than, and why, in µs. */
  #last: number | null = null;
  #leastAfterTick = -Infinity;
  #received = 0;
  #ticks = 0;
  #segments = 0;
  /** Until when there is sound, or silence that was told, in µs. */
  #soundUntil: number | null = null;
  /** The next picture begins a segment. */
  #beginsSegment = false;

  constructor(
    index: number,
    config: StreamConfig,
    encoder: VideoEncoderConfig | AudioEncoderConfig,
    track: PacketTrack,
    pool: VideoFramePool<BufferStorage> | null,
    samples: Samples,
  ) {
    this.index = index;
    this.config = config;
    this.#encoder = encoder;
    this.track = track;
    this.pool = pool;
    this.#samples = samples;
  }

  /** Writing begins. */
  start(input: StreamInput): void {
    this.#input = input;
  }

  /** What the encoder is configured with now. */
  get encoderConfig(): VideoEncoderConfig | AudioEncoderConfig {
    return this.#input?.kind === 'pictures' ? this.#input.codec.config : this.#encoder;
  }

  get lastWritten(): number {
    return this.#number;
  }

  write(sample: unknown, info: SampleInfo): Promise<void> {
    const input = this.#started();
    if (input.kind === 'chunks') {
      throw invalidState(`writeSample(): stream ${this.index} takes chunks, by writeChunk()`);
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
      throw invalidState(`writeChunk(): stream ${this.index} encodes samples, which come by writeSample()`);
    }
    input.queue.check(chunk, metadata);
    this.#requireAfterTick('writeChunk()', chunk.timestamp);
    this.#advance(Math.max(chunk.timestamp, this.#last ?? -Infinity));
    return input.queue.write(++this.#number, chunk, metadata);
  }

  /** Nothing new comes until this time, in µs. */
  tick(timestamp: number): void {
    const input = this.#started();
    this.#requireLater('sendStreamTick()', timestamp);
    if (input.kind === 'sound') this.#requireShortGap('sendStreamTick()', timestamp);
    this.#ticks++;
    this.#soundUntil = Math.max(timestamp, this.#soundUntil ?? timestamp);
    this.#leastAfterTick = Math.max(this.#leastAfterTick, timestamp);
    if (input.kind === 'chunks') this.track.extendTo(timestamp);
    else input.queue.extendTo(timestamp);
  }

  /** What comes next can be read without what is before. */
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

  /** Drops what is on its way into the encoder and inside it. What is dropped may be written again. */
  drop(reason: unknown): void {
    const input = this.#started();
    input.queue.drop(reason);
    this.#leastAfterTick = -Infinity;
    this.#last = this.track.lastTimestamp;
  }

  async finish(): Promise<void> {
    await this.#input?.queue.finish();
  }

  /** Nobody needs a sample any more: who waits for one is told why. */
  stopLending(reason: unknown): void {
    if (this.pool !== null) coreOf(this.pool).admission.waiters.failAll(() => reason);
  }

  /** Ends the stream, whatever happens to it: everything goes back to its pool, and who waits is told why. */
  close(reason: unknown): void {
    this.track.stop();
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
      written: this.track.written,
      bytes: this.track.bytes,
      queueSize: queue?.size ?? 0,
      waitingCount: queue?.waitingCount ?? 0,
      lag: queue?.lag ?? 0,
      lentCount: this.pool?.lentCount ?? 0,
      ticks: this.#ticks,
      segments: this.#segments,
    };
  }

  #writePicture(
    codec: VideoCodec,
    queue: EncoderQueue<VideoFrame>,
    sample: unknown,
    info: SampleInfo,
  ): Promise<void> {
    const picture = this.#samples.picture(sample, info);
    const { data } = picture;
    try {
      this.#requireLater('writeSample()', data.timestamp);
      if (this.config.kind === 'video' && this.config.config.sizeChange === 'refuse') codec.requireFit(data);
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
    if (this.config.kind !== 'audio') return;
    const { config } = this.config;
    if (sampleRate === config.sampleRate && numberOfChannels === config.numberOfChannels) return;
    throw new RangeError(
      `writeSample(): stream ${this.index} is of ${config.numberOfChannels} channels at ${config.sampleRate} Hz, ` +
        `got ${numberOfChannels} at ${sampleRate}`,
    );
  }

  /** Silence is made of samples, at once. A clock that was mistaken for another must not make years of it. */
  #requireShortGap(call: string, timestamp: number): void {
    if (this.#soundUntil === null || timestamp - this.#soundUntil <= MAX_GAP_US) return;
    throw new RangeError(
      `${call}: the sound ends at ${this.#soundUntil} µs, got ${timestamp}: tell gaps of more than a minute by ` +
        `sendStreamTick(), minute by minute`,
    );
  }

  #requireLater(call: string, timestamp: number): void {
    if (this.#last !== null && timestamp <= this.#last) {
      throw new RangeError(
        `${call}: timestamp must be above that of the last sample, ${this.#last} µs, got ${timestamp}`,
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
