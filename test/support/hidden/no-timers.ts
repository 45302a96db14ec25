/** Replacements of the timers of a page or a worker: timers that never fire, and timers that are never nested. */

/**
 * Replaces the timers of this thread by timers that never fire. A browser may delay a timer of a hidden tab by a minute, so
 * progress that depends on a timer stops here.
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
 * Makes each timer of this thread call back in a task that it posts. In a hidden tab, a browser slows timers that are set in the
 * task of another timer to one a minute. The tests' own decoders set such timers.
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
