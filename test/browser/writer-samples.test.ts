/** What is written comes out of the file again: samples of every kind, whoever owns them, and pictures that change on the way. */
import { Mp4OutputFormat } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import type { MemoryFormat, MemoryStorage } from '../../src/index.ts';
import { canvasStorage, memoryStorage, VideoFramePool } from '../../src/index.ts';
import type { WriterSizeChange } from '../../src/media/index.ts';
import { trackOfBlob } from '../support/packets.ts';
import { readBack } from '../support/probe-files.ts';
import { drawNumber, numberedFrame, numberedPlanes } from '../support/probe-pictures.ts';
import { coloursAt, copiedInto, FRAME_US, numbersOf, timesFrom } from '../support/writer-samples.ts';
import { filled, HEIGHT, put, WIDTH, writingTo } from '../support/writing.ts';

/** So many that some wait for the encoder while the next are drawn. */
const COUNT = 12;

describe('allocateSample() [C: AllocateSample]', () => {
  test('lends canvases whose pictures stay as they were written, though the same few are drawn on again and again [C12]', async () => {
    const { writer, file } = await writingTo(undefined, {}, { capacity: 2 });
    const canvases = new Set<OffscreenCanvas>();
    for (let number = 0; number < COUNT; number++) {
      const sample = await writer.allocateSample(0);
      canvases.add(sample.canvas as OffscreenCanvas);
      drawNumber(sample.context, number);
      void writer.writeSample(0, sample, { timestamp: number * FRAME_US });
      sample.release();
    }
    await writer.finalize();
    // At least one was reused, or this would show nothing.
    expect(canvases.size).toBeLessThanOrEqual(2);
    expect(await numbersOf(file())).toEqual(timesFrom(0, COUNT));
  });

  test('a context that was kept aside draws on a slot that is free again, and spoils nothing [C12] [edge 4]', async () => {
    const { writer, file } = await writingTo(undefined, {}, { capacity: COUNT });
    const kept: OffscreenCanvasRenderingContext2D[] = [];
    const writes: Promise<void>[] = [];
    for (let number = 0; number < COUNT; number++) {
      const sample = await writer.allocateSample(0);
      drawNumber(sample.context, number);
      kept.push(sample.context);
      writes.push(writer.writeSample(0, sample, { timestamp: number * FRAME_US }));
    }
    // Some are inside the encoder, some wait for it.
    expect(writer.getStatistics(0).waitingCount).toBeGreaterThan(0);
    for (const context of kept) drawNumber(context, 99);
    await Promise.all(writes);
    for (const context of kept) drawNumber(context, 100);
    await writer.finalize();
    expect(await numbersOf(file())).toEqual(timesFrom(0, COUNT));
  });

  test.each<MemoryFormat>(['I420', 'NV12', 'RGBA', 'BGRX'])(
    'lends memory of %s, whose pictures stay as they were written',
    async (format) => {
      const { writer, file } = await writingTo(undefined, { sample: format }, { capacity: 2 });
      for (let number = 0; number < COUNT; number++) {
        const sample = await writer.allocateSample<MemoryStorage>(0);
        expect(sample.format).toBe(format);
        await copiedInto(sample, number);
        void writer.writeSample(0, sample, { timestamp: number * FRAME_US });
        sample.release();
      }
      await writer.finalize();
      expect(await numbersOf(file())).toEqual(timesFrom(0, COUNT));
    },
  );

  test('memory that was kept aside spoils nothing [C12]', async () => {
    const { writer, file } = await writingTo(undefined, { sample: 'I420' }, { capacity: COUNT });
    const kept: Uint8Array[] = [];
    const writes: Promise<void>[] = [];
    for (let number = 0; number < COUNT; number++) {
      const sample = await writer.allocateSample<MemoryStorage>(0);
      await copiedInto(sample, number);
      kept.push(sample.data);
      writes.push(writer.writeSample(0, sample, { timestamp: number * FRAME_US }));
    }
    const { waitingCount } = writer.getStatistics(0);
    expect(waitingCount).toBeGreaterThan(0);
    // What came home was moved, and views of it are empty.
    const whole = kept.filter(({ length }) => length > 0);
    expect(whole.length).toBe(waitingCount);
    for (const data of whole) data.fill(0);
    await Promise.all(writes);
    await writer.finalize();
    expect(await numbersOf(file())).toEqual(timesFrom(0, COUNT));
  });
});

