/**
 * Film strip: thumbnails of the whole video, below the player.
 *
 * Ownership: `frameAt()` returns a decoded frame of the strip's own pool (the player's pool is full during playback),
 * which is released as soon as it is copied onto a canvas of the second pool. The thumbnail holds that canvas while it
 * is shown.
 */
import './film-strip.css';
import type { FrameBudget } from '../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { element } from '../view/elements.ts';
import { Thumbnail, THUMBNAIL } from './thumbnail.ts';

/** Holder name of the strip. */
const HOLDER = 'film strip';

/** One thumbnail is made at a time: one frame that is copied, and the next one that is decoded. */
const FRAMES = 2;

/** Minimum width of a thumbnail in CSS pixels, and limits of their number. */
const MIN_WIDTH = 72;
const MIN_COUNT = 8;
const MAX_COUNT = 16;

/** Player operations that the strip needs. */
export interface StripPlayer {
  /** Current time, in µs. */
  readonly position: number;
  /** Seeks to a time, in µs. */
  seek(time: number): Promise<void>;
}

/** A row of thumbnails, for one video at a time. */
export class FilmStrip {
  /** Decoded frames that wait to be copied. */
  readonly frames: VideoFramePool;
  /** Canvases of the thumbnails that are shown. */
  readonly canvases;
  readonly #host = element('film-strip', HTMLDivElement);
  readonly #player: StripPlayer;
  #thumbnails: Thumbnail[] = [];
  #reader: VideoReader | null = null;
  /** Aborts the thumbnails in progress for the current video. */
  #stop = new AbortController();
  #current = -1;

  constructor(player: StripPlayer, budget: FrameBudget) {
    this.#player = player;
    this.frames = new VideoFramePool({ capacity: FRAMES, name: 'strip frames', budget });
    this.canvases = new VideoFramePool({
      capacity: MIN_COUNT,
      storage: canvasStorage(THUMBNAIL),
      name: 'film strip',
      budget,
    });
    this.#createCells(this.#fittingCount());
    new ResizeObserver(() => {
      const count = this.#fittingCount();
      if (count === this.#thumbnails.length) return;
      const reader = this.#reader;
      this.clear();
      this.#createCells(count);
      if (reader !== null) this.show(reader);
    }).observe(this.#host);
  }

  /** Fills the strip with thumbnails of a video. The caller owns the reader, and calls `clear()` before closing it. */
  show(reader: VideoReader): void {
    this.clear();
    this.#reader = reader;
    const { start, step } = this.#span(reader);
    // The middle of the section that it represents: more informative than its first frame, which is often black.
    for (const [index, thumbnail] of this.#thumbnails.entries())
      thumbnail.setTime(Math.round(start + (index + 0.5) * step), step);
    this.mark(this.#player.position);
    void this.#fill(reader, this.#stop.signal);
  }

  /** Marks the thumbnail of a time in µs as the current one. */
  mark(position: number): void {
    if (this.#reader === null) return;
    const { start, step } = this.#span(this.#reader);
    const place = step > 0 ? Math.floor((position - start) / step) : 0;
    const current = Math.min(Math.max(0, place), this.#thumbnails.length - 1);
    if (current === this.#current) return;
    this.#thumbnails[this.#current]?.mark(false);
    this.#thumbnails[current]?.mark(true);
    this.#current = current;
  }

  /** Aborts thumbnails in progress, and releases every canvas. */
  clear(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#reader = null;
    this.#current = -1;
    for (const thumbnail of this.#thumbnails) thumbnail.clear();
  }

  /** Creates the thumbnails one by one, nearest to the current position first. */
  async #fill(reader: VideoReader, signal: AbortSignal): Promise<void> {
    const missing = new Set(this.#thumbnails);
    while (missing.size > 0 && !signal.aborted) {
      const next = nearest(missing, this.#player.position);
      missing.delete(next);
      try {
        await this.#make(next, reader, signal);
      } catch {
        // Either a damaged part of the file, whose cell stays empty (the player reports the error), or another video
        // was opened.
      }
    }
  }

  async #make(thumbnail: Thumbnail, reader: VideoReader, signal: AbortSignal): Promise<void> {
    const frame = await reader.frameAt(thumbnail.time, { pool: this.frames, signal, holder: HOLDER });
    try {
      const { rotation, flip } = reader;
      const copy = await frame.copyTo(this.canvases, { rotation, flip, signal, holder: HOLDER });
      // The copy may have completed when the signal fired.
      if (signal.aborted) copy.release();
      else thumbnail.show(copy);
    } finally {
      frame.release();
    }
  }

  /** Creates empty cells, so that the layout does not move when the images arrive. */
  #createCells(count: number): void {
    this.#thumbnails = Array.from(
      { length: count },
      () => new Thumbnail((time) => void this.#player.seek(time)),
    );
    this.canvases.configure({ capacity: count });
    this.#host.style.setProperty('--count', String(count));
    this.#host.replaceChildren(...this.#thumbnails.map(({ button }) => button));
  }

  #fittingCount(): number {
    return Math.min(Math.max(MIN_COUNT, Math.floor(this.#host.clientWidth / MIN_WIDTH)), MAX_COUNT);
  }

  /** Start of the video and length of a thumbnail's section, in µs. An edit list may cut off frames before 0. */
  #span({ firstTimestamp, duration }: VideoReader): { start: number; step: number } {
    const start = Math.max(0, firstTimestamp);
    return { start, step: Math.max(0, duration - start) / this.#thumbnails.length };
  }
}

function nearest(thumbnails: ReadonlySet<Thumbnail>, position: number): Thumbnail {
  const distance = ({ time }: Thumbnail): number => Math.abs(time - position);
  return [...thumbnails].reduce((best, one) => (distance(one) < distance(best) ? one : best));
}
