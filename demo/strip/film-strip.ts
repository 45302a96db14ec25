/**
 * The whole video in small pictures, under the picture.
 *
 * Who owns what: `frameAt()` gives a decoded frame of a pool of the strip's own (the player's is full while it plays), which
 * is released as soon as it is copied onto a canvas of the second pool. The thumbnail keeps that canvas while it is shown.
 */
import './film-strip.css';
import type { FrameBudget } from '../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { element } from '../view/elements.ts';
import { Thumbnail, THUMBNAIL } from './thumbnail.ts';

/** The name under which the panel shows the strip's shares. */
const HOLDER = 'film strip';

/** One thumbnail is made at a time: a frame that is copied, and the next that is decoded. */
const FRAMES = 2;

/** A thumbnail's least width in CSS pixels, and how many there are. */
const LEAST_WIDTH = 72;
const FEWEST = 8;
const MOST = 16;

/** What the strip asks of the player. */
export interface StripPlayer {
  /** The time on the screen, in µs. */
  readonly position: number;
  /** Goes to a time, in µs. */
  seek(time: number): Promise<void>;
}

/** A row of thumbnails, one video at a time. */
export class FilmStrip {
  /** Decoded frames on their way to a canvas. */
  readonly frames: VideoFramePool;
  /** The canvases of the thumbnails that are shown. */
  readonly pictures;
  readonly #host = element('film-strip', HTMLDivElement);
  readonly #player: StripPlayer;
  #thumbnails: Thumbnail[] = [];
  #reader: VideoReader | null = null;
  /** Ends what is being made for the video that is shown. */
  #stop = new AbortController();
  #current = -1;

  constructor(player: StripPlayer, budget: FrameBudget) {
    this.#player = player;
    this.frames = new VideoFramePool({ capacity: FRAMES, name: 'strip frames', budget });
    this.pictures = new VideoFramePool({
      capacity: FEWEST,
      storage: canvasStorage(THUMBNAIL),
      name: 'film strip',
      budget,
    });
    this.#lay(this.#fitting());
    new ResizeObserver(() => {
      const count = this.#fitting();
      if (count === this.#thumbnails.length) return;
      const reader = this.#reader;
      this.clear();
      this.#lay(count);
      if (reader !== null) this.show(reader);
    }).observe(this.#host);
  }

  /** Fills the strip with pictures of a video, which stays the caller's; call `clear()` before it is closed. */
  show(reader: VideoReader): void {
    this.clear();
    this.#reader = reader;
    const { start, step } = this.#span(reader);
    // The middle of the part that it stands for: more telling than its first frame, which often is black.
    for (const [index, thumbnail] of this.#thumbnails.entries())
      thumbnail.standFor(Math.round(start + (index + 0.5) * step), step);
    this.mark(this.#player.position);
    void this.#fill(reader, this.#stop.signal);
  }

  /** Marks the thumbnail of a time, in µs. */
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

  /** Ends what is being made, and gives every canvas back. */
  clear(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#reader = null;
    this.#current = -1;
    for (const thumbnail of this.#thumbnails) thumbnail.clear();
  }

  /** Makes the thumbnails one after the other, nearest to the position first. */
  async #fill(reader: VideoReader, signal: AbortSignal): Promise<void> {
    const missing = new Set(this.#thumbnails);
    while (missing.size > 0 && !signal.aborted) {
      const next = nearest(missing, this.#player.position);
      missing.delete(next);
      try {
        await this.#make(next, reader, signal);
      } catch {
        // A damaged part of the file, whose place stays empty (the player says what is wrong), or another video.
      }
    }
  }

  async #make(thumbnail: Thumbnail, reader: VideoReader, signal: AbortSignal): Promise<void> {
    const frame = await reader.frameAt(thumbnail.time, { pool: this.frames, signal, holder: HOLDER });
    try {
      const { rotation, flip } = reader;
      const picture = await frame.copyTo(this.pictures, { rotation, flip, signal, holder: HOLDER });
      // The copy may have been finished when the signal came.
      if (signal.aborted) picture.release();
      else thumbnail.show(picture);
    } finally {
      frame.release();
    }
  }

  /** Builds the places, empty, so that nothing moves when the pictures come. */
  #lay(count: number): void {
    this.#thumbnails = Array.from(
      { length: count },
      () => new Thumbnail((time) => void this.#player.seek(time)),
    );
    this.pictures.configure({ capacity: count });
    this.#host.style.setProperty('--count', String(count));
    this.#host.replaceChildren(...this.#thumbnails.map(({ button }) => button));
  }

  #fitting(): number {
    return Math.min(Math.max(FEWEST, Math.floor(this.#host.clientWidth / LEAST_WIDTH)), MOST);
  }

  /** Where the video begins and how long a thumbnail's part is, in µs. An edit list may have cut what is before 0 off. */
  #span({ firstTimestamp, duration }: VideoReader): { start: number; step: number } {
    const start = Math.max(0, firstTimestamp);
    return { start, step: Math.max(0, duration - start) / this.#thumbnails.length };
  }
}

function nearest(thumbnails: ReadonlySet<Thumbnail>, position: number): Thumbnail {
  const distance = ({ time }: Thumbnail): number => Math.abs(time - position);
  return [...thumbnails].reduce((best, one) => (distance(one) < distance(best) ? one : best));
}
