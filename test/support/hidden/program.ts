/** Runner of a test program in a page behind another tab. */
import { frameAccount } from '../frame-account.ts';
import { flattenTimers, stopTimers } from './no-timers.ts';

/** The result of a program, and the state of its page. */
export interface Outcome<T> {
  readonly result: T;
  /** Values of `document.visibilityState` before and after the program. */
  readonly visibility: readonly string[];
  /** Number of animation frames during the program. */
  readonly paintedCount: number;
  /** Delays of the stopped timers that the page has set, in ms, without duplicates. */
  readonly delays: readonly number[];
  /** Frames that the program left open, by their origin. */
  readonly open: readonly string[];
}

/** Runs a program in this page. Unless `timers` is `'running'`, the page's timers do not fire from then on. */
export async function run<T>(
  program: () => Promise<T>,
  { timers = 'stopped' }: { timers?: 'stopped' | 'running' } = {},
): Promise<Outcome<T>> {
  const account = frameAccount();
  const delays = timers === 'stopped' ? stopTimers() : [];
  if (timers === 'running') flattenTimers();
  let paintedCount = 0;
  const count = (): void => {
    paintedCount++;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  const before = document.visibilityState;
  const result = await program();
  return {
    result,
    visibility: [before, document.visibilityState],
    paintedCount,
    delays: [...new Set(delays)],
    open: account.stillOpen(),
  };
}

/** Resolves in a later task. */
export function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
