/** Timers of a page or a worker that never fire, or that are never nested. */

/**
 * Replaces the timers of this thread. A browser may delay a timer of a hidden tab for a minute, so progress that needs a timer
 * stops here.
 *
 * @returns The delays of all timers that are set from now on, in ms.
 */
export function stopTimers(): readonly number[] {
  const delays: number[] = [];
  const set = (_: unknown, ms = 0): number => delays.push(ms);
  Object.assign(globalThis, { setTimeout: set, setInterval: set });
  return delays;
}

/**
 * Makes each timer of this thread call back in a task that it posts. A browser slows down timers that are set in the task of another
 * timer, such as those of the tests' own decoders, to one a minute in a hidden tab.
 */
export function flattenTimers(): void {
  const { setTimeout: set } = globalThis;
  const { port1, port2 } = new MessageChannel();
  const due = new Map<number, () => void>();
  let last = 0;
  port1.onmessage = ({ data }: MessageEvent<number>) => {
    const callback = due.get(data);
    due.delete(data);
    callback?.();
  };
  Object.assign(globalThis, {
    setTimeout(callback: () => void, ms?: number): number {
      const id = ++last;
      due.set(id, callback);
      set(() => port2.postMessage(id), ms);
      return id;
    },
    clearTimeout: (id: number) => due.delete(id),
  });
}
