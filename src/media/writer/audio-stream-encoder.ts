/**
 * Audio encoder behind an encoder queue. Audio encoders count samples and ignore gaps and overlaps. So a gap is filled with
 * silence, and the overlapping beginning of a sample is cut off: the sound keeps its timestamps.
 */
import { aborted } from '../../base/errors.ts';
import type { StreamEncoder, EncodeJob } from './encoder-queue.ts';
import { countIn, microsecondsOf } from './microseconds.ts';

/** Configuration and callbacks of a stream's audio encoder. */
export interface AudioStreamEncoderOptions {
  readonly encoder: typeof AudioEncoder;
  readonly config: AudioEncoderConfig;
  onChunk(chunk: EncodedAudioChunk, metadata: EncodedAudioChunkMetadata | undefined): void;
  /** Whether all input has come out. */
  isIdle(): boolean;
  onError(error: unknown): void;
}

/** Shorter gaps and overlaps are ignored until they add up, because device clocks and rounded timestamps jitter. */
const LEAST_GAP_US = 5000;

/** Length of one piece of silence, in seconds. */
const PIECE_SECONDS = 1;

/** Audio encoder of one stream. */
export class AudioStreamEncoder implements StreamEncoder<AudioData> {
  readonly #options: AudioStreamEncoderOptions;
  #encoder: AudioEncoder | null = null;
  #isClosed = false;
  /** Start of the sound in µs, and the number of samples per channel encoded since. */
  #start: number | null = null;
  #frames = 0;
  /** End of the encoded output, in µs. */
  #outUntil: number | null = null;

  constructor(options: AudioStreamEncoderOptions) {
    this.#options = options;
    this.#open();
  }

  get encodeQueueSize(): number {
    return this.#encoder?.encodeQueueSize ?? 0;
  }

  encode({ data, timestamp }: EncodeJob<AudioData>): number {
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

  /** Fills with silence from the end of the sound to this time, in µs. Does nothing before the first sample. */
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

  /** End of the input so far, in µs, as the encoder counts. */
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
    // Continues after the last output in the file, with silence in place of the dropped samples.
    this.#start = this.#outUntil;
    this.#frames = 0;
  }

  close(): void {
    this.#isClosed = true;
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
    if (this.#isClosed) throw aborted('the encoder is closed');
    const encoder = new this.#options.encoder({
      output: (chunk, metadata) => {
        if (encoder !== this.#encoder) return;
        this.#outUntil = chunk.timestamp + (chunk.duration ?? 0);
        this.#options.onChunk(chunk, metadata);
      },
      error: (error) => {
        if (encoder !== this.#encoder) return;
        this.#encoder = null;
        // Browsers reclaim idle encoders in hidden tabs. The sound would continue with a click, and samples inside the encoder
        // are lost.
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

/** A new AudioData from this sample on. The caller owns it. */
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
