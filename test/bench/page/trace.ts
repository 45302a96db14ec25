/** What the page's main thread does meanwhile, by the browser's own trace. */
import { BEGIN, END } from '../trace.mjs';

declare global {
  /** Offered by run.mjs. */
  function beginTrace(): Promise<void>;
  function endTrace(): Promise<number[]>;
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