describe('writeSample() [C: WriteSample]', () => {
  test('takes handles of every storage, which stay readable until their holder releases them [C12]', async () => {
    const { writer, file } = await writingTo();
    const size = { width: WIDTH, height: HEIGHT };
    const decoded = new VideoFramePool({ capacity: 1 });
    const canvases = new VideoFramePool({ capacity: 1, storage: canvasStorage(size) });
    const memory = new VideoFramePool({
      capacity: 1,
      storage: memoryStorage({ format: 'RGBA', codedWidth: WIDTH, codedHeight: HEIGHT }),
    });
    const frame = (number: number): VideoFrame => numberedFrame(number, { timestamp: number * FRAME_US });
    for (let number = 0; number < COUNT; number += 3) {
      const handles = [
        decoded.adopt(frame(number)),
        await canvases.capture(frame(number + 1)),
        await memory.capture(frame(number + 2)),
      ];
      await Promise.all(handles.map((handle) => writer.writeSample(0, handle)));
      for (const handle of handles) {
        expect(handle.released).toBe(false);
        const again = handle.toVideoFrame();
        expect(again.codedWidth).toBeGreaterThan(0);
        again.close();
        handle.release();
      }
    }
    await writer.finalize();
    expect([decoded.lentCount, canvases.lentCount, memory.lentCount]).toEqual([0, 0, 0]);
    expect(await numbersOf(file())).toEqual(timesFrom(0, COUNT));
  });

  test('writes one handle more than once, at different times: it is spent only where the writer lent it', async () => {
    const { writer, file } = await writingTo();
    const pool = new VideoFramePool({ capacity: 1 });
    const handle = pool.adopt(numberedFrame(7, { timestamp: 0 }));
    for (let number = 0; number < 3; number++)
      await writer.writeSample(0, handle, { timestamp: number * FRAME_US });
    handle.release();
    await writer.finalize();
    expect(pool.lentCount).toBe(0);
    expect(await numbersOf(file())).toEqual(timesFrom(0, 3).map(([, time]) => [7, time]));
  });

  test('a handle that was released in the same line keeps its picture until that is encoded', async () => {
    const { writer, file } = await writingTo(undefined, {}, { throttle: true });
    const pool = new VideoFramePool({ capacity: COUNT });
    const writes: Promise<void>[] = [];
    for (let number = 0; number < COUNT; number++) {
      const handle = pool.adopt(numberedFrame(number, { timestamp: number * FRAME_US }));
      writes.push(writer.writeSample(0, handle));
      handle.release();
    }
    // The writer's own shares: as many as wait for the encoder.
    expect(pool.lentCount).toBe(writer.getStatistics(0).waitingCount);
    expect(pool.lentCount).toBeGreaterThan(0);
    await Promise.all(writes);
    expect(pool.lentCount).toBe(0);
    await writer.finalize();
    expect(await numbersOf(file())).toEqual(timesFrom(0, COUNT));
  });

  test('takes the first time as it is, and says both times of one that is not above the last', async () => {
    const { writer, file } = await writingTo();
    const first = 5_000_000;
    await put(writer, numberedFrame(1, { timestamp: first }));
    for (const wrong of [first, first - 1, 0]) {
      await expect(put(writer, numberedFrame(2, { timestamp: wrong }))).rejects.toMatchObject({
        name: 'RangeError',
        message: expect.stringMatching(new RegExp(`\\b${first} µs.*\\b${wrong}\\b`, 'u')) as string,
      });
    }
    await put(writer, numberedFrame(2, { timestamp: first + FRAME_US }));
    await writer.finalize();
    expect(await numbersOf(file())).toEqual([
      [1, first],
      [2, first + FRAME_US],
    ]);
  });

  test('info says when a sample is shown, for how long, and that it is a key frame; the frame stays as it was', async () => {
    const { writer, file } = await writingTo(new Mp4OutputFormat(), {
      codec: 'avc',
      keyFrameInterval: Infinity,
    });
    const frame = numberedFrame(3, { timestamp: 123, duration: 456 });
    await writer.writeSample(0, frame, { timestamp: 1_000_000, duration: 250_000 });
    await writer.writeSample(0, frame, { timestamp: 1_250_000, duration: 250_000 });
    await writer.writeSample(0, frame, { timestamp: 1_500_000, duration: 500_000, keyFrame: true });
    expect([frame.timestamp, frame.duration]).toEqual([123, 456]);
    frame.close();
    await writer.finalize();
    const { pictures } = await readBack(file());
    expect(pictures.map(({ timestamp, duration }) => [timestamp, duration])).toEqual([
      [1_000_000, 250_000],
      [1_250_000, 250_000],
      [1_500_000, 500_000],
    ]);
    const { chunks } = await trackOfBlob(file());
    expect(chunks.map(({ type }) => type)).toEqual(['key', 'delta', 'key']);
  });
});

