// @ts-check
/** The tasks of a page's main thread, from the browser's own trace. */

/** Marks on the page between which tasks count; they also tell which thread is the page's. */
export const BEGIN = 'bench: trace begins';
export const END = 'bench: trace ends';

const CATEGORIES = ['disabled-by-default-devtools.timeline', 'blink.user_timing', '__metadata'];

/**
 * Lets a page begin and end a trace: `beginTrace()`, and `endTrace()`, which gives the milliseconds of each task.
 * @param {import('playwright').Browser} browser
 * @param {import('playwright').Page} page
 */
export async function offerTraces(browser, page) {
  await page.exposeFunction('beginTrace', () => browser.startTracing(page, { categories: CATEGORIES }));
  await page.exposeFunction('endTrace', async () => tasksOf(await browser.stopTracing()));
}

/**
 * By the time that a task had the processor: with software codecs on few cores a thread often waits for one.
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
