/** Ours, from a file: `openVideo()`. Compared with mediabunny, which reads the same file. */
import { VideoFramePool } from '../../../../src/index.ts';
import type { OpenVideoOptions } from '../../../../src/media/index.ts';
import { openVideo } from '../../../../src/media/index.ts';
import type { Side } from '../side.ts';
import { FILE_CAPACITY, takeAll } from '../side.ts';

/** The file is opened, and its worker started if there is one, before the clock runs, like mediabunny's file. */
export const readerSide = (name: string, options: OpenVideoOptions): Side => ({
  name,
  from: 'file',
  rival: null,
  async prepare({ blob }, { pauseMs } = {}) {
    const pool = new VideoFramePool({ capacity: FILE_CAPACITY });
    const file = await openVideo(blob, options);
    return () => takeAll(file.frames({ pool }), (handle) => handle.release(), pauseMs);
  },
});

export const side = readerSide('openVideo().frames()', {});
