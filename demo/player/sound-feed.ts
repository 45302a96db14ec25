/**
 * One run of a video's sound into a gain, from a time on.
 *
 * What ends it: `stop()`, the end of the track, or what reading throws. Each source is disconnected when it ends or is stopped.
 */
import type { SoundPiece, SoundTrack } from './sound-track.ts';

/** µs in a second, which is Web Audio's unit. */
const SECOND = 1_000_000;

/** How far ahead sources are started, in seconds of the audio context. */
const AHEAD = 1;

/** So many pieces are started, however far ahead: there may be a pause between two. */
const MIN_PIECES = 8;

/** What is played, and when. */
export interface FeedOptions {
  readonly track: SoundTrack;
  readonly gain: GainNode;
  /** Video per time. */
  readonly rate: number;
  /** The first time that is heard, in µs. */
  readonly from: number;
  /** The video's time, in µs, of what is put out at `heard`. */
  readonly media: number;
  /** Time of the audio context, in seconds. */
  readonly heard: number;
}

export class Feed {
  readonly #options: FeedOptions;
  readonly #sources = new Set<AudioBufferSourceNode>();
  #isStopped = false;
  /** Goes on with the next piece. */
  #wake: (() => void) | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
    // The video goes on without the sound where that is damaged, as it does where the sound ends early.
    void this.#run().catch(() => undefined);
  }

  /** Ends it, in this very call. */
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
    // What is of before the beginning, and what came too late, is left out.
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

  /** When a time of the video, in µs, is put out, in seconds of the audio context. */
  #timeOf(media: number): number {
    const { rate, media: base, heard } = this.#options;
    return heard + (media - base) / SECOND / rate;
  }

  #isFarAhead({ timestamp }: SoundPiece): boolean {
    if (this.#sources.size < MIN_PIECES) return false;
    return this.#timeOf(timestamp) - this.#options.gain.context.currentTime > AHEAD;
  }
}
