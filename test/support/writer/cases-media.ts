/** Table C of the contract, and what belongs to samples: each case runs in a window and in a worker. */
import type { FrameHandle } from '../../../src/index.ts';
import { VideoFramePool } from '../../../src/index.ts';
import { openVideo } from '../../../src/media/index.ts';
import { failureOf, holds, same, stateOf, until } from './claim.ts';
import { alive, BROKEN, CountedEncoder, failing, keeping } from './encoders.ts';
import { HEIGHT, made, packetsOf, picture, put, putMany, sound, timesOf, WIDTH, writing } from './making.ts';

type Cases = Record<string, () => Promise<void>>;

const nameOf = async (call: () => unknown): Promise<string> => (await failureOf(call)).name;

/** The colour in the middle of the first picture of a file. */
async function firstColour(file: Blob): Promise<number[]> {
  const pool = new VideoFramePool({ capacity: 2 });
  const reader = await openVideo(file);
  const context = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d');
  const handle = await reader.frameAt(0, { pool });
  context?.drawImage(handle.frame, 0, 0, WIDTH, HEIGHT);
  handle.release();
  await reader.close();
  return Array.from(context?.getImageData(WIDTH / 2, HEIGHT / 2, 1, 1).data.subarray(0, 3) ?? []);
}

export const MEDIA_CASES: Cases = {
  async '[C: BeginWriting] nothing is taken before it, and no stream is added after it'() {
    const { writer } = made();
    await writer.addVideoStream({ codec: 'vp8', width: WIDTH, height: HEIGHT });
    const early = [
      () => put(writer, 0),
      () => writer.allocateSample(0),
      () => writer.placeMarker(0),
      () => writer.sendStreamTick(0, 0),
      () => writer.notifyEndOfSegment(0),
      () => writer.flush(0),
      () => writer.finalize(),
    ];
    for (const call of early) same(await nameOf(call), 'InvalidStateError', String(call));
    await writer.beginWriting();
    same(
      await nameOf(() => writer.addVideoStream({ codec: 'vp8', width: WIDTH, height: HEIGHT })),
      'InvalidStateError',
    );
    await writer.abort();
  },

  async '[C: AllocateSample] [C12] a sample is good for one write, and shows nothing afterwards [edge 4]'() {
    const { writer } = await writing();
    const sample = await writer.allocateSample(0);
    const other = sample.retain('aside');
    same([sample.canvas.width, sample.canvas.height], [WIDTH, HEIGHT]);
    await writer.writeSample(0, sample, { timestamp: 0 });
    same(await nameOf(() => writer.writeSample(0, sample, { timestamp: 1 })), 'InvalidStateError');
    same(await nameOf(() => writer.writeSample(0, other, { timestamp: 1 })), 'InvalidStateError');
    same(await nameOf(() => sample.canvas), 'InvalidStateError');
    same(await nameOf(() => sample.context), 'InvalidStateError');
    other.release();
    await writer.finalize();
    same(await nameOf(() => writer.allocateSample(0)), 'InvalidStateError');
  },

  async '[C: AllocateSample] waits while the capacity is out, and an abort leaves no trace'() {
    const { writer } = await writing({ capacity: 2 });
    const held = [await writer.allocateSample(0), await writer.allocateSample(0)];
    const controller = new AbortController();
    const given = writer.allocateSample(0, { signal: controller.signal });
    const waiting = writer.allocateSample(0);
    same(await stateOf(waiting), 'pending');
    controller.abort();
    same(await nameOf(() => given), 'AbortError');
    same(writer.getStatistics(0).lentCount, 2);
    held[0]?.release();
    const third = await waiting;
    same(writer.getStatistics(0).lentCount, 2);
    third.release();
    held[1]?.release();
    await writer.abort();
    same(writer.getStatistics(0).lentCount, 0);
  },

  async '[C: AllocateSample] lends memory of the format that the stream asks for'() {
    const begun = await writing({}, { sample: 'I420' });
    type Memory = FrameHandle & { data: Uint8Array; format: string };
    const sample = (await begun.writer.allocateSample(0)) as unknown as Memory;
    same([sample.format, sample.data.length], ['I420', (WIDTH * HEIGHT * 3) / 2]);
    sample.data.fill(235, 0, WIDTH * HEIGHT).fill(128, WIDTH * HEIGHT);
    await begun.writer.writeSample(0, sample, { timestamp: 0 });
    await begun.writer.finalize();
    const [red = 0] = await firstColour(new Blob([begun.target.buffer ?? '']));
    holds(red > 245, 'white is white');
  },

  async '[C: WriteSample] [C12] the release may come in the same line, and later drawing spoils nothing'() {
    const begun = await writing({ encoders: { video: keeping(4) } });
    const { writer } = begun;
    const sample = await writer.allocateSample(0);
    const { context } = sample;
    context.fillStyle = 'rgb(200 40 40)';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    const written = writer.writeSample(0, sample, { timestamp: 0 });
    sample.release();
    context.fillStyle = 'rgb(0 255 0)';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    await written;
    await writer.finalize();
    const [red = 0, green = 0] = await firstColour(new Blob([begun.target.buffer ?? '']));
    holds(red > 180 && green < 60, `the picture is red, not ${red}, ${green}`);
  },

  async '[C: WriteSample] takes frames and handles that stay their owner’s, also when it refuses them'() {
    const begun = await writing();
    const { writer } = begun;
    const pool = new VideoFramePool({ capacity: 2 });
    const handle = pool.adopt(picture(0));
    const frame = picture(1);
    await writer.writeSample(0, handle);
    holds(handle.frame.codedWidth > 0, 'the handle is readable');
    same(await nameOf(() => writer.writeSample(0, handle.frame, { timestamp: 9 })), 'TypeError');
    await writer.writeSample(0, frame);
    same((await failureOf(() => writer.writeSample(0, frame))).message.includes('40000 µs, got 40000'), true);
    same(
      (await failureOf(() => writer.writeSample(0, frame, { timestamp: 7 }))).message.includes(
        '40000 µs, got 7',
      ),
      true,
    );
    holds(frame.codedWidth > 0, 'the frame is open');
    handle.release();
    same(await nameOf(() => writer.writeSample(0, handle)), 'InvalidStateError');
    frame.close();
    same(await nameOf(() => writer.writeSample(0, frame)), 'InvalidStateError');
    same(await nameOf(() => writer.writeSample(0, sound(0) as unknown as VideoFrame)), 'TypeError');
    await writer.finalize();
    same([pool.lentCount, (await packetsOf(begun)).times], [0, timesOf(2)]);
  },

  async '[C: EndWriting] finalize() says which failure came first, long after it'() {
    const { writer, told } = await writing({ encoders: { video: failing(3) } });
    for (let number = 0; number < 6; number++) void put(writer, number).catch(() => {});
    await until(() => writer.state === 'failed', 'it has failed');
    same(await failureOf(() => writer.finalize()).then((error) => error === BROKEN), true);
    const late = await failureOf(() => put(writer, 9));
    same([late.name, late.cause === BROKEN], ['InvalidStateError', true]);
    same(told, [
      ['onStreamError', 0, BROKEN.message],
      ['onFinalize', 'failed'],
    ]);
    await writer.abort();
    same(alive.count, 0, 'encoders alive');
  },

  async '[C: Flush] [D: Flush] drops what is pending: samples go home, and may be written again'() {
    const begun = await writing({ capacity: 3, encoders: { video: keeping(40) } });
    const { writer } = begun;
    await putMany(writer, 2);
    const writes = [2, 3, 4, 5, 6, 7, 8, 9].map((number) => put(writer, number));
    const marker = writer.placeMarker(0, 'gone');
    writer.flush(0);
    same(await nameOf(() => marker), 'AbortError');
    const ends = await Promise.allSettled(writes);
    holds(
      ends.every((end) => end.status === 'fulfilled' || (end.reason as Error).name === 'AbortError'),
      'writes end by room or by AbortError',
    );
    const { queueSize, waitingCount, lentCount, written } = writer.getStatistics(0);
    same([queueSize, waitingCount, lentCount, written], [0, 0, 0, 0]);
    await putMany(writer, 4);
    await writer.finalize();
    same(await packetsOf(begun), { times: timesOf(4), keys: [0] });
  },

  async '[C: SetInputProps] says what the encoder is really configured with'() {
    const { writer } = made();
    await writer.addVideoStream({ codec: 'vp9', width: WIDTH, height: HEIGHT });
    await writer.addAudioStream({ codec: 'opus', numberOfChannels: 2, sampleRate: 48_000 });
    const { codec, bitrate, width } = writer.getConfiguration(0) as VideoEncoderConfig;
    same([codec, width], ['vp09.00.10.08', WIDTH]);
    holds((bitrate ?? 0) > 0, 'there is a rate');
    same(writer.getConfiguration(1), {
      codec: 'opus',
      numberOfChannels: 2,
      sampleRate: 48_000,
      bitrate: 128_000,
    });
    same(await nameOf(() => writer.getConfiguration(2)), 'RangeError');
    await writer.abort();
  },

  async '[C: WriteStreamSample] chunks that were encoded elsewhere are written as they are'() {
    const chunks: [EncodedVideoChunk, EncodedVideoChunkMetadata | undefined][] = [];
    const encoder = new CountedEncoder({ output: (...chunk) => chunks.push(chunk), error() {} });
    encoder.configure({ codec: 'vp8', width: WIDTH, height: HEIGHT });
    for (let number = 0; number < 8; number++) {
      const frame = picture(number);
      encoder.encode(frame, { keyFrame: number === 5 });
      frame.close();
    }
    await encoder.flush();
    encoder.close();
    const begun = await writing({}, { input: 'chunks' });
    same(await nameOf(() => put(begun.writer, 0)), 'InvalidStateError');
    for (const [chunk, metadata] of chunks) await begun.writer.writeChunk(0, chunk, metadata);
    await begun.writer.finalize();
    same(await packetsOf(begun), { times: timesOf(8), keys: [0, 5] });
    const bytes = chunks.reduce((sum, [{ byteLength }]) => sum + byteLength, 0);
    same([begun.writer.getStatistics(0).written, begun.writer.getStatistics(0).bytes], [8, bytes]);
  },

  async '[C: GetStatistics] [D: GetStatistics] every sample is in one of the counts'() {
    const { writer } = await writing();
    const writes = Array.from({ length: 20 }, (_, number) => put(writer, number));
    writer.sendStreamTick(0, 20 * 40_000);
    writer.notifyEndOfSegment(0);
    const now = writer.getStatistics(0);
    same([now.received, now.submitted + now.waitingCount, now.ticks, now.segments], [20, 20, 1, 1]);
    holds(now.waitingCount > 0 && now.queueSize > 0, 'some wait, and some are inside');
    await Promise.all(writes);
    await writer.finalize();
    const { received, submitted, encoded, dropped, written, queueSize, waitingCount } =
      writer.getStatistics(0);
    same(
      [received, submitted, encoded, dropped, written, queueSize, waitingCount],
      [20, 20, 20, 0, 20, 0, 0],
    );
  },
};
