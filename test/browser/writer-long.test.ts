/** Long video in bounded memory, and a writer without references. */
import type { StreamTargetChunk } from 'mediabunny';
import { StreamTarget, WebMOutputFormat } from 'mediabunny';
import { expect, onTestFinished, test, vi } from 'vitest';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import type { FrameWriter } from '../../src/media/index.ts';
import { allowCollection, collect, livePictures, takePeak } from '../support/accounting.ts';
import { copyAndClose } from '../support/copying.ts';
import { FRAME_US, HEIGHT, picture, putAll, WIDTH, writing } from '../support/writer/making.ts';

test('ten thousand pictures are written in bounded memory, within the capacity', async () => {
  const PICTURES = 10_000;
  const CAPACITY = 3;
  let bytes = 0;
  const counted = new WritableStream<StreamTargetChunk>({
    write: ({ data }) => void (bytes += data.byteLength),
  });
  const options = { target: new StreamTarget(counted), capacity: CAPACITY };
  const format = new WebMOutputFormat({ appendOnly: true });
  const { writer } = await writing(options, { bitrate: 100_000 }, format);
  takePeak();
  const most = { lent: 0, queue: 0, waiting: 0 };
  for (let number = 0; number < PICTURES; number++) {
    const sample = await writer.allocateSample(0);
    sample.context.fillRect(number % WIDTH, 0, 1, HEIGHT);
    // Not awaited: `allocateSample()` is the backpressure.
    void writer.writeSample(0, sample, { timestamp: number * FRAME_US });
    const { lentCount, queueSize, waitingCount, encoderDelay } = writer.getStatistics(0);
    most.lent = Math.max(most.lent, lentCount);
    most.queue = Math.max(most.queue, queueSize - encoderDelay);
    most.waiting = Math.max(most.waiting, waitingCount);
  }
  await writer.finalize();
  expect(writer.getStatistics(0)).toMatchObject({ written: PICTURES, dropped: 0 });
  expect(bytes).toBeGreaterThan(PICTURES * 10);
  expect(most.lent).toBe(CAPACITY);
  expect(most.queue).toBeLessThanOrEqual(6);
  expect(most.waiting).toBeLessThanOrEqual(CAPACITY);
  // A snapshot for each slot that waits, and one that is entering the encoder.
  expect(takePeak()).toBeLessThanOrEqual(CAPACITY + 2);
});

/** Leaves an unreferenced writer with samples lent and written. */
async function forget(pool: VideoFramePool<ReturnType<typeof canvasStorage>>): Promise<WeakRef<FrameWriter>> {
  const { writer } = await writing({ capacity: 2 });
  await writer.allocateSample(0);
  putAll(writer, 20);
  const handle = await copyAndClose(pool, picture(20));
  void writer.writeSample(0, handle);
  handle.release();
  void writer.placeMarker(0, 'never heard');
  return new WeakRef(writer);
}

test('a forgotten writer releases everything [edge 16]', async () => {
  const pool = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: WIDTH, height: HEIGHT }) });
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warned.mockRestore());
  const forgotten = await forget(pool);
  await expect.poll(() => pool.lentCount).toBe(0);
  await expect.poll(() => collect().then(() => forgotten.deref())).toBeUndefined();
  expect(livePictures()).toBe(0);
  const warning = expect.stringContaining('recovered a frame that was never released') as string;
  expect(warned).toHaveBeenCalledExactlyOnceWith(warning);
  pool.close();
  allowCollection();
});
