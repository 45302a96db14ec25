/** Table of all pools of the page and the budget that they share. */
import './pools-table.css';
import type { FrameBudget, VideoFramePool } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import { showText } from './show-text.ts';

const UPDATE_MS = 200;
const MEGABYTE = 1e6;

/** Properties of a pool that a row shows, for any storage. */
type Pool = Pick<VideoFramePool, 'name' | 'lentCount' | 'decodingCount' | 'capacity' | 'bytes' | 'holders'>;

/** Shows pools for the lifetime of the page. */
export function showPools(pools: readonly Pool[], budget: FrameBudget): void {
  const body = element('pools', HTMLTableSectionElement);
  const total = element('budget-bytes', HTMLTableCellElement);
  element('budget-limit', HTMLTableCellElement).textContent =
    `Total (limit ${megabytes(budget.maxBytes, 0)})`;
  const lines = pools.map((pool) => ({ pool, line: makeLine(body, pool.name) }));
  const update = (): void => {
    for (const { pool, line } of lines) {
      const { name, lentCount, decodingCount, capacity, bytes } = pool;
      line.row.dataset['lent'] = String(lentCount);
      line.row.dataset['decoding'] = String(decodingCount);
      showText(line.lent, `${lentCount} / ${capacity}`);
      showText(line.holders, namesOf(pool));
      line.holders.title = `Holders in ${name}: ${line.holders.textContent ?? ''}`;
      showText(line.bytes, megabytes(bytes));
    }
    showText(total, megabytes(budget.bytes));
  };
  update();
  setInterval(update, UPDATE_MS);
}

interface Line {
  readonly row: HTMLTableRowElement;
  readonly lent: HTMLTableCellElement;
  readonly holders: HTMLTableCellElement;
  readonly bytes: HTMLTableCellElement;
}

function makeLine(body: HTMLTableSectionElement, name: string): Line {
  const row = body.insertRow();
  row.dataset['pool'] = name;
  const head = document.createElement('th');
  head.scope = 'row';
  head.textContent = name;
  row.append(head);
  const cell = (kind: string): HTMLTableCellElement => {
    const made = row.insertCell();
    made.className = kind;
    return made;
  };
  return { row, lent: cell('number'), holders: cell('names'), bytes: cell('number') };
}

/** Names of the current holders, without duplicates. */
function namesOf(pool: Pool): string {
  const lent = pool.holders().filter(({ state }) => state === 'lent');
  const names = [...new Set(lent.map(({ holder }) => holder ?? 'unnamed'))];
  return names.length === 0 ? '–' : names.join(', ');
}

const megabytes = (bytes: number, digits = 1): string => `${(bytes / MEGABYTE).toFixed(digits)} MB`;
