/** The notices of pools as they come: the newest first, and equal ones in a row counted rather than listed. */
import './notices.css';
import type { PoolNotice, VideoFramePool } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import { showText } from './show-text.ts';

/** How many lines there are at most. */
const MOST = 8;

/** A pool of any storage. */
type Pool = Pick<VideoFramePool, 'name' | 'setListener'>;

interface Entry {
  readonly key: string;
  readonly pool: string;
  notice: PoolNotice;
  count: number;
}

/** The list. Who wants to see what came calls `update()`: a video has notices by the dozen a second. */
export class NoticeList {
  readonly #list = element('notices', HTMLOListElement);
  readonly #total = element('count-notices', HTMLElement);
  #entries: Entry[] = [];
  #count = 0;

  /** Is told of everything that comes back to this pool. */
  listen(pool: Pool): void {
    pool.setListener((notice) => {
      const { reason, discarded, holders } = notice;
      const key = [pool.name, reason, discarded, ...holders].join('\n');
      this.#count++;
      const [newest] = this.#entries;
      if (newest?.key === key) {
        newest.count++;
        newest.notice = notice;
      } else {
        this.#entries = [{ key, pool: pool.name, notice, count: 1 }, ...this.#entries].slice(0, MOST);
      }
    });
  }

  /** Shows what came. */
  update(): void {
    showText(this.#total, String(this.#count));
    while (this.#list.children.length < this.#entries.length) this.#list.append(document.createElement('li'));
    for (const [index, entry] of this.#entries.entries()) {
      const item = this.#list.children[index];
      if (!(item instanceof HTMLElement)) continue;
      item.dataset['reason'] = entry.notice.reason;
      showText(item, wordsFor(entry));
    }
  }
}

function wordsFor({ pool, notice, count }: Entry): string {
  const { reason, discarded, freeCount, holders } = notice;
  const times = count > 1 ? ` × ${count}` : '';
  const names = holders.length > 0 ? `, left by ${holders.join(', ')}` : '';
  return `${pool}: ${reason}${times}${discarded ? ', discarded' : ''}${names} (${freeCount} free)`;
}
