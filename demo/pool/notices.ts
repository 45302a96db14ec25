/** List of pool notices, newest first. Equal consecutive notices are counted on one line. */
import './notices.css';
import type { PoolNotice, VideoFramePool } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import { showText } from './show-text.ts';

/** Maximum number of lines. */
const MAX_LINES = 8;

/** A pool of any storage. */
type Pool = Pick<VideoFramePool, 'name' | 'setListener'>;

interface Entry {
  readonly key: string;
  readonly pool: string;
  notice: PoolNotice;
  count: number;
}

/** The list. Callers redraw it with `update()`, because a playing video causes dozens of notices a second. */
export class NoticeList {
  readonly #list = element('notices', HTMLOListElement);
  readonly #total = element('count-notices', HTMLElement);
  #entries: Entry[] = [];
  #count = 0;

  /** Listens to the notices of a pool. */
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
        this.#entries = [{ key, pool: pool.name, notice, count: 1 }, ...this.#entries].slice(0, MAX_LINES);
      }
    });
  }

  /** Redraws the list. */
  update(): void {
    showText(this.#total, String(this.#count));
    while (this.#list.children.length < this.#entries.length) this.#list.append(document.createElement('li'));
    for (const [index, entry] of this.#entries.entries()) {
      const item = this.#list.children[index];
      if (!(item instanceof HTMLElement)) continue;
      item.dataset['reason'] = entry.notice.reason;
      showText(item, textOf(entry));
    }
  }
}

function textOf({ pool, notice, count }: Entry): string {
  const { reason, discarded, freeCount, holders } = notice;
  const times = count > 1 ? ` × ${count}` : '';
  const names = holders.length > 0 ? `, held by ${holders.join(', ')}` : '';
  return `${pool}: ${reason}${times}${discarded ? ', discarded' : ''}${names} (${freeCount} free)`;
}
