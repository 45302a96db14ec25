/** What is counted on a page, by Chromium or by the tests: heap, allocations, tasks of the main thread, open frames. */
import { frameAccount } from '../../support/frame-account.ts';
import { BEGIN, END } from '../page-probes.mjs';

declare global {
  /** Offered by run.mjs: the second gives the bytes that were allocated since the first, garbage included. */
  function beginAllocations(): Promise<void>;
  function endAllocations(): Promise<number>;
  /** Offered by run.mjs: the second gives the milliseconds of each task since the first. */
  function beginTrace(): Promise<void>;
  function endTrace(): Promise<number[]>;
}

const INTERVAL_MS = 2;

/** Bytes in use, garbage that is not collected yet included. */
export function usedHeap(): number {
  // Chromium's own; with `--enable-precise-memory-info` it is neither rounded nor old.
  const { memory } = performance as { readonly memory?: { readonly usedJSHeapSize: number } };
  if (memory === undefined) throw new Error('this browser does not report the size of its heap');
  return memory.usedJSHeapSize;
}

/** MB that the heap grew by at its highest, over what it was before. */
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

/** Milliseconds of the processor's time that each task of the thread takes while the work is done. */
export async function tasksOf(work: () => Promise<unknown>): Promise<number[]> {
  await globalThis.beginTrace();
  performance.mark(BEGIN);
  await work();
  performance.mark(END);
  return globalThis.endTrace();
}

/** All of them together. */
export const sumOf = (spent: readonly number[]): number => spent.reduce((sum, each) => sum + each, 0);

/** The most frames that are open at one time during a piece of work, which must close all. The page counts from here on. */
export async function mostOpenFrames(work: () => Promise<unknown>): Promise<number> {
  const account = frameAccount();
  account.reset();
  await work();
  const left = account.stillOpen().length;
  if (left > 0) throw new Error(`${left} frames were left open`);
  return account.peak;
}
