/** Writing of a file in a hidden page, and reading it back. */
import { BufferTarget, Mp4OutputFormat, WebMOutputFormat } from 'mediabunny';
import { VideoFramePool } from '../../../src/index.ts';
import { FrameWriter, openVideo } from '../../../src/media/index.ts';
import { run } from './program.ts';

const FRAMES = 90;
/** In µs. */
const INTERVAL = 33_333;

const FORMATS = {
  'VP8 in WebM': { codec: 'vp8', make: () => new WebMOutputFormat() },
  'AV1 in MP4': { codec: 'av1', make: () => new Mp4OutputFormat() },
} as const;

export const writeVideo = (name: keyof typeof FORMATS) =>
  run(async () => {
    const { codec, make } = FORMATS[name];
    const target = new BufferTarget();
    const writer = new FrameWriter({ format: make(), target, capacity: 1 });
    const stream = await writer.addVideoStream({ codec, width: 320, height: 180 });
    await writer.beginWriting();
    for (let index = 0; index < FRAMES; index++) {
      const sample = await writer.allocateSample(stream);
      if ('context' in sample) sample.context.fillRect(index, 0, 20, 20);
      await writer.writeSample(stream, sample, { timestamp: index * INTERVAL });
    }
    await writer.finalize();
    const pool = new VideoFramePool({ capacity: 2 });
    const reader = await openVideo(new Blob([target.buffer ?? new ArrayBuffer()]));
    let count = 0;
    for await (const handle of reader.frames({ pool })) {
      count++;
      handle.release();
    }
    await reader.close();
    pool.assertNoLeaks();
    return { count };
  });
