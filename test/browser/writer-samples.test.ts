/** Samples of every kind and owner, and changing pictures: the file has the pictures that were written. */
import { describe, expect, test } from 'vitest';
import type {
  BufferStorage,
  CanvasStorage,
  FrameHandle,
  MemoryFormat,
  MemoryStorage,
} from '../../src/index.ts';
import { canvasStorage, memoryStorage, VideoFramePool } from '../../src/index.ts';
import type { FrameWriter, WriterSizeChange } from '../../src/media/index.ts';
import { copyAndClose } from '../support/copying.ts';
import { trackOfBlob } from '../support/packets.ts';
import { begun, coloursOf, numbersOf, readBack } from '../support/probe-files.ts';
import { kindOf } from '../support/probe-kinds.ts';
import { drawNumber, numberedFrame, numberedPlanes } from '../support/probe-pictures.ts';
import { outcomeOf } from '../support/streams.ts';
import type { Made } from '../support/writer/making.ts';
import { filled, FRAME_US, timesOf, write } from '../support/writer/making.ts';

const WIDTH = 320;
const HEIGHT = 180;

const WEBM = kindOf('WebM');

/** Number of samples: so large that some wait for the encoder while others are drawn. */
const COUNT = 12;

/** Fills memory with a numbered picture of its size and format; formats with chroma get a grey one. */
async function copiedInto(sample: FrameHandle<MemoryStorage>, number: number): Promise<void> {
  const { data, layout, format, codedWidth: width, codedHeight: height } = sample;
  const isColoured = format.startsWith('RGB') || format.startsWith('BGR');
  const shape = { timestamp: 0, width, height };
  const frame = isColoured ? numberedFrame(number, shape) : numberedPlanes(number, shape, {});
  if (isColoured) {
    await frame.copyTo(data, { layout: [...layout], format: format as VideoPixelFormat });
  } else {
    const planes = new Uint8Array(frame.allocationSize());
    await frame.copyTo(planes);
    // Luma is the first plane of every such format; the rest of a grey picture is one value.
    data.fill(128);
    data.set(planes.subarray(0, width * height), layout[0]?.offset);
  }
  frame.close();
}

/** A file shows this many pictures at the even rate, each with its own number. */
const expectNumbers = async ({ file }: Made, count: number): Promise<void> =>
  expect(await numbersOf(await file())).toEqual([...timesOf(count).entries()]);

/** The outcome of writing each frame, one after the other. */
async function outcomesOf(writer: FrameWriter, frames: readonly VideoFrame[]): Promise<unknown[]> {
  const ends: unknown[] = [];
  for (const frame of frames) ends.push(await outcomeOf(write(writer, frame)));
  return ends;
}

/** The frame of this number and its time. */
const frameOf = (number: number, size: { width?: number; height?: number } = {}): VideoFrame =>
  numberedFrame(number, { timestamp: number * FRAME_US, ...size });

describe('allocateSample() [C: AllocateSample]', () => {
  type Draw<S extends BufferStorage> = (sample: FrameHandle<S>, number: number) => unknown;

  /** Draws, writes and releases one sample after the other. */
  const writeInTurn = async <S extends BufferStorage>({ writer }: Made, draw: Draw<S>): Promise<void> => {
    for (let number = 0; number < COUNT; number++) {
      using sample = await writer.allocateSample<S>(0);
      await draw(sample, number);
      void writer.writeSample(0, sample, { timestamp: number * FRAME_US });
    }
  };

  /** Lends and draws all samples before the first is written: some are inside the encoder then, and some wait for it. */
  const writeAtOnce = async <S extends BufferStorage>({ writer }: Made, draw: Draw<S>) => {
    const samples: FrameHandle<S>[] = [];
    for (let number = 0; number < COUNT; number++) {
      const sample = await writer.allocateSample<S>(0);
      await draw(sample, number);
      samples.push(sample);
    }
    return samples.map((sample, number) => writer.writeSample(0, sample, { timestamp: number * FRAME_US }));
  };

  test('lends canvases whose written pictures survive later drawing [C12]', async () => {
    const all = await begun(WEBM, {}, { capacity: 2 });
    const canvases = new Set<OffscreenCanvas>();
    await writeInTurn<CanvasStorage>(all, ({ canvas, context }, number) => {
      canvases.add(canvas);
      drawNumber(context, number);
    });
    await expectNumbers(all, COUNT);
    // At least one was reused; otherwise this would prove nothing.
    expect(canvases.size).toBeLessThanOrEqual(2);
  });

  test('a retained context draws on a slot that is free again, and damages no picture [C12] [edge 4]', async () => {
    const all = await begun(WEBM, {}, { capacity: COUNT });
    const kept: OffscreenCanvasRenderingContext2D[] = [];
    const writes = await writeAtOnce<CanvasStorage>(all, ({ context }, number) => {
      drawNumber(context, number);
      kept.push(context);
    });
    expect(all.writer.getStatistics(0).waitingCount).toBeGreaterThan(0);
    for (const context of kept) drawNumber(context, 99);
    await Promise.all(writes);
    for (const context of kept) drawNumber(context, 100);
    await expectNumbers(all, COUNT);
  });

  test.each<MemoryFormat>(['I420', 'NV12', 'RGBA', 'BGRX'])(
    'lends memory of %s, whose pictures stay as they were written',
    async (format) => {
      const all = await begun(WEBM, { sample: format }, { capacity: 2 });
      await writeInTurn<MemoryStorage>(all, async (sample, number) => {
        expect(sample.format).toBe(format);
        await copiedInto(sample, number);
      });
      await expectNumbers(all, COUNT);
    },
  );

  test('retained memory damages no picture [C12]', async () => {
    const all = await begun(WEBM, { sample: 'I420' }, { capacity: COUNT });
    const kept: Uint8Array[] = [];
    const writes = await writeAtOnce<MemoryStorage>(all, async (sample, number) => {
      await copiedInto(sample, number);
      kept.push(sample.data);
    });
    const { waitingCount } = all.writer.getStatistics(0);
    expect(waitingCount).toBeGreaterThan(0);
    // Memory that was returned was moved, and views of it are empty.
    const whole = kept.filter(({ length }) => length > 0);
    expect(whole.length).toBe(waitingCount);
    for (const data of whole) data.fill(0);
    await Promise.all(writes);
    await expectNumbers(all, COUNT);
  });
});

