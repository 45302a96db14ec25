/** Pictures in other colour spaces than their stream's: a file has one colour space, and they look the same in it as before. */
import { describe, expect, test } from 'vitest';
import { canvasStorage, memoryStorage, VideoFramePool } from '../../src/index.ts';
import { begun, coloursOf } from '../support/probe-files.ts';
import { kindOf } from '../support/probe-kinds.ts';
import { filled, write } from '../support/writer/making.ts';

const WIDTH = 320;
const HEIGHT = 180;

const WEBM = kindOf('WebM');
const MP4 = kindOf('fast-start MP4');

const BT709 = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false } as const;
// The matrix alone: with other primaries the green would differ.
const BT601 = { ...BT709, matrix: 'smpte170m' } as const;

/** Encoders and conversions drift by this much of 255; the wrong range is off by 16 and more at these values. */
const DRIFT = 6;

/** A frame with planes of one colour. */
function planes(
  [y, u, v]: readonly [number, number, number],
  timestamp: number,
  colorSpace: VideoColorSpaceInit,
  width = WIDTH,
  height = HEIGHT,
): VideoFrame {
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const data = new Uint8Array(width * height + 2 * chroma).fill(y);
  data.fill(u, width * height, width * height + chroma);
  data.fill(v, width * height + chroma);
  const size = { codedWidth: width, codedHeight: height };
  return new VideoFrame(data, { format: 'I420', ...size, timestamp, colorSpace });
}

/** Writes these frames, and returns the largest distance of any from the expected colour. */
async function farthest(
  wanted: readonly [number, number, number],
  frames: readonly VideoFrame[],
  codec = 'vp8',
): Promise<number> {
  const { writer, file } = await begun(codec === 'vp8' ? WEBM : MP4, { codec, bitrate: 2_000_000 });
  for (const frame of frames) await write(writer, frame);
  const seen = await coloursOf(await file());
  expect(seen.length).toBe(frames.length);
  return Math.max(...seen.map((colour) => apart(colour, wanted)));
}

/** The largest difference between two colours. */
const apart = (one: readonly number[], other: readonly number[]): number =>
  Math.max(...one.map((value, at) => Math.abs(value - (other[at] ?? NaN))));

describe('a video of canvases', () => {
  test.each(['vp8', 'avc'])('shows a decoded white, in the range of TV, as white, by %s', async (codec) => {
    const frames = [filled('white', 0), planes([235, 128, 128], 40_000, BT709)];
    expect(await farthest([255, 255, 255], frames, codec)).toBeLessThanOrEqual(DRIFT);
  });
});

describe('a video of decoded pictures', () => {
  /** Grey 51 of 255. */
  const grey = (timestamp: number, width = WIDTH, height = HEIGHT): VideoFrame =>
    planes([60, 128, 128], timestamp, BT709, width, height);

  test('shows a canvas of the same grey as the same grey', async () => {
    const frames = [grey(0), filled('rgb(51 51 51)', 40_000), grey(80_000)];
    expect(await farthest([51, 51, 51], frames)).toBeLessThanOrEqual(DRIFT);
  });

  test('shows a scaled one like the others', async () => {
    const frames = [grey(0), grey(40_000, 640, 360), grey(80_000)];
    expect(await farthest([51, 51, 51], frames)).toBeLessThanOrEqual(DRIFT);
  });

  test('shows a canvas in colour, at an odd size, in the colours of the canvas', async () => {
    const { writer, file } = await begun(WEBM, { width: 321, height: 181, bitrate: 2_000_000 });
    await write(writer, planes([60, 128, 128], 0, BT709, 321, 181));
    await write(writer, filled('rgb(200 60 20)', 40_000, { width: 321, height: 181 }));
    const [, colour = []] = await coloursOf(await file());
    expect(colour.length).toBe(3);
    expect(apart(colour, [200, 60, 20])).toBeLessThanOrEqual(DRIFT);
  });

  test('shows the green of another matrix as the same green', async () => {
    // BT.709 and BT.601 samples of rgb(0 200 0).
    const frames = [planes([139, 60, 48], 0, BT709), planes([117, 70, 54], 40_000, BT601)];
    // A colour at the edge drifts by more; in the wrong matrix it would be off by 16.
    expect(await farthest([0, 200, 0], frames)).toBeLessThanOrEqual(DRIFT + 4);
  });
});

test('a translucent picture is encoded the same, scaled or not', async () => {
  const storage = canvasStorage({ width: WIDTH, height: HEIGHT });
  const canvases = new VideoFramePool({ capacity: 1, storage });
  const size = { codedWidth: WIDTH, codedHeight: HEIGHT };
  const memory = new VideoFramePool({ capacity: 1, storage: memoryStorage({ format: 'RGBA', ...size }) });
  const painted = await canvases.acquire();
  painted.context.fillStyle = 'rgb(255 255 255 / 0.5)';
  painted.context.fillRect(0, 0, WIDTH, HEIGHT);
  const filledMemory = await memory.acquire();
  filledMemory.data.fill(200);
  for (const sample of [painted, filledMemory]) {
    const seen: number[][] = [];
    for (const scale of [1, 2]) {
      const { writer, file } = await begun(WEBM, { width: WIDTH * scale, height: HEIGHT * scale });
      await writer.writeSample(0, sample, { timestamp: 0 });
      seen.push(...(await coloursOf(await file())));
    }
    const [plain = [], scaled = []] = seen;
    expect(apart(plain, scaled)).toBeLessThanOrEqual(DRIFT);
    expect(plain[0]).toBeGreaterThan(100);
    sample.release();
  }
  canvases.close();
  memory.close();
});

test("sizeChange: 'reject' also rejects other colours, and names them", async () => {
  const { writer } = await begun(WEBM, { sizeChange: 'reject' });
  await write(writer, planes([60, 128, 128], 0, BT709));
  await expect(write(writer, filled('white', 40_000))).rejects.toMatchObject({
    name: 'RangeError',
    message: expect.stringContaining('in bt709; got 320 × 180, shown as 320 × 180, in rgb, full range'),
  });
  expect(writer.getStatistics(0).received).toBe(1);
  await writer.abort();
});
