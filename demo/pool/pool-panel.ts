/** The pool, live: slots, counts and the capacity. Reads the pool's public account ten times a second. */
import './pool-panel.css';
import type { VideoFramePool } from '../../src/index.ts';
import type { SlotsChart } from './chart.ts';
import { element } from '../view/elements.ts';
import { showDropped } from '../view/live.ts';

const UPDATE_MS = 100;
const MEGABYTE = 1e6;

const slots = element('slots', HTMLOListElement);
const capacity = element('capacity', HTMLInputElement);
const capacityValue = element('capacity-value', HTMLOutputElement);
const counts = {
  free: element('count-free', HTMLElement),
  lent: element('count-lent', HTMLElement),
  decoding: element('count-decoding', HTMLElement),
  waiting: element('count-waiting', HTMLElement),
  bytes: element('count-bytes', HTMLElement),
  notices: element('count-notices', HTMLElement),
};

/** Shows a pool for as long as the page lives. */
export function showPool(pool: VideoFramePool, chart: SlotsChart): void {
  let notices = 0;
  pool.setListener(() => notices++);
  capacity.value = String(pool.capacity);
  capacity.addEventListener('input', () => {
    pool.configure({ capacity: Number(capacity.value) });
    update();
  });
  const update = (): void => {
    const stats = pool.stats();
    const { freeCount, lentCount, decodingCount, waitingCount, bytes, bytesEstimated } = stats;
    capacityValue.value = capacity.value;
    showText(counts.free, String(freeCount));
    showText(counts.lent, String(lentCount));
    showText(counts.decoding, String(decodingCount));
    showText(counts.waiting, String(waitingCount));
    showText(counts.bytes, `${bytesEstimated ? '≈ ' : ''}${(bytes / MEGABYTE).toFixed(1)} MB`);
    showText(counts.notices, String(notices));
    showDropped(stats.dropped);
    showSlots(pool);
    chart.add({ free: freeCount, lent: lentCount, decoding: decodingCount });
  };
  update();
  setInterval(update, UPDATE_MS);
}

function showText(cell: HTMLElement, text: string): void {
  if (cell.textContent !== text) cell.textContent = text;
}

// A pool may number its slots beyond its capacity (after a larger one, or for a decoder's lag), so cells are given to slots
// as they come out, the first free one first, and kept while they are out.
const cellOf = new Map<number, number>();

function showSlots(pool: VideoFramePool): void {
  const holders = pool.holders();
  const out = new Set(holders.map(({ slot }) => slot));
  for (const [slot, cell] of cellOf) if (!out.has(slot) || cell >= pool.capacity) cellOf.delete(slot);
  for (const slot of out) if (!cellOf.has(slot)) cellOf.set(slot, firstFree());
  const most = Math.max(pool.capacity, ...[...cellOf.values()].map((cell) => cell + 1));
  while (slots.children.length > most) slots.lastElementChild?.remove();
  while (slots.children.length < most) slots.append(document.createElement('li'));
  for (const [index, cell] of [...slots.children].entries()) {
    if (!(cell instanceof HTMLElement)) continue;
    const here = holders.filter(({ slot }) => cellOf.get(slot) === index);
    const state = here[0]?.state ?? 'free';
    cell.dataset['state'] = state;
    showText(
      cell,
      state === 'lent' ? here.map(({ holder }) => holder ?? 'unnamed').join(', ') : words[state],
    );
  }
}

const words = { free: 'free', reserved: 'decoding' };

function firstFree(): number {
  const taken = new Set(cellOf.values());
  let cell = 0;
  while (taken.has(cell)) cell++;
  return cell;
}
