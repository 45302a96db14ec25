/** Writes pictures into a file: the writer, and mediabunny's own source with the same encoder settings. */
import {
  BufferTarget,
  Mp4OutputFormat,
  Output,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from 'mediabunny';
import { FrameWriter } from '../../../src/media/index.ts';
import type { Case } from '../page/case.ts';
import { atLeast, atMost } from '../page/goal.ts';
import { paint } from '../page/paint.ts';
import { pairedInTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { counted } from '../page/statistics.ts';

/** Encoder settings: small enough that a round takes a second or so in software. */
const LARGE = { what: 'H.264 720p', codec: 'avc', name: 'avc1.64001f', width: 1280, height: 720 } as const;
const SMALL = { what: 'VP8 360p', codec: 'vp8', name: 'vp8', width: 640, height: 360 } as const;
type Written = typeof LARGE | typeof SMALL;

const FRAMES = 90;
const FRAME_US = 33_333;
const RATE = { bitrate: 4e6, bitrateMode: 'variable' } as const;

/** The writer's slots in the second case. */
const CAPACITY = 3;

const SLOTS_OUT = `slots lent while ${FRAMES} samples are drawn, ${SMALL.what}`;

/** Cases of written files. */
export const cases = (): Case[] => [
  ...[LARGE, SMALL].map((settings) => {
    const name = `write ${FRAMES} frames, ${settings.what}`;
    return { name, run: (rounds: number) => frames(settings, name, rounds) };
  }),
  { name: SLOTS_OUT, run: samples },
];

const formatOf = ({ codec }: Written): Mp4OutputFormat | WebMOutputFormat =>
  codec === 'avc' ? new Mp4OutputFormat() : new WebMOutputFormat();

/** Frames that exist already, so that only the writing is measured. */
async function frames(settings: Written, name: string, rounds: number): Promise<Measure[]> {
  const pictures = await painted(settings);
  const sides = [() => written(settings, pictures), () => writtenByMediabunny(settings, pictures)] as const;
  const compared = await pairedInTurns(...sides, rounds);
  for (const picture of pictures) picture.close();
  return [
    {
      name: `${name}: FrameWriter / VideoSampleSource`,
      why: 'shares, limits and markers cost an encoder nothing',
      unit: '1/s',
      compared,
      goal: atLeast(0.98),
    },
  ];
}

/** Samples of the writer's own, in an app that does not wait for its writes. */
async function samples(): Promise<Measure[]> {
  const { codec, width, height } = SMALL;
  const target = new BufferTarget();
  const writer = new FrameWriter({ format: formatOf(SMALL), target, capacity: CAPACITY });
  const stream = await writer.addVideoStream({ codec, width, height, bitrate: RATE.bitrate });
  await writer.beginWriting();
  let peak = 0;
  for (let index = 0; index < FRAMES; index++) {
    const sample = await writer.allocateSample(stream);
    peak = Math.max(peak, writer.getStatistics(stream).lentCount);
    sample.context.fillRect(index, 0, 10, 10);
    void writer.writeSample(stream, sample, { timestamp: index * FRAME_US });
  }
  await writer.finalize();
  return [
    {
      name: `${SLOTS_OUT}: most at one time / capacity`,
      why: 'the cap holds for an app that does not wait for its writes',
      unit: 'slots',
      compared: counted(peak, CAPACITY),
      goal: atMost(1),
    },
  ];
}

async function painted({ width, height }: Written): Promise<VideoFrame[]> {
  const canvas = new OffscreenCanvas(width, height);
  const pictures: VideoFrame[] = [];
  for (let index = 0; index < FRAMES; index++) {
    paint(canvas, index);
    const drawn = new VideoFrame(canvas, { timestamp: index * FRAME_US });
    const data = new Uint8Array(drawn.allocationSize({ format: 'RGBA' }));
    await drawn.copyTo(data, { format: 'RGBA' });
    drawn.close();
    const init = { format: 'RGBX', codedWidth: width, codedHeight: height } as const;
    pictures.push(new VideoFrame(data, { ...init, timestamp: index * FRAME_US, duration: FRAME_US }));
  }
  return pictures;
}

async function written(settings: Written, pictures: readonly VideoFrame[]): Promise<number> {
  const { name: codec, width, height } = settings;
  const writer = new FrameWriter({ format: formatOf(settings), target: new BufferTarget() });
  const stream = await writer.addVideoStream({ codec, width, height, ...RATE });
  const start = performance.now();
  await writer.beginWriting();
  for (const picture of pictures) await writer.writeSample(stream, picture);
  await writer.finalize();
  const { written: count } = writer.getStatistics(stream);
  return perSecond(count, start);
}

async function writtenByMediabunny(settings: Written, pictures: readonly VideoFrame[]): Promise<number> {
  const output = new Output({ format: formatOf(settings), target: new BufferTarget() });
  let count = 0;
  const source = new VideoSampleSource({
    codec: settings.codec,
    fullCodecString: settings.name,
    ...RATE,
    onEncodedPacket: () => count++,
  });
  output.addVideoTrack(source);
  const start = performance.now();
  await output.start();
  for (const picture of pictures) {
    const sample = new VideoSample(picture.clone());
    await source.add(sample);
    sample.close();
  }
  await output.finalize();
  return perSecond(count, start);
}

function perSecond(count: number, start: number): number {
  if (count !== FRAMES) throw new Error(`${count} of ${FRAMES} frames were written`);
  return (count * 1000) / (performance.now() - start);
}