describe('writeSample() [C: WriteSample]', () => {
  test('accepts handles of every storage, which stay readable until released [C12]', async () => {
    const all = await begun(WEBM);
    const decoded = new VideoFramePool({ capacity: 1 });
    const canvas = canvasStorage({ width: WIDTH, height: HEIGHT });
    const canvases = new VideoFramePool({ capacity: 1, storage: canvas });
    const rgba = memoryStorage({ format: 'RGBA', codedWidth: WIDTH, codedHeight: HEIGHT });
    const memory = new VideoFramePool({ capacity: 1, storage: rgba });
    for (let number = 0; number < COUNT; number += 3) {
      const handles = [
        decoded.adopt(frameOf(number)),
        await copyAndClose(canvases, frameOf(number + 1)),
        await copyAndClose(memory, frameOf(number + 2)),
      ];
      await Promise.all(handles.map((handle) => all.writer.writeSample(0, handle)));
      for (const handle of handles) {
        expect(handle.released).toBe(false);
        const again = handle.toVideoFrame();
        expect(again.codedWidth).toBeGreaterThan(0);
        again.close();
        handle.release();
      }
    }
    await expectNumbers(all, COUNT);
    expect([decoded.lentCount, canvases.lentCount, memory.lentCount]).toEqual([0, 0, 0]);
  });

  test('writes one handle several times; only a sample of the writer is spent', async () => {
    const { writer, file } = await begun(WEBM);
    const pool = new VideoFramePool({ capacity: 1 });
    const handle = pool.adopt(numberedFrame(7, { timestamp: 0 }));
    for (const timestamp of timesOf(3)) await writer.writeSample(0, handle, { timestamp });
    handle.release();
    expect(await numbersOf(await file())).toEqual(timesOf(3).map((timestamp) => [7, timestamp]));
    expect(pool.lentCount).toBe(0);
  });

  test('a handle released right after the write keeps its picture until it is encoded', async () => {
    const all = await begun(WEBM, {}, { throttle: true });
    const pool = new VideoFramePool({ capacity: COUNT });
    const writes = Array.from({ length: COUNT }, (_, number) => {
      using handle = pool.adopt(frameOf(number));
      return all.writer.writeSample(0, handle);
    });
    // The writer's own shares: as many as wait for the encoder.
    expect(pool.lentCount).toBe(all.writer.getStatistics(0).waitingCount);
    expect(pool.lentCount).toBeGreaterThan(0);
    await Promise.all(writes);
    expect(pool.lentCount).toBe(0);
    await expectNumbers(all, COUNT);
  });

  test('accepts any first time, and reports both times of one that is not above the last', async () => {
    const { writer, file } = await begun(WEBM);
    const first = 5_000_000;
    await write(writer, numberedFrame(1, { timestamp: first }));
    for (const wrong of [first, first - 1, 0]) {
      await expect(write(writer, numberedFrame(2, { timestamp: wrong }))).rejects.toMatchObject({
        name: 'RangeError',
        message: expect.stringMatching(new RegExp(`\\b${first} µs.*\\b${wrong}\\b`, 'u')) as string,
      });
    }
    await write(writer, numberedFrame(2, { timestamp: first + FRAME_US }));
    expect(await numbersOf(await file())).toEqual([
      [1, first],
      [2, first + FRAME_US],
    ]);
  });

  test('info sets time, duration and key frame of a sample; the frame stays unchanged', async () => {
    const pictures = { codec: 'avc', keyFrameInterval: Infinity };
    const { writer, file } = await begun(kindOf('fast-start MP4'), pictures);
    const frame = numberedFrame(3, { timestamp: 123, duration: 456 });
    const shown = [
      [1_000_000, 250_000],
      [1_250_000, 250_000],
      [1_500_000, 500_000],
    ] as const;
    for (const [place, [timestamp, duration]] of shown.entries())
      await writer.writeSample(0, frame, { timestamp, duration, ...(place === 2 && { keyFrame: true }) });
    expect([frame.timestamp, frame.duration]).toEqual([123, 456]);
    frame.close();
    const blob = await file();
    expect((await readBack(blob)).pictures.map(({ timestamp, duration }) => [timestamp, duration])).toEqual(
      shown,
    );
    const { chunks } = await trackOfBlob(blob);
    expect(chunks.map(({ type }) => type)).toEqual(['key', 'delta', 'key']);
  });
});