describe('a picture of another size [D: AddStream]', () => {
  /** Four pictures, of which the third and fourth are of another size and shape. */
  const written = async (sizeChange: WriterSizeChange): Promise<{ ends: string[]; file: Blob }> => {
    const { writer, file } = await writingTo(undefined, { sizeChange, keyFrameInterval: Infinity });
    const ends: string[] = [];
    for (let number = 0; number < 6; number++) {
      const size = number === 2 || number === 3 ? { width: 480, height: 480 } : {};
      const frame = numberedFrame(number, { timestamp: number * FRAME_US, ...size });
      ends.push(
        await put(writer, frame).then(
          () => 'taken',
          (error: Error) => error.name,
        ),
      );
    }
    await writer.finalize();
    return { ends, file: file() };
  };

  test('is refused where that was asked for, and the others are whole', async () => {
    const { ends, file } = await written('refuse');
    expect(ends).toEqual(['taken', 'taken', 'RangeError', 'RangeError', 'taken', 'taken']);
    expect((await numbersOf(file)).map(([number]) => number)).toEqual([0, 1, 4, 5]);
  });

  test('goes on in its own size, and back, where that was asked for', async () => {
    const { ends, file } = await written('reencode');
    expect(ends).toEqual(Array.from({ length: 6 }, () => 'taken'));
    expect(await numbersOf(file)).toEqual(timesFrom(0, 6));
  });

  test('is scaled whole into the middle, with bars where the shapes differ', async () => {
    const { writer, file } = await writingTo(undefined, { sizeChange: 'scale', bitrate: 4_000_000 });
    await put(writer, filled('red', 0, 90, 90));
    await writer.finalize();
    // A square of the stream's height, so 70 pixels are left on each side.
    const colours = await coloursAt(file(), [20, 160, 300], HEIGHT / 2);
    expect(colours.map((colour) => colour.map((value) => value > 128))).toEqual([
      [false, false, false],
      [true, false, false],
      [false, false, false],
    ]);
  });

  test('is scaled so that all of it is seen', async () => {
    const { writer, file } = await writingTo(undefined, { sizeChange: 'scale', bitrate: 4_000_000 });
    await put(writer, numberedFrame(0, { timestamp: 0 }));
    // Twice as large, in the same shape: the number fills the width and is read as before.
    await put(writer, numberedFrame(1, { timestamp: FRAME_US, width: WIDTH * 2, height: HEIGHT * 2 }));
    await put(writer, numberedFrame(2, { timestamp: 2 * FRAME_US, width: WIDTH / 2, height: HEIGHT / 2 }));
    await writer.finalize();
    expect(await numbersOf(file())).toEqual(timesFrom(0, 3));
  });
});

describe('pictures of another format in mid-stream [D: AddStream]', () => {
  test.each(['scale', 'refuse', 'reencode'] as const)(
    "stay whole with sizeChange '%s'",
    async (sizeChange) => {
      const told: unknown[] = [];
      const { writer, file } = await writingTo(
        undefined,
        { sizeChange, bitrate: 4_000_000 },
        { callbacks: { onFormatChange: (...what) => told.push(what) } },
      );
      const colorSpace = {
        primaries: 'bt709',
        transfer: 'bt709',
        matrix: 'bt709',
        fullRange: false,
      } as const;
      const ends: string[] = [];
      for (let number = 0; number < 8; number++) {
        const timestamp = number * FRAME_US;
        // Planes, then a canvas, two by two.
        const frame =
          number % 4 < 2
            ? numberedPlanes(number, { timestamp }, { colorSpace })
            : numberedFrame(number, { timestamp });
        ends.push(
          await put(writer, frame).then(
            () => 'taken',
            (error: Error) => error.name,
          ),
        );
      }
      await writer.finalize();
      const taken = ends.flatMap((end, number) => (end === 'taken' ? [number] : []));
      // What would have to be drawn anew is refused, where that was asked for, and nothing else ever is.
      expect(taken).toEqual(sizeChange === 'refuse' ? [0, 1, 4, 5] : [0, 1, 2, 3, 4, 5, 6, 7]);
      expect((await numbersOf(file())).map(([number]) => number)).toEqual(taken);
      expect(told).toEqual([]);
    },
  );
});
