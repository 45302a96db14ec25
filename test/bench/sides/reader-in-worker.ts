/** Ours, from a file, read and decoded in a worker. To be held against the same in the window. */
import { VideoFramePool } from '../../../src/index.ts';
import type { FrameHandle } from '../../../src/index.ts';
import { openVideo } from '../../../src/media/index.ts';
import type { Side } from './side.ts';
import { App, FILE_CAPACITY } from './side.ts';

/** Makes the worker of one reader. */
export const worker = (): Worker =>
  new Worker(new URL('../../../src/media/worker/entry.ts', import.meta.url), { type: 'module' });

/** The worker is made, and the file opened, before the clock runs. */
export const readerInWorker: Side = {
  name: 'openVideo({ worker }).frames()',
  from: 'file',
  rival: null,
  async prepare({ blob }, { pauseMs } = {}) {
    const pool = new VideoFramePool({ capacity: FILE_CAPACITY });
    const file = await openVideo(blob, { worker });
    return () => {
      const app = new App((handle: FrameHandle) => handle.release());
      return app.takeAll(file.frames({ pool }), pauseMs);
    };
  },
};
