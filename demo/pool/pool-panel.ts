/**
 * Live panel of a pool: slots, counts, charts, notices and capacity. Reads the pool's public properties ten times a
 * second.
 */
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
const SAMPLE_MS = 250;
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

/** Shows one pool for the lifetime of the page. */
export class PoolPanel {
  /** Notices of this pool, and of other pools that are added. */
  readonly notices = new NoticeList();
  readonly #pool: VideoFramePool;
  readonly #slots: SlotStrip;
  readonly #pace: Pace;
  readonly #charts = new Charts();
  readonly #video: { readonly dropped: number };

  /**
   * @param pool - Must track holders.
   * @param video - The current source: its dropped frames and its orientation.
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
    this.#sample();
    setInterval(() => this.#update(), UPDATE_MS);
    setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** Records a drawn frame. The handle is lent for the call. */
  offer(handle: FrameHandle): void {
    this.#pace.note(handle);
  }

  /** Clears the slots when the source closes. */
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

  /** Adds a sample to the charts. */
  #sample(): void {
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
