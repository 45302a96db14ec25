/**
 * An audio encoder behind an encoder queue. Encoders count samples, and know neither gaps nor overlaps: a gap is filled with
 * silence, and of what overlaps the beginning is cut off, so that the sound is heard at its times.
 */
import { aborted } from '../../errors.ts';
import type { Codec, Job } from './encoder-queue.ts';
import { countIn, microsecondsOf } from './microseconds.ts';

/** How a stream's sound is encoded, and who is told. */
export interface AudioCodecOptions {
  readonly encoder: typeof AudioEncoder;
  readonly config: AudioEncoderConfig;
  onChunk(chunk: EncodedAudioChunk, metadata: EncodedAudioChunkMetadata | undefined): void;
  /** Whether all that went in has come out. */
  isIdle(): boolean;
  onError(error: unknown): void;
}

/** Shorter gaps and overlaps are left until they have added up: clocks of devices jitter, and rounded timestamps do. */
const LEAST_GAP_US = 5000;

/** Seconds of silence in one piece. */
const PIECE_SECONDS = 1;

/** The encoder of one stream. */
export class AudioCodec implements Codec<AudioData> {
  readonly #options: AudioCodecOptions;
  #encoder: AudioEncoder | null = null;
  #closed = false;
  /** When the sound begins, in µs, and how many samples of each channel have gone in since. */
  #start: number | null = null;
  #frames = 0;
  /** When the sound ends that came out, in µs. */
  #outUntil: number | null = null;

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
    const early = this.#end - timestamp < LEAST_GAP_US ? 0 : this.#framesIn(this.#end - timestamp);
    if (early >= data.numberOfFrames) return this.#end;
    const sound = early === 0 ? data : withoutBeginning(data, early);
    try {
      encoder.encode(sound);
      this.#frames += sound.numberOfFrames;
    } finally {
      if (sound !== data) sound.close();
    }
    return this.#end;
  }

  /** Silence from where the sound ends to this time, in µs. Nothing before the first sample. */
  hold(timestamp: number): void {
    if (this.#start === null || timestamp - this.#end < LEAST_GAP_US) return;
    const encoder = this.#encoder ?? this.#open();
    const { sampleRate } = this.#options.config;
    let left = this.#framesIn(timestamp - this.#end);
    while (left > 0) {
      const piece = Math.min(left, sampleRate * PIECE_SECONDS);
      const silence = this.#silence(piece);
      try {
        encoder.encode(silence);
      } finally {
        silence.close();
      }
      left -= piece;
      this.#frames += piece;
    }
  }

  #framesIn(microseconds: number): number {
    return countIn(microseconds, this.#options.config.sampleRate);
  }

  /** When the sound ends that went in so far, in µs, as the encoder counts. */
  get #end(): number {
    return (this.#start ?? 0) + microsecondsOf(this.#frames, this.#options.config.sampleRate);
  }

  async flush(): Promise<void> {
    await this.#encoder?.flush();
  }

  reset(): void {
    const encoder = this.#encoder;
    if (encoder === null || encoder.state === 'closed') return;
    encoder.reset();
    encoder.configure(this.#options.config);
    // It goes on from what is in the file, with silence in place of what was dropped.
    this.#start = this.#outUntil;
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
      timestamp: this.#end,
      data: new Float32Array(numberOfFrames * numberOfChannels),
    });
  }

  #open(): AudioEncoder {
    if (this.#closed) throw aborted('the encoder is closed');
    const encoder = new this.#options.encoder({
      output: (chunk, metadata) => {
        if (encoder !== this.#encoder) return;
        this.#outUntil = chunk.timestamp + (chunk.duration ?? 0);
        this.#options.onChunk(chunk, metadata);
      },
      error: (error) => {
        if (encoder !== this.#encoder) return;
        this.#encoder = null;
        // Browsers take idle encoders away in hidden tabs; sound would go on with a click, and what was inside is lost.
        if (error.name === 'QuotaExceededError' && this.#options.isIdle()) return;
        this.#options.onError(error);
      },
    });
    try {
      encoder.configure(this.#options.config);
    } catch (error) {
      encoder.close();
      throw error;
    }
    this.#encoder = encoder;
    return encoder;
  }
}

/** The sound from this sample on; a new one, the caller's. */
function withoutBeginning(data: AudioData, frameOffset: number): AudioData {
  const { sampleRate, numberOfChannels, timestamp } = data;
  const numberOfFrames = data.numberOfFrames - frameOffset;
  const samples = new Float32Array(numberOfFrames * numberOfChannels);
  for (let planeIndex = 0; planeIndex < numberOfChannels; planeIndex++) {
    const plane = samples.subarray(planeIndex * numberOfFrames, (planeIndex + 1) * numberOfFrames);
    data.copyTo(plane, { planeIndex, frameOffset, format: 'f32-planar' });
  }
  return new AudioData({
    format: 'f32-planar',
    sampleRate,
    numberOfChannels,
    numberOfFrames,
    timestamp: timestamp + microsecondsOf(frameOffset, sampleRate),
    data: samples,
  });
}
