/**
 * Comparison of the library's state with the model's. It uses plain numbers and strings, because a test compares millions of
 * them.
 */
import type { PoolStats, Storage, VideoFramePool } from '../../../src/index.ts';
import type { ModelLoan } from './model-loan.ts';
import { nameOf } from './model-loan.ts';
import type { PoolModel } from './pool-model.ts';

/** @throws `Error` that states the difference. */
export function same(what: string, actual: unknown, expected: unknown): void {
  if (Object.is(actual, expected)) return;
  throw new Error(`${what}: actual ${String(actual)}, expected by the model ${String(expected)}`);
}

/** The return value of a call, or the name of the error that it throws. */
export function outcomeOf<T>(call: () => T): { value: T | null; name: string } {
  try {
    return { value: call(), name: 'none' };
  } catch (error) {
    return { value: null, name: nameOf(error) };
  }
}

/** Compares the name of the error that a call throws with the model's; null for no error. */
export const both = (what: string, model: string | null, call: () => unknown): void =>
  same(what, outcomeOf(call).name, model ?? 'none');

/** The model's counts, under the library's names. */
function countsOf(model: PoolModel): Partial<PoolStats> {
  const { state, generation, capacity, overcommitted, bytes, loans, lent, idle, character } = model;
  const isAnyEstimated = [...loans].some(({ estimated }) => estimated);
  const bytesEstimated = isAnyEstimated || (character.kind === 'canvas' && idle.length > 0);
  const slots = { freeCount: model.free, lentCount: lent, decodingCount: loans.size - lent };
  const others = { idleCount: idle.length, waitingCount: model.queue.length, peakLentCount: model.peak };
  const limits = { capacity, overcommitted, maxBytes: model.settings.maxBytes, bytes, bytesEstimated };
  return { state, generation, ...slots, ...others, ...limits, ...model.totals, lost: 0, dropped: 0 };
}

/** Compares all counts, and checks their invariants. */
export function compareAccount(name: string, stats: PoolStats, model: PoolModel): void {
  const counts = countsOf(model);
  for (const key of Object.keys(stats) as (keyof PoolStats)[]) {
    same(`${name}: ${key}`, stats[key], counts[key]);
  }
  const { capacity, overcommitted, freeCount, lentCount, decodingCount, idleCount, bytes, maxBytes } = stats;
  same(`${name}: the cap`, freeCount + lentCount + decodingCount, capacity + overcommitted);
  same(`${name}: idle buffers are counted as free`, idleCount <= freeCount, true);
  // Loans stay out when the limit is lowered, but no idle buffer is kept in addition.
  if (idleCount > 0) same(`${name}: the limit of bytes`, bytes <= maxBytes, true);
}

/** Compares the holders. Reports with the same slot number belong to one loan. */
export function compareHolders(name: string, pool: VideoFramePool<Storage>, model: PoolModel): void {
  const slots = new Map<number, string[]>();
  for (const { slot, state, timestamp, holder, shares, since } of pool.holders()) {
    const lines = slots.get(slot) ?? [`${state} ${timestamp}`];
    slots.set(slot, [...lines, `${holder}×${shares} ${since}`]);
  }
  const listed = [...slots.values()].map((lines) => lines.join()).sort();
  const expected = [...model.loans].map((loan) => linesOf(loan, model.character.tracks).join()).sort();
  same(`${name}: holders`, listed.join('; '), expected.join('; '));
  both(`${name}: leaks`, expected.length > 0 ? 'Error' : null, () => pool.assertNoLeaks());
}

function linesOf({ kind, timestamp, shares }: ModelLoan, tracks: boolean): string[] {
  const listed = shares.filter(({ holder }) => tracks || holder !== undefined);
  const unlisted = shares.length - listed.length;
  return [
    `${kind} ${timestamp}`,
    ...listed.map(({ holder, since }) => `${holder}×1 ${tracks ? since : undefined}`),
    ...(unlisted > 0 ? [`undefined×${unlisted} undefined`] : []),
  ];
}
