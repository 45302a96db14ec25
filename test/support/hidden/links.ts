/** Lending of frames from a hidden page to a worker. */
import type { FrameHandle, Storage } from '../../../src/index.ts';
import { connectPool, memoryStorage, VideoFramePool } from '../../../src/index.ts';
import { copyAndClose } from '../copying.ts';
import { colourFrame } from '../frames.ts';
import { run } from './program.ts';

const FRAMES = 300;
const CAPACITY = 2;

const isReport = (data: unknown): data is { times: number[]; delays: number[] } =>
  typeof data === 'object' && data !== null && 'times' in data;

/** Lends the frames that `make` makes in a pool, and returns the counts of the worker and the listener. */
async function lend<S extends Storage>(
  pool: VideoFramePool<S>,
  make: (timestamp: number) => Promise<FrameHandle<S>>,
): Promise<{ received: number; notices: number; delays: readonly number[]; end: string }> {
  const worker = new Worker(new URL('./holder-worker.ts', import.meta.url), { type: 'module' });
  const reported = new Promise<{ times: number[]; delays: number[] }>((resolve) => {
    worker.addEventListener('message', ({ data }) => {
      if (isReport(data)) resolve(data);
    });
  });
  let notices = 0;
  pool.setListener(() => notices++);
  const link = connectPool(pool, worker);
  for (let index = 0; index < FRAMES; index++) await link.send(await make(index));
  link.close();
  const end = await link.closed;
  const { times, delays } = await reported;
  worker.terminate();
  pool.assertNoLeaks();
  const inOrder = times.every((time, index) => time === index);
  return { received: inOrder ? times.length : NaN, notices, delays, end };
}

export const lendDecoded = () =>
  run(() => {
    const pool = new VideoFramePool({ capacity: CAPACITY });
    return lend(pool, async (timestamp) => {
      const permit = await pool.reserve();
      return permit.adopt(colourFrame([1, 2, 3], { timestamp }));
    });
  });

export const lendMemory = () =>
  run(() => {
    const storage = memoryStorage({ format: 'RGBA', codedWidth: 64, codedHeight: 48 });
    const pool = new VideoFramePool({ capacity: CAPACITY, storage });
    return lend(pool, (timestamp) => copyAndClose(pool, colourFrame([1, 2, 3], { timestamp })));
  });
