/** Counters of a page, by Chromium or by the tests: heap, allocations, tasks of the main thread, open frames. */
import { frameAccount } from '../../support/frame-account.ts';
import { BEGIN, END } from '../page-probes.mjs';

declare global {
  /** From run.mjs: the second returns the bytes that were allocated since the first, garbage included. */
  function beginAllocations(): Promise<void>;
  function endAllocations(): Promise<number>;
  /** From run.mjs: the second returns the milliseconds of each task since the first. */
  function beginTrace(): Promise<void>;
  function endTrace(): Promise<number[]>;
}

const INTERVAL_MS = 2;

/** Used bytes, including uncollected garbage. */
export function usedHeap(): number {
  // Chromium's own; with `--enable-precise-memory-info` it is neither rounded nor old.
  const { memory } = performance as { readonly memory?: { readonly usedJSHeapSize: number } };
  if (memory === undefined) throw new Error('this browser does not report the size of its heap');
  return memory.usedJSHeapSize;
}

/** MB of the heap at its highest, over its size before. */
export async function peakOfHeap(work: () => Promise<unknown>): Promise<number> {
  const before = usedHeap();
  let peak = before;
  const look = (): void => {
    peak = Math.max(peak, usedHeap());
  };
  const timer = setInterval(look, INTERVAL_MS);
  await work();
  look();
  clearInterval(timer);
  return Math.max(peak - before, 1) / 1e6;
}

/** Milliseconds of processor time of each task of the thread during the work. */
export async function tasksOf(work: () => Promise<unknown>): Promise<number[]> {
  await globalThis.beginTrace();
  performance.mark(BEGIN);
  await work();
  performance.mark(END);
  return globalThis.endTrace();
}

/** Their sum. */
export const sumOf = (spent: readonly number[]): number => spent.reduce((sum, each) => sum + each, 0);

/**
 * The maximum of frames that are open at one time during a piece of work, which must close all. The page counts
 * from here on.
 */
export async function mostOpenFrames(work: () => Promise<unknown>): Promise<number> {
  const account = frameAccount();
  account.reset();
  await work();
  const left = account.stillOpen().length;
  if (left > 0) throw new Error(`${left} frames were left open`);
  return account.peak;
}
