// @ts-check
/** Functions that run.mjs offers to a page: the bytes that it allocates, and the tasks of its main thread. */

/** Bytes between two samples, on average: often enough for a frame's few hundred bytes, and the page stays fast. */
const INTERVAL_BYTES = 512;

/** Marks on the page between which tasks count; they also identify the page's thread. */
export const BEGIN = 'bench: trace begins';
export const END = 'bench: trace ends';

const CATEGORIES = ['disabled-by-default-devtools.timeline', 'blink.user_timing', '__metadata'];

/**
 * `beginAllocations()` and `endAllocations()`, from the browser's own sampling of its heap; `beginTrace()` and `endTrace()`,
 * from its own trace.
 * @param {import('playwright').Browser} browser
 * @param {import('playwright').Page} page
 */
export async function offerProbes(browser, page) {
  const session = await page.context().newCDPSession(page);
  await page.exposeFunction('beginAllocations', () =>
    session.send('HeapProfiler.startSampling', {
      samplingInterval: INTERVAL_BYTES,
      // The measure is garbage.
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    }),
  );
  await page.exposeFunction('endAllocations', async () => {
    const { profile } = await session.send('HeapProfiler.stopSampling');
    return sizeOf(profile.head);
  });
  await page.exposeFunction('beginTrace', () => browser.startTracing(page, { categories: CATEGORIES }));
  await page.exposeFunction('endTrace', async () => tasksOf(await browser.stopTracing()));
}

/**
 * @typedef {{ selfSize: number, children: readonly Node[] }} Node
 * @param {Node} node
 * @returns {number}
 */
const sizeOf = ({ selfSize, children }) => children.reduce((sum, child) => sum + sizeOf(child), selfSize);

/**
 * Milliseconds of processor time of each task: with software codecs on few cores a thread often waits for a core.
 * @param {Buffer} trace
 */
function tasksOf(trace) {
  /** @type {{ name: string, pid: number, tid: number, ts: number, tdur?: number }[]} */
  const events = JSON.parse(trace.toString()).traceEvents;
  const begin = events.find(({ name }) => name === BEGIN);
  const end = events.find(({ name }) => name === END);
  if (begin === undefined || end === undefined) throw new Error('the trace lacks its marks');
  const tasks = events.filter(
    ({ name, pid, tid, ts }) =>
      name === 'RunTask' && pid === begin.pid && tid === begin.tid && ts >= begin.ts && ts <= end.ts,
  );
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  return tasks.map(({ tdur = 0 }) => tdur / 1000);
}
