/** An audio encoder behind an encoder queue. Gaps become silence: encoders count samples, and know no gaps. */
import { aborted } from '../../errors.ts';
import type { Codec, Job } from './encoder-queue.ts';

/** How a stream's sound is encoded, and who is told. */
export interface AudioCodecOptions {
  readonly encoder: typeof AudioEncoder;
  readonly config: AudioEncoderConfig;
  onChunk(chunk: EncodedAudioChunk, metadata: EncodedAudioChunkMetadata | undefined): void;
  onEvent(): void;
  onError(error: unknown): void;
}

/** Shorter gaps are the rounding of timestamps to microseconds, added up. */
const LEAST_GAP_US = 1000;

/** Seconds of silence in one piece. */
const PIECE_SECONDS = 1;

/** The encoder of one stream. */
export class AudioCodec implements Codec<AudioData> {
  readonly #options: AudioCodecOptions;
  #encoder: AudioEncoder | null = null;
  #closed = false;
  #inside = 0;
  /** When the sound ends that went in so far, in µs. */
  #end: number | null = null;

  constructor(options: AudioCodecOptions) {
    this.#options = options;
    this.#open();
  }

  get encodeQueueSize(): number {
    return this.#encoder?.encodeQueueSize ?? 0;
  }

  encode({ data, timestamp, end }: Job<AudioData>): void {
    const encoder = this.#encoder ?? this.#open();
    this.fillUpTo(timestamp);
    encoder.encode(data);
    this.#inside++;
    this.#end = Math.max(end, this.#end ?? end);
  }

  /** Silence from where the sound ends to this time, in µs. Nothing before the first sample. */
  fillUpTo(timestamp: number): void {
    if (this.#end === null || timestamp - this.#end < LEAST_GAP_US) return;
    const encoder = this.#encoder ?? this.#open();
    const { sampleRate } = this.#options.config;
    let left = Math.round(((timestamp - this.#end) * sampleRate) / 1e6);
    let at = this.#end;
    while (left > 0) {
      const piece = Math.min(left, sampleRate * PIECE_SECONDS);
      const silence = this.#silence(at, piece);
      encoder.encode(silence);
      silence.close();
      left -= piece;
      at += (piece / sampleRate) * 1e6;
    }
    this.#end = timestamp;
  }

  async flush(): Promise<void> {
    await this.#encoder?.flush();
  }

  reset(): void {
    const encoder = this.#encoder;
    this.#inside = 0;
    if (encoder === null || encoder.state === 'closed') return;
    encoder.reset();
    encoder.configure(this.#options.config);
    this.#end = null;
  }

  close(): void {
    this.#closed = true;
    if (this.#encoder !== null && this.#encoder.state !== 'closed') this.#encoder.close();
    this.#encoder = null;
  }

  #silence(timestamp: number, numberOfFrames: number): AudioData {
    const { sampleRate, numberOfChannels } = this.#options.config;
    return new AudioData({
      format: 'f32-planar',
      sampleRate,
      numberOfChannels,
      numberOfFrames,
      timestamp: Math.round(timestamp),
      data: new Float32Array(numberOfFrames * numberOfChannels),
    });
  }

  #open(): AudioEncoder {
    if (this.#closed) throw aborted('the encoder is closed');
    const encoder = new this.#options.encoder({
      output: (chunk, metadata) => {
        if (encoder !== this.#encoder) return;
        this.#inside = 0;
        this.#options.onChunk(chunk, metadata);
      },
      error: (error) => {
        if (encoder !== this.#encoder) return;
        this.#encoder = null;
        // Browsers take idle encoders away in hidden tabs; sound would go on with a click, and what was inside is lost.
        if (error.name === 'QuotaExceededError' && this.#inside === 0) return;
        this.#options.onError(error);
      },
    });
    encoder.ondequeue = () => this.#options.onEvent();
    encoder.configure(this.#options.config);
    this.#encoder = encoder;
    return encoder;
  }
}
