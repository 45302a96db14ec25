/** The heap's peak, buffers included, as Chromium tells it. */

/** Chromium's own; with `--enable-precise-memory-info` it is neither rounded nor old. */
interface MemoryInfo {
  readonly usedJSHeapSize: number;
}

const INTERVAL_MS = 2;

/** MB that the heap grew by at its highest, over what it was before. */
export async function peakOfHeap(work: () => Promise<unknown>): Promise<number> {
  const { memory } = performance as unknown as { readonly memory?: MemoryInfo };
  if (memory === undefined) throw new Error('this browser does not tell the size of its heap');
  const used = (): number => (performance as unknown as { memory: MemoryInfo }).memory.usedJSHeapSize;
  const before = used();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, used());
  }, INTERVAL_MS);
  await work();
  peak = Math.max(peak, used());
  clearInterval(timer);
  return Math.max(peak - before, 1) / 1e6;
}
