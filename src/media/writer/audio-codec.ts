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

/** Shorter gaps are left until they have added up: clocks of devices jitter, and rounded timestamps do. */
const LEAST_GAP_US = 5000;

/** Seconds of silence in one piece. */
const PIECE_SECONDS = 1;

/** The encoder of one stream. */
export class AudioCodec implements Codec<AudioData> {
  readonly #options: AudioCodecOptions;
  #encoder: AudioEncoder | null = null;
  #closed = false;
  #inside = 0;
  /** When the sound begins, in µs, and how many samples of each channel have gone in since. */
  #start: number | null = null;
  #frames = 0;

  constructor(options: AudioCodecOptions) {
    this.#options = options;
    this.#open();
  }

  get encodeQueueSize(): number {
    return this.#encoder?.encodeQueueSize ?? 0;
  }

  encode({ data, timestamp }: Job<AudioData>): number {
    const encoder = this.#encoder ?? this.#open();
    this.hold(timestamp);
    this.#start ??= timestamp;
    encoder.encode(data);
    this.#inside++;
    this.#frames += data.numberOfFrames;
    return this.#end;
  }

  /** Silence from where the sound ends to this time, in µs. Nothing before the first sample. */
  hold(timestamp: number): void {
    if (this.#start === null || timestamp - this.#end < LEAST_GAP_US) return;
    const encoder = this.#encoder ?? this.#open();
    const { sampleRate } = this.#options.config;
    let left = Math.round(((timestamp - this.#end) * sampleRate) / 1e6);
    while (left > 0) {
      const piece = Math.min(left, sampleRate * PIECE_SECONDS);
      const silence = this.#silence(piece);
      encoder.encode(silence);
      silence.close();
      left -= piece;
      this.#frames += piece;
    }
  }

  /** When the sound ends that went in so far, in µs, as the encoder counts. */
  get #end(): number {
    return (this.#start ?? 0) + (this.#frames / this.#options.config.sampleRate) * 1e6;
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
    this.#start = null;
    this.#frames = 0;
  }

  close(): void {
    this.#closed = true;
    if (this.#encoder !== null && this.#encoder.state !== 'closed') this.#encoder.close();
    this.#encoder = null;
  }

  #silence(numberOfFrames: number): AudioData {
    const { sampleRate, numberOfChannels } = this.#options.config;
    return new AudioData({
      format: 'f32-planar',
      sampleRate,
      numberOfChannels,
      numberOfFrames,
      timestamp: Math.round(this.#end),
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
