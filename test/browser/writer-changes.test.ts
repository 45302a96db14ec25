/** Streams whose pictures change: segments, sizes, turns. */
import { Mp4OutputFormat } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import { probed } from '../support/probe.ts';
import { numberedFrame } from '../support/probe-pictures.ts';
import { filled, put, writingTo } from '../support/writing.ts';

describe('notifyEndOfSegment()', () => {
  test('is about the next write, also while earlier ones wait for the encoder [D: NotifyEndOfSegment]', async () => {
    const { writer, file } = await writingTo(undefined, { keyFrameInterval: Infinity });
    const writes: Promise<void>[] = [];
    for (let number = 0; number < 20; number++) {
      writes.push(put(writer, numberedFrame(number, { timestamp: number * 40_000 })));
    }
    expect(writer.getStatistics(0).waitingCount).toBeGreaterThan(0);
    writer.notifyEndOfSegment(0);
    writes.push(put(writer, numberedFrame(20, { timestamp: 800_000 })));
    await Promise.all(writes);
    await writer.finalize();
    const { frames } = await probed(file());
    expect(frames.flatMap(({ key_frame }, index) => (key_frame === 1 ? [index] : []))).toEqual([0, 20]);
  });
});

describe("sizeChange: 'reencode'", () => {
  test('leaves the head of the file to the first picture, though the second is there before the first chunk', async () => {
    const { writer, file } = await writingTo(undefined, { sizeChange: 'reencode' });
    const writes = [
      put(writer, numberedFrame(0, { timestamp: 0 })),
      put(writer, numberedFrame(1, { timestamp: 40_000, width: 640, height: 480 })),
    ];
    await Promise.all(writes);
    await writer.finalize();
    const { video, complaints } = await probed(file());
    expect([video.width, video.height, complaints]).toEqual([320, 180, '']);
  });

  test('takes the rate and the level of the new size, where none was asked for', async () => {
    const told: unknown[] = [];
    const { writer } = await writingTo(
      undefined,
      { codec: 'vp9', width: 64, height: 64, sizeChange: 'reencode' },
      { callbacks: { onFormatChange: (stream, config) => told.push([stream, config]) } },
    );
    const before = writer.getConfiguration(0);
    await put(writer, filled('red', 0, 64, 64));
    await put(writer, filled('red', 40_000, 1280, 720));
    const after = writer.getConfiguration(0);
    expect(before.bitrate).toBeLessThan((after.bitrate ?? 0) / 20);
    expect([before.codec, after.codec]).toEqual(['vp09.00.10.08', 'vp09.00.31.08']);
    await writer.finalize();
    expect(told).toEqual([[0, after]]);
  });

  test('is not set off by turned pictures: they are drawn', async () => {
    let changes = 0;
    const config = { width: 320, height: 180, sizeChange: 'reencode', keyFrameInterval: Infinity } as const;
    const { writer, file } = await writingTo(undefined, config, {
      callbacks: { onFormatChange: () => changes++ },
    });
    for (let number = 0; number < 4; number++) {
      const stored = numberedFrame(number, { timestamp: number * 40_000, rotation: 180 });
      await put(writer, new VideoFrame(stored, { rotation: 180 } as VideoFrameInit));
      stored.close();
    }
    await writer.finalize();
    const { frames } = await probed(file());
    expect([changes, frames.map(({ key_frame }) => key_frame)]).toEqual([0, [1, 0, 0, 0]]);
  });
});

test('a picture without a duration is shown for as long as the framerate says, when it is the only one', async () => {
  const { writer, file } = await writingTo(new Mp4OutputFormat(), { codec: 'avc', framerate: 25 });
  await put(writer, numberedFrame(0, { timestamp: 0 }));
  await writer.finalize();
  expect((await probed(file())).duration).toBeCloseTo(0.04, 3);
});

test('a gap that is told after a flush is held by the last picture that is left [D: Flush]', async () => {
  const { writer, file } = await writingTo(new Mp4OutputFormat(), { codec: 'avc' });
  for (let number = 0; number < 4; number++) {
    await put(writer, numberedFrame(number, { timestamp: number * 40_000, duration: 40_000 }));
  }
  await expect.poll(() => writer.getStatistics(0).queueSize).toBe(0);
  const dropped = put(writer, numberedFrame(4, { timestamp: 160_000, duration: 40_000 }));
  writer.flush(0);
  await dropped.catch(() => {});
  writer.sendStreamTick(0, 1_000_000);
  await writer.finalize();
  expect((await probed(file())).duration).toBeCloseTo(1, 2);
});
