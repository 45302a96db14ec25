/** Streams whose pictures change: segments, sizes, orientations. */
import { describe, expect, test } from 'vitest';
import type { FrameWriter } from '../../src/media/index.ts';
import { probed } from '../support/probe.ts';
import { begun } from '../support/probe-files.ts';
import { kindOf } from '../support/probe-kinds.ts';
import type { PictureOptions } from '../support/probe-pictures.ts';
import { numberedFrame } from '../support/probe-pictures.ts';
import { failureOf } from '../support/writer/claim.ts';
import { filled, FRAME_US, timesOf, write } from '../support/writer/making.ts';

/** Writes the picture of a number at an even rate. */
const put = (writer: FrameWriter, number: number, options: Partial<PictureOptions> = {}): Promise<void> =>
  write(writer, numberedFrame(number, { timestamp: number * FRAME_US, ...options }));

const WEBM = kindOf('WebM');
const MP4 = kindOf('fast-start MP4');

describe('notifyEndOfSegment()', () => {
  test('applies to the next write, even while earlier ones wait for the encoder [D: NotifyEndOfSegment]', async () => {
    const { writer, file } = await begun(WEBM, { keyFrameInterval: Infinity });
    const writes = timesOf(20).map((_, number) => put(writer, number));
    expect(writer.getStatistics(0).waitingCount).toBeGreaterThan(0);
    writer.notifyEndOfSegment(0);
    await Promise.all([...writes, put(writer, 20)]);
    expect((await probed(await file())).keys).toEqual([0, 20]);
  });
});

describe("sizeChange: 'reconfigure'", () => {
  test('keeps the first size in the header if the second precedes the first chunk', async () => {
    const { writer, file } = await begun(WEBM, { sizeChange: 'reconfigure' });
    await Promise.all([put(writer, 0), put(writer, 1, { width: 640, height: 480 })]);
    const { video, complaints } = await probed(await file());
    expect([video.width, video.height, complaints]).toEqual([320, 180, '']);
  });

  test('uses the bitrate and the level of the new size, unless the app set them', async () => {
    const callbackLog: unknown[] = [];
    const { writer } = await begun(
      WEBM,
      { codec: 'vp9', width: 64, height: 64, sizeChange: 'reconfigure' },
      { callbacks: { onFormatChange: (stream, config) => callbackLog.push([stream, config]) } },
    );
    const before = writer.getConfiguration(0);
    await write(writer, filled('red', 0, { width: 64, height: 64 }));
    await write(writer, filled('red', 40_000, { width: 1280, height: 720 }));
    const after = writer.getConfiguration(0);
    expect(before.bitrate).toBeLessThan((after.bitrate ?? 0) / 20);
    expect([before.codec, after.codec]).toEqual(['vp09.00.10.08', 'vp09.00.31.08']);
    await writer.finalize();
    expect(callbackLog).toEqual([[0, after]]);
  });

  test('fails with the size and an accepted one if the encoder refuses the new size', async () => {
    const { writer, callbackLog } = await begun(WEBM, {
      codec: 'vp8',
      width: 64,
      height: 64,
      sizeChange: 'reconfigure',
    });
    await write(writer, filled('red', 0, { width: 64, height: 64 }));
    const samples = new Uint8Array(20_000 * 64 * 1.5);
    const init = { format: 'I420', codedWidth: 20_000, codedHeight: 64, timestamp: 40_000 } as const;
    const failure = await failureOf(() => write(writer, new VideoFrame(samples, init)));
    expect([failure.name, failure.message]).toEqual([
      'NotSupportedError',
      expect.stringMatching(
        /^writeSample\(\): the stream cannot continue with 20000 × 64: .*: 20000 × 64 is beyond the encoder; \d+ × \d+ is accepted$/u,
      ),
    ]);
    await expect(writer.finalize()).rejects.toBe(failure);
    expect(callbackLog).toEqual([
      ['onStreamError', 0, failure.message],
      ['onFinalize', 'failed'],
    ]);
  });

  test('does not apply to rotated pictures, which are drawn', async () => {
    const config = { sizeChange: 'reconfigure', keyFrameInterval: Infinity } as const;
    const { writer, callbackLog, file } = await begun(WEBM, config);
    for (let number = 0; number < 4; number++) {
      const stored = numberedFrame(number, { timestamp: number * 40_000, rotation: 180 });
      await write(writer, new VideoFrame(stored, { rotation: 180 } as VideoFrameInit));
      stored.close();
    }
    const { frames, keys } = await probed(await file());
    expect([callbackLog, frames.length, keys]).toEqual([[['onFinalize', 'finalized']], 4, [0]]);
  });
});

test('a single picture without a duration is shown for one interval of the framerate', async () => {
  const { writer, file } = await begun(MP4, { codec: 'avc', framerate: 25 });
  await put(writer, 0);
  expect((await probed(await file())).duration).toBeCloseTo(0.04, 3);
});

test('a gap that is declared after a flush extends the last remaining picture [D: Flush]', async () => {
  const { writer, file } = await begun(MP4, { codec: 'avc' });
  for (let number = 0; number < 4; number++) await put(writer, number, { duration: FRAME_US });
  await expect.poll(() => writer.getStatistics(0).queueSize).toBe(0);
  const dropped = put(writer, 4, { duration: FRAME_US });
  writer.flush(0);
  await dropped.catch(() => {});
  writer.sendStreamTick(0, 1_000_000);
  expect((await probed(await file())).duration).toBeCloseTo(1, 2);
});
