/**
 * Schedules one run of a video's sound into a gain node, from a start time.
 *
 * A run ends with `stop()`, the end of the track, or an error of the reader. Each source is disconnected when it ends
 * or is stopped.
 */
import type { SoundPiece, SoundTrack } from './sound-track.ts';

/** µs in a second, which is Web Audio's unit. */
const SECOND = 1_000_000;

/** How far ahead sources are started, in seconds of the audio context. */
const AHEAD = 1;

/** Minimum number of started pieces, however far ahead: the track may have a gap between two. */
const MIN_PIECES = 8;

/** Parameters of a run. */
export interface FeedOptions {
  readonly track: SoundTrack;
  readonly gain: GainNode;
  /** Playback rate. */
  readonly rate: number;
  /** First audible media time, in µs. */
  readonly from: number;
  /** Media time of the sample that is output at `heard`, in µs. */
  readonly media: number;
  /** Time of the audio context, in seconds. */
  readonly heard: number;
}

export class Feed {
  readonly #options: FeedOptions;
  readonly #sources = new Set<AudioBufferSourceNode>();
  #isStopped = false;
  /** Resumes with the next piece. */
  #wake: (() => void) | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
    // If the sound is damaged the video continues without it, as it does if the sound ends early.
    void this.#run().catch(() => undefined);
  }

  /** Ends the run synchronously. */
  stop(): void {
    this.#isStopped = true;
    for (const source of this.#sources) {
      source.stop();
      source.disconnect();
    }
    this.#sources.clear();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    const { track, from } = this.#options;
    for await (const piece of track.pieces(from)) {
      if (this.#isStopped) return;
      this.#schedule(piece);
      while (this.#isFarAhead(piece)) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        if (this.#isStopped) return;
      }
    }
  }

  #schedule({ timestamp, buffer }: SoundPiece): void {
    const { gain, rate, from } = this.#options;
    const begins = this.#timeOf(timestamp);
    // Samples before the start, and samples that arrive late, are skipped.
    const when = Math.max(begins, this.#timeOf(from), gain.context.currentTime);
    const skipped = (when - begins) * rate;
    if (skipped >= buffer.duration) return;
    const source = new AudioBufferSourceNode(gain.context, { buffer, playbackRate: rate });
    source.addEventListener('ended', () => {
      source.disconnect();
      this.#sources.delete(source);
      this.#wake?.();
    });
    source.connect(gain);
    source.start(when, skipped);
    this.#sources.add(source);
  }

  /** Converts a media time in µs to its output time in seconds of the audio context. */
  #timeOf(media: number): number {
    const { rate, media: base, heard } = this.#options;
    return heard + (media - base) / SECOND / rate;
  }

  #isFarAhead({ timestamp }: SoundPiece): boolean {
    if (this.#sources.size < MIN_PIECES) return false;
    return this.#timeOf(timestamp) - this.#options.gain.context.currentTime > AHEAD;
  }
}
