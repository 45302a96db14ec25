/** A video's sound: whether there is some and whether it can be decoded here, and its samples from any time on. */
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

/** Where sounds are looked for: the files that `openVideo()` reads. */
const FORMATS = [MP4, QTFF, WEBM, MATROSKA, MPEG_TS];

/** Attempts at an address that does not answer. */
const MAX_ATTEMPTS = 3;

/** µs in a second, which is mediabunny's unit. */
const SECOND = 1_000_000;

/** Samples that are heard at a time, in µs. */
export interface SoundPiece {
  readonly timestamp: number;
  readonly buffer: AudioBuffer;
}

/** The sound of a video that is open; whoever opened it closes it. */
export class SoundTrack implements SoundState {
  readonly state: SoundState['state'];
  readonly why: string | null;
  /** In Hz; 0 where there is nothing to hear. */
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

  /** Looks for sound in a video. Never rejects: one that cannot be had is unplayable, and the video goes on without. */
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

  /** The pieces that are heard from a time on, in µs, in order. Some are decoded ahead: it is to be left when done. */
  async *pieces(from: number): AsyncGenerator<SoundPiece, void, undefined> {
    const buffers = this.#sink?.buffers(from / SECOND) ?? ([] as WrappedAudioBuffer[]);
    for await (const { timestamp, buffer } of buffers) yield { timestamp: timestamp * SECOND, buffer };
  }

  /** Ends what is read of it. */
  close(): void {
    this.#input.dispose();
  }
}

async function unplayable(track: InputAudioTrack): Promise<SoundState> {
  const codec = (await track.getCodecParameterString()) ?? (await track.getInternalCodecId());
  return {
    state: 'unplayable',
    why: `there is no decoder here for its codec, ${String(codec ?? 'unknown')}`,
  };
}
