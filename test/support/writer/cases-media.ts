/** Table C of the contract, and the cases of samples. Each case runs in a window and in a worker. */
import type { FrameHandle } from '../../../src/index.ts';
import { VideoFramePool } from '../../../src/index.ts';
import { coloursOf } from '../probe-files.ts';
import { failureOf, holds, isPending, refuses, same, until } from './claim.ts';
import { alive, BROKEN, CountedEncoder, faulty, keeping } from './encoders.ts';
import {
  HEIGHT,
  made,
  picture,
  put,
  putAll,
  putMany,
  SOUND,
  sound,
  timesOf,
  VIDEO,
  WIDTH,
  writing,
} from './making.ts';

export const MEDIA_CASES: Record<string, () => Promise<void>> = {
  async '[C: BeginWriting] no sample is accepted before it, and no stream after it'() {
    const { writer } = made();
    await writer.addVideoStream(VIDEO);
    await refuses('InvalidStateError', () => put(writer, 0));
    await refuses('InvalidStateError', () => writer.allocateSample(0));
    await refuses('InvalidStateError', () => writer.placeMarker(0));
    await refuses('InvalidStateError', () => writer.sendStreamTick(0, 0));
    await refuses('InvalidStateError', () => writer.notifyEndOfSegment(0));
    await refuses('InvalidStateError', () => writer.flush(0));
    await refuses('InvalidStateError', () => writer.finalize());
    await writer.beginWriting();
    await refuses('InvalidStateError', () => writer.addVideoStream(VIDEO));
    await writer.abort();
  },

  async '[C: AllocateSample] [C12] a sample is good for one write, and shows nothing afterwards [edge 4]'() {
    const { writer } = await writing();
    const sample = await writer.allocateSample(0);
    const other = sample.retain('aside');
    same([sample.canvas.width, sample.canvas.height], [WIDTH, HEIGHT]);
    await writer.writeSample(0, sample, { timestamp: 0 });
    await refuses('InvalidStateError', () => writer.writeSample(0, sample, { timestamp: 1 }));
    await refuses('InvalidStateError', () => writer.writeSample(0, other, { timestamp: 1 }));
    await refuses('InvalidStateError', () => sample.canvas);
    await refuses('InvalidStateError', () => sample.context);
    other.release();
    await writer.finalize();
    await refuses('InvalidStateError', () => writer.allocateSample(0));
  },

  async '[C: AllocateSample] waits while all samples are lent, and an abort leaves no trace'() {
    const { writer } = await writing({ capacity: 2 });
    const held = [await writer.allocateSample(0), await writer.allocateSample(0)];
    const controller = new AbortController();
    const given = writer.allocateSample(0, { signal: controller.signal });
    const waiting = writer.allocateSample(0);
    holds(await isPending(waiting), 'it waits');
    controller.abort();
    await refuses('AbortError', () => given);
    same(writer.getStatistics(0).lentCount, 2);
    held[0]?.release();
    const third = await waiting;
    same(writer.getStatistics(0).lentCount, 2);
    third.release();
    held[1]?.release();
    await writer.abort();
    same(writer.getStatistics(0).lentCount, 0);
  },

  async '[C12] abort() takes back unwritten samples, and their handles report the abort'() {
    const { writer } = await writing({ capacity: 3 });
    const [sample, other, written] = [
      await writer.allocateSample(0),
      await writer.allocateSample(0),
      await writer.allocateSample(0),
    ];
    const share = other.retain('aside');
    const kept = written.retain('kept');
    const { canvas } = sample;
    const write = writer.writeSample(0, written, { timestamp: 0 });
    const reason = new Error('enough');
    const ended = writer.abort(reason);
    same(writer.getStatistics(0).lentCount, 1);
    same([sample.released, other.released, share.released, kept.released], [true, true, true, false]);
    same(canvas.width, 0);
    const error = await failureOf(() => sample.context);
    same([error.name, error.cause === reason], ['InvalidStateError', true]);
    holds(error.message.includes('was taken back by abort() of the FrameWriter'), error.message);
    for (const use of [() => other.canvas, () => share.toVideoFrame(), () => sample.retain()]) {
      await refuses('InvalidStateError', use);
    }
    for (const handle of [sample, other, share]) handle.release();
    same(writer.getStatistics(0).lentCount, 1);
    same(kept.canvas.width, WIDTH);
    kept.release();
    same(writer.getStatistics(0).lentCount, 0);
    await Promise.allSettled([write, ended]);
  },

  async '[C12] finalize() and a failure take back samples that were not written'() {
    const { writer } = await writing();
    const sample = await writer.allocateSample(0);
    await put(writer, 0);
    const finalized = writer.finalize();
    same([sample.released, writer.getStatistics(0).lentCount], [true, 0]);
    const late = await failureOf(() => sample.canvas);
    holds(late.message.includes('taken back by finalize() of the FrameWriter'), late.message);
    await finalized;

    const { writer: failing } = await writing({ encoders: faulty('video', { at: 'sample' }) });
    const lost = await failing.allocateSample(0);
    await Promise.allSettled([put(failing, 0), failing.finalize()]);
    const failure = await failureOf(() => lost.canvas);
    same([failing.state, failing.getStatistics(0).lentCount], ['failed', 0]);
    holds(failure.message.includes('taken back by'), failure.message);
  },

  async '[C12] a sample that is granted when the writer is aborted is returned to it'() {
    const { writer } = await writing({ capacity: 1 });
    const granted = writer.allocateSample(0);
    const ended = writer.abort();
    await refuses('InvalidStateError', () => granted);
    await ended;
    same(writer.getStatistics(0).lentCount, 0);
  },

  async '[C12] a time with a fraction is written in whole µs, truncated toward zero'() {
    const { writer, packets } = await writing({}, {});
    const frame = picture(0);
    await writer.writeSample(0, frame, { timestamp: 0.9, duration: 40_000.9 });
    await writer.writeSample(0, frame, { timestamp: 40_000.7 });
    await refuses('RangeError', () => writer.writeSample(0, frame, { timestamp: 40_000.9 }));
    await refuses('RangeError', () => writer.writeSample(0, frame, { timestamp: NaN }));
    frame.close();
    same((await packets()).times, [0, 40_000]);
  },

  async '[C: AllocateSample] lends memory of the format that the stream asks for'() {
    const { writer, file } = await writing({}, { sample: 'I420' });
    type Memory = FrameHandle & { data: Uint8Array; format: string };
    const sample = (await writer.allocateSample(0)) as unknown as Memory;
    same([sample.format, sample.data.length], ['I420', (WIDTH * HEIGHT * 3) / 2]);
    sample.data.fill(235, 0, WIDTH * HEIGHT).fill(128, WIDTH * HEIGHT);
    await writer.writeSample(0, sample, { timestamp: 0 });
    const [[red = 0] = []] = await coloursOf(await file());
    holds(red > 245, 'white is white');
  },

  async '[C: WriteSample] [C12] a release right after the call and later drawing leave the picture'() {
    const { writer, file } = await writing({ encoders: { video: keeping(4) } });
    const sample = await writer.allocateSample(0);
    const { context } = sample;
    context.fillStyle = 'rgb(200 40 40)';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    const written = writer.writeSample(0, sample, { timestamp: 0 });
    sample.release();
    context.fillStyle = 'rgb(0 255 0)';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    await written;
    const [[red = 0, green = 0] = []] = await coloursOf(await file());
    holds(red > 180 && green < 60, `the picture is red, not ${red}, ${green}`);
  },

  async '[C: WriteSample] frames and handles stay their owner’s, even if the write is rejected'() {
    const { writer, packets } = await writing();
    const pool = new VideoFramePool({ capacity: 2 });
    const handle = pool.adopt(picture(0));
    const frame = picture(1);
    await writer.writeSample(0, handle);
    holds(handle.frame.codedWidth > 0, 'the handle is readable');
    await refuses('TypeError', () => writer.writeSample(0, handle.frame, { timestamp: 9 }));
    await writer.writeSample(0, frame);
    for (const timestamp of [40_000, 7]) {
      const { message } = await failureOf(() => writer.writeSample(0, frame, { timestamp }));
      holds(message.includes(`40000 µs, got ${timestamp}`), message);
    }
    holds(frame.codedWidth > 0, 'the frame is open');
    handle.release();
    await refuses('InvalidStateError', () => writer.writeSample(0, handle));
    frame.close();
    await refuses('InvalidStateError', () => writer.writeSample(0, frame));
    await refuses('TypeError', () => writer.writeSample(0, sound(0) as unknown as VideoFrame));
    await writer.finalize();
    same([pool.lentCount, (await packets()).times], [0, timesOf(2)]);
  },

  async '[C: EndWriting] finalize() rejects with the first failure, long after it'() {
    const { writer, callbackLog } = await writing({
      encoders: faulty('video', { at: 'sample', samples: 3 }),
    });
    for (const written of putAll(writer, 6)) written.catch(() => {});
    await until(() => writer.state === 'failed', 'it has failed');
    same((await failureOf(() => writer.finalize())) === BROKEN, true);
    const late = await failureOf(() => put(writer, 9));
    same([late.name, late.cause === BROKEN], ['InvalidStateError', true]);
    same(callbackLog, [
      ['onStreamError', 0, BROKEN.message],
      ['onFinalize', 'failed'],
    ]);
    await writer.abort();
    same(alive.count, 0, 'encoders alive');
  },

  async '[C: Flush] [D: Flush] drops pending samples, which are returned and may be written again'() {
    const { writer, packets } = await writing({ capacity: 3, encoders: { video: keeping(40) } });
    await putMany(writer, 2);
    const writes = putAll(writer, 8, 2);
    const marker = writer.placeMarker(0, 'gone');
    writer.flush(0);
    await refuses('AbortError', () => marker);
    const ends = await Promise.allSettled(writes);
    const reasons = ends.flatMap((end) => (end.status === 'rejected' ? [(end.reason as Error).name] : []));
    same(new Set([...reasons, 'AbortError']).size, 1, 'writes end by room or by AbortError');
    const { queueSize, waitingCount, lentCount, written } = writer.getStatistics(0);
    same([queueSize, waitingCount, lentCount, written], [0, 0, 0, 0]);
    await putMany(writer, 4);
    same(await packets(), { times: timesOf(4), keys: [0] });
  },

  async '[C: SetInputProps] the effective configuration of the encoder can be read'() {
    const { writer } = made();
    await writer.addVideoStream({ codec: 'vp9', width: WIDTH, height: HEIGHT });
    const stereo = { ...SOUND, numberOfChannels: 2 };
    await writer.addAudioStream(stereo);
    const { codec, bitrate, width } = writer.getConfiguration(0) as VideoEncoderConfig;
    same([codec, width], ['vp09.00.10.08', WIDTH]);
    holds((bitrate ?? 0) > 0, 'there is a rate');
    same(writer.getConfiguration(1), { ...stereo, bitrate: 128_000 });
    await refuses('RangeError', () => writer.getConfiguration(2));
    await writer.abort();
  },

  async '[C: WriteStreamSample] chunks from another encoder are written unchanged'() {
    const chunks: [EncodedVideoChunk, EncodedVideoChunkMetadata | undefined][] = [];
    const encoder = new CountedEncoder({ output: (...chunk) => chunks.push(chunk), error() {} });
    encoder.configure(VIDEO);
    for (let number = 0; number < 8; number++) {
      const frame = picture(number);
      encoder.encode(frame, { keyFrame: number === 5 });
      frame.close();
    }
    await encoder.flush();
    encoder.close();
    const { writer, packets } = await writing({}, { input: 'chunks' });
    await refuses('InvalidStateError', () => put(writer, 0));
    for (const [chunk, metadata] of chunks) await writer.writeChunk(0, chunk, metadata);
    same(await packets(), { times: timesOf(8), keys: [0, 5] });
    const bytes = chunks.reduce((sum, [{ byteLength }]) => sum + byteLength, 0);
    same([writer.getStatistics(0).written, writer.getStatistics(0).bytes], [8, bytes]);
  },

  async '[C: GetStatistics] [D: GetStatistics] every sample is in one of the counts'() {
    const { writer } = await writing();
    const writes = putAll(writer, 20);
    writer.sendStreamTick(0, 20 * 40_000);
    writer.notifyEndOfSegment(0);
    const now = writer.getStatistics(0);
    same([now.received, now.submitted + now.waitingCount, now.ticks, now.segments], [20, 20, 1, 1]);
    holds(now.waitingCount > 0 && now.queueSize > 0, 'some wait, and some are inside');
    await Promise.all(writes);
    await writer.finalize();
    const end = writer.getStatistics(0);
    same([end.received, end.submitted, end.encoded, end.written], [20, 20, 20, 20]);
    same([end.dropped, end.queueSize, end.waitingCount], [0, 0, 0]);
  },
};
