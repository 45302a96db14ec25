// @ts-check
/** What a page allocates, from the browser's own sampling of its heap. */

/** Bytes between two samples, on average: a frame's few hundred are met often enough, and the page stays fast. */
const INTERVAL_BYTES = 512;

/**
 * Lets a page begin and end the sampling: `beginAllocations()`, and `endAllocations()`, which gives the bytes.
 * @param {import('playwright').Page} page
 */
export async function offerAllocations(page) {
  const session = await page.context().newCDPSession(page);
  await page.exposeFunction('beginAllocations', () =>
    session.send('HeapProfiler.startSampling', {
      samplingInterval: INTERVAL_BYTES,
      // Garbage is what is looked for.
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    }),
  );
  await page.exposeFunction('endAllocations', async () => {
    const { profile } = await session.send('HeapProfiler.stopSampling');
    return sizeOf(profile.head);
  });
}

/**
 * @typedef {{ selfSize: number, children: readonly Node[] }} Node
 * @param {Node} node
 * @returns {number}
 */
const sizeOf = ({ selfSize, children }) => children.reduce((sum, child) => sum + sizeOf(child), selfSize);
