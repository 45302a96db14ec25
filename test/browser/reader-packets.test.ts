/** Encoded chunks of a reader: order, ends, and a part of a video that is cut out without loss. */
import { BufferTarget, Mp4OutputFormat } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { FrameWriter, openVideo } from '../../src/media/index.ts';
import { clipBlob, trackOf } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import { WAYS } from '../support/readers.ts';
import { takeAll } from '../support/taking.ts';

const FILE = 'h264_bframes.mp4';

async function chunksOf(reader: VideoReader, range = {}): Promise<EncodedVideoChunk[]> {
  const chunks: EncodedVideoChunk[] = [];
  for await (const chunk of reader.packets(range)) chunks.push(chunk);
  return chunks;
}

const bytesOf = (chunk: EncodedVideoChunk): Uint8Array => {
  const bytes = new Uint8Array(chunk.byteLength);
  chunk.copyTo(bytes);
  return bytes;
};

describe.each(WAYS)('$way > packets()', ({ open }) => {
  test('gives every chunk of the file, in decode order', async () => {
    const { chunks } = await trackOf(FILE);
    await using reader = await open(await clipBlob(FILE));
    const read = await chunksOf(reader);
    expect(read.map(({ timestamp, type }) => [timestamp, type])).toEqual(
      chunks.map(({ timestamp, type }) => [timestamp, type]),
    );
    expect(read.map(bytesOf)).toEqual(chunks.map(bytesOf));
  });

  test('begins with a key frame, ends with the last chunk that frames before `to` need', async () => {
    const { chunks } = await trackOf(FILE);
    await using reader = await open(await clipBlob(FILE));
    const [from, to] = [1_100_000, 1_500_000];
    const read = await chunksOf(reader, { from, to });
    const times = chunks.map(({ timestamp }) => timestamp);
    const key = chunks.findLastIndex(({ type, timestamp }) => type === 'key' && timestamp <= from);
    const last = times.findLastIndex((time) => time < to);
    expect(read.map(({ timestamp }) => timestamp)).toEqual(times.slice(key, last + 1));
    expect(read[0]?.type).toBe('key');
    expect(read.length).toBeLessThan(chunks.length);
  });

  test('cuts out a part with identical frames', async () => {
    const pool = new VideoFramePool({ capacity: 3 });
    await using reader = await open(await clipBlob(FILE));
    const { decoderConfig } = reader;
    const target = new BufferTarget();
    const writer = new FrameWriter({ format: new Mp4OutputFormat(), target });
    const { codec, codedWidth: width = 0, codedHeight: height = 0 } = decoderConfig;
    const stream = await writer.addVideoStream({ codec, width, height, input: 'chunks' });
    await writer.beginWriting();
    for await (const chunk of reader.packets({ from: 1_000_000, to: 1_500_000 })) {
      await writer.writeChunk(stream, chunk, { decoderConfig });
    }
    await writer.finalize();
    await using part = await openVideo(new Blob([target.buffer ?? '']));
    const seen: number[] = [];
    const marks = await takeAll(part.frames({ pool }), ({ timestamp, frame }) => {
      seen.push(timestamp);
      return markOf(frame);
    });
    const whole = await takeAll(
      reader.frames({ pool, from: seen[0] ?? 0, to: (seen.at(-1) ?? 0) + 1 }),
      ({ frame }) => markOf(frame),
    );
    expect(marks).toEqual(whole);
    expect(marks.length).toBeGreaterThanOrEqual(15);
    pool.assertNoLeaks();
  });

  test('ends with the reason of its signal, by return() and by closing the reader', async () => {
    const reader = await open(await clipBlob(FILE));
    const controller = new AbortController();
    const aborted = reader.packets({ signal: controller.signal });
    await aborted.next();
    controller.abort(new Error('enough'));
    await expect(aborted.next()).rejects.toThrow('enough');
    expect(await aborted.next()).toEqual({ done: true, value: undefined });
    const left = reader.packets();
    const pending = [left.next(), left.next()];
    const returned = left.return?.();
    expect(await Promise.all([...pending, returned])).toContainEqual({ done: true, value: undefined });
    const closed = reader.packets();
    await closed.next();
    await reader.close();
    await expect(closed.next()).rejects.toMatchObject({ name: 'AbortError' });
    expect(() => reader.packets()).toThrow('packets(): the reader is closed');
  });

  test('serves overlapping calls in order, and refuses invalid times', async () => {
    const { chunks } = await trackOf(FILE, 6);
    await using reader = await open(await clipBlob(FILE));
    const packets = reader.packets();
    const results = await Promise.all(chunks.map(() => packets.next()));
    expect(results.map(({ value }) => value?.timestamp)).toEqual(chunks.map(({ timestamp }) => timestamp));
    await packets.return?.();
    expect(() => reader.packets({ from: 'now' as never })).toThrow(TypeError);
  });

  test('gives the good chunks of a truncated file, and then the error', async () => {
    const blob = await clipBlob('h264_fragmented.mp4');
    await using reader = await open(blob.slice(0, Math.floor(blob.size * 0.7)));
    let chunks = 0;
    const reading = (async () => {
      for await (const { byteLength } of reader.packets()) chunks += Math.min(byteLength, 1);
    })();
    await expect(reading).rejects.toMatchObject({ name: 'EncodingError' });
    expect(chunks).toBeGreaterThan(10);
  });
});
