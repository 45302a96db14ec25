/** Sound track of a video: whether it exists and can be decoded, and its samples from any time. */
import type { InputAudioTrack, WrappedAudioBuffer } from 'mediabunny';
import {
  AudioBufferSink,
  BlobSource,
  Input,
  MATROSKA,
  MP4,
  MPEG_TS,
  QTFF,
  UrlSource,
  WEBM,
} from 'mediabunny';
import type { SoundState } from './volume.ts';

/** Containers that `openVideo()` reads. */
const FORMATS = [MP4, QTFF, WEBM, MATROSKA, MPEG_TS];

/** Maximum attempts for a URL that does not respond. */
const MAX_ATTEMPTS = 3;

/** µs in a second, which is mediabunny's unit. */
const SECOND = 1_000_000;

/** Decoded samples with their start time, in µs. */
export interface SoundPiece {
  readonly timestamp: number;
  readonly buffer: AudioBuffer;
}

/** Sound of an open video, owned by the code that opened it. */
export class SoundTrack implements SoundState {
  readonly state: SoundState['state'];
  readonly why: string | null;
  /** In Hz; 0 without sound. */
  readonly sampleRate: number;
  readonly #input: Input;
  readonly #sink: AudioBufferSink | null;

  private constructor(
    input: Input,
    { state, why }: SoundState,
    sampleRate = 0,
    sink: AudioBufferSink | null = null,
  ) {
    this.#input = input;
    this.state = state;
    this.why = why;
    this.sampleRate = sampleRate;
    this.#sink = sink;
  }

  /**
   * Opens the sound of a video. Never rejects: if it cannot be opened it is unplayable, and the video plays without it.
   */
  static async open(source: Blob | string): Promise<SoundTrack> {
    const getRetryDelay = (attempts: number): number | null => (attempts < MAX_ATTEMPTS ? attempts : null);
    const input = new Input({
      formats: FORMATS,
      source: source instanceof Blob ? new BlobSource(source) : new UrlSource(source, { getRetryDelay }),
    });
    try {
      const track = await input.getPrimaryAudioTrack();
      if (track === null) return new SoundTrack(input, { state: 'none', why: null });
      if (!(await track.canDecode())) return new SoundTrack(input, await unplayable(track));
      const rate = await track.getSampleRate();
      return new SoundTrack(input, { state: 'on', why: null }, rate, new AudioBufferSink(track));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return new SoundTrack(input, { state: 'unplayable', why });
    }
  }

  /**
   * Iterates over the pieces from a time in µs, in order. Some are decoded ahead, so callers must end the iteration.
   */
  async *pieces(from: number): AsyncGenerator<SoundPiece, void, undefined> {
    const buffers = this.#sink?.buffers(from / SECOND) ?? ([] as WrappedAudioBuffer[]);
    for await (const { timestamp, buffer } of buffers) yield { timestamp: timestamp * SECOND, buffer };
  }

  /** Ends all reads. */
  close(): void {
    this.#input.dispose();
  }
}

async function unplayable(track: InputAudioTrack): Promise<SoundState> {
  const codec = (await track.getCodecParameterString()) ?? (await track.getInternalCodecId());
  return {
    state: 'unplayable',
    why: `no decoder for the codec ${String(codec ?? 'unknown')}`,
  };
}
