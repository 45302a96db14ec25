/** The heap, buffers included, as Chromium tells it. */

/** Chromium's own; with `--enable-precise-memory-info` it is neither rounded nor old. */
interface MemoryInfo {
  readonly usedJSHeapSize: number;
}

const INTERVAL_MS = 2;

/** Bytes in use, garbage that is not collected yet included. */
export function usedHeap(): number {
  const { memory } = performance as unknown as { readonly memory?: MemoryInfo };
  if (memory === undefined) throw new Error('this browser does not tell the size of its heap');
  return memory.usedJSHeapSize;
}

/** MB that the heap grew by at its highest, over what it was before. */
export async function peakOfHeap(work: () => Promise<unknown>): Promise<number> {
  const before = usedHeap();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, usedHeap());
  }, INTERVAL_MS);
  await work();
  peak = Math.max(peak, usedHeap());
  clearInterval(timer);
  return Math.max(peak - before, 1) / 1e6;
}