describe('a picture of another size [D: AddStream]', () => {
  /** Six pictures, of which the third and fourth are of another size and shape. */
  const written = async (sizeChange: WriterSizeChange): Promise<Made & { ends: unknown[] }> => {
    const all = await begun(WEBM, { sizeChange, keyFrameInterval: Infinity });
    const square = { width: 480, height: 480 };
    const frames = timesOf(6).map((_, number) => frameOf(number, number === 2 || number === 3 ? square : {}));
    return { ...all, ends: await outcomesOf(all.writer, frames) };
  };

  test('is refused if the stream asks for it, and the others are complete', async () => {
    const { ends, file } = await written('reject');
    const refused = expect.objectContaining({ name: 'RangeError' }) as Error;
    expect(ends).toEqual(['resolved', 'resolved', refused, refused, 'resolved', 'resolved']);
    expect((await numbersOf(await file())).map(([number]) => number)).toEqual([0, 1, 4, 5]);
  });

  test('is encoded in its own size, and back, if the stream asks for it', async () => {
    const all = await written('reconfigure');
    expect(new Set(all.ends)).toEqual(new Set(['resolved']));
    await expectNumbers(all, 6);
  });

  test('is scaled into the middle as a whole, with bars if the shapes differ', async () => {
    const { writer, file } = await begun(WEBM, { sizeChange: 'scale', bitrate: 4_000_000 });
    await write(writer, filled('red', 0, { width: 90, height: 90 }));
    const blob = await file();
    // A square of the stream's height, so 70 pixels are left on each side.
    const isRed = { 20: false, 160: true, 300: false };
    for (const [x, red] of Object.entries(isRed)) {
      const [colour = []] = await coloursOf(blob, [Number(x) / WIDTH, 0.5]);
      expect(colour.map((value) => value > 128)).toEqual([red, false, false]);
    }
  });

  test('is scaled so that the whole picture is visible', async () => {
    const all = await begun(WEBM, { sizeChange: 'scale', bitrate: 4_000_000 });
    await write(all.writer, frameOf(0));
    // Twice and half as large, in the same shape: the number fills the width and is read as before.
    for (const [place, scale] of [2, 1 / 2].entries()) {
      const size = { width: WIDTH * scale, height: HEIGHT * scale, duration: FRAME_US };
      await write(all.writer, frameOf(place + 1, size));
    }
    await expectNumbers(all, 3);
  });
});

describe('pictures of another format in mid-stream [D: AddStream]', () => {
  test.each(['scale', 'reject', 'reconfigure'] as const)(
    "stay whole with sizeChange '%s'",
    async (sizeChange) => {
      const { writer, callbackLog, file } = await begun(WEBM, { sizeChange, bitrate: 4_000_000 });
      const hd = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false } as const;
      const planesOf = (number: number): VideoFrame =>
        numberedPlanes(number, { timestamp: number * FRAME_US }, { colorSpace: hd });
      // Planes, then a canvas, two by two.
      const frames = timesOf(8).map((_, number) => (number % 4 < 2 ? planesOf : frameOf)(number));
      const ends = await outcomesOf(writer, frames);
      const taken = ends.flatMap((end, number) => (end === 'resolved' ? [number] : []));
      // Rejects pictures that would have to be redrawn if the stream asks for it, and no others.
      expect(taken).toEqual(sizeChange === 'reject' ? [0, 1, 4, 5] : [0, 1, 2, 3, 4, 5, 6, 7]);
      expect((await numbersOf(await file())).map(([number]) => number)).toEqual(taken);
      expect(callbackLog).toEqual([['onFinalize', 'finalized']]);
    },
  );
});
