/** The pool, live: slots, counts, charts, notices, and its capacity. Reads the pool's public account ten times a second. */
import './pool-panel.css';
import type { FrameHandle, PoolStats, VideoFramePool } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import { showDropped } from '../view/source-badge.ts';
import type { Orientation } from '../view/upright.ts';
import { Charts } from './charts.ts';
import { NoticeList } from './notices.ts';
import { Pace } from './pace.ts';
import { showText } from './show-text.ts';
import { SlotStrip } from './slots.ts';

const UPDATE_MS = 100;
const LOOK_MS = 250;
const MEGABYTE = 1e6;

const capacity = element('capacity', HTMLInputElement);
const capacityValue = element('capacity-value', HTMLOutputElement);
const counts = {
  free: element('count-free', HTMLElement),
  lent: element('count-lent', HTMLElement),
  decoding: element('count-decoding', HTMLElement),
  waiting: element('count-waiting', HTMLElement),
  bytes: element('count-bytes', HTMLElement),
};

/** Shows a pool for as long as the page lives. */
export class PoolPanel {
  /** What pools tell; other pools than this one may be listened to. */
  readonly notices = new NoticeList();
  readonly #pool: VideoFramePool;
  readonly #slots: SlotStrip;
  readonly #pace: Pace;
  readonly #charts = new Charts();
  readonly #video: { readonly dropped: number };

  /**
   * @param pool - One that tracks its holders.
   * @param video - What is on: how many frames of it were dropped, and how it is turned and mirrored.
   */
  constructor(pool: VideoFramePool, video: { readonly dropped: number; readonly orientation: Orientation }) {
    this.#pool = pool;
    this.#video = video;
    this.#slots = new SlotStrip(pool, () => video.orientation);
    this.#pace = new Pace(pool);
    this.notices.listen(pool);
    capacity.value = String(pool.capacity);
    capacity.addEventListener('input', () => {
      pool.configure({ capacity: Number(capacity.value) });
      this.#update();
    });
    this.#update();
    this.#look();
    setInterval(() => this.#update(), UPDATE_MS);
    setInterval(() => this.#look(), LOOK_MS);
  }

  /** A frame was drawn. The handle is lent for the call. */
  offer(handle: FrameHandle): void {
    this.#pace.note(handle);
  }

  /** What was on is gone. */
  clear(): void {
    this.#slots.clear();
  }

  #update(): void {
    const stats = this.#pool.stats();
    capacityValue.value = capacity.value;
    showText(counts.free, String(stats.freeCount));
    showText(counts.lent, String(stats.lentCount));
    showText(counts.decoding, String(stats.decodingCount));
    showText(counts.waiting, String(stats.waitingCount));
    showText(counts.bytes, `${stats.bytesEstimated ? '≈ ' : ''}${megabytes(stats).toFixed(1)} MB`);
    showDropped(stats.dropped);
    this.#slots.update();
    this.notices.update();
  }

  /** Takes a sample for the charts. */
  #look(): void {
    const stats = this.#pool.stats();
    const { drawn, dropped, latency } = this.#pace.take(this.#video.dropped);
    this.#charts.history.add(performance.now() / 1000, {
      free: stats.freeCount,
      lent: stats.lentCount,
      decoding: stats.decodingCount,
      waiting: stats.waitingCount,
      memory: megabytes(stats),
      drawn,
      dropped,
      latency,
    });
    this.#charts.update();
  }
}

const megabytes = ({ bytes }: PoolStats): number => bytes / MEGABYTE;
