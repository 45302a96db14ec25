/** Sources of `openVideo()`, and the options for reading them. */
import {
  BlobSource,
  BufferTarget,
  CustomPathedSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  HLS_FORMATS,
  Input,
  Mp4OutputFormat,
  MP4,
  Output,
  WebMOutputFormat,
  ALL_FORMATS,
} from 'mediabunny';
import { describe, expect, onTestFinished, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { hookedDecoder } from '../support/decoders.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { clipBlob } from '../support/packets.ts';
import { readerWorker, WAYS } from '../support/readers.ts';
import { takeAll } from '../support/taking.ts';

const FILE = 'vp8.webm';
const TIMES = timestampsOf(clip(FILE));

/** A unique address that requires a header. */
const locked = (): string =>
  new URL(`/faults/opening?fault=needs-key&film=${performance.now()}`, location.href).href;
const HEADERS = { 'X-Key': 'open sesame' };

/** All timestamps of a reader. Closes the reader. */
async function timesOf(opening: ReturnType<typeof openVideo>): Promise<number[]> {
  const pool = new VideoFramePool({ capacity: 3 });
  await using reader = await opening;
  const times = await takeAll(reader.frames({ pool }));
  pool.assertNoLeaks();
  return times;
}

/** Copies the video of clips into one file, one track each. */
async function joined(
  files: readonly string[],
  format: Mp4OutputFormat | WebMOutputFormat,
): Promise<ArrayBuffer> {
  const target = new BufferTarget();
  const output = new Output({ format, target });
  const tracks = await Promise.all(
    files.map(async (file) => {
      const input = new Input({ formats: ALL_FORMATS, source: new BlobSource(await clipBlob(file)) });
      const track = await input.getPrimaryVideoTrack();
      const codec = await track?.getCodec();
      const config = await track?.getDecoderConfig();
      if (!track || !codec || !config) throw new Error(`${file} has no video`);
      return { track, source: new EncodedVideoPacketSource(codec), config };
    }),
  );
  // In the order of the files, whichever of them is read first.
  for (const { source } of tracks) output.addVideoTrack(source);
  await output.start();
  await Promise.all(
    tracks.map(async ({ track, source, config }) => {
      for await (const packet of new EncodedPacketSink(track).packets()) {
        await source.add(packet, { decoderConfig: config });
      }
      source.close();
    }),
  );
  await output.finalize();
  if (target.buffer === null) throw new Error('no file was made');
  return target.buffer;
}

describe.each(WAYS)('$way > openVideo()', ({ open }) => {
  test('reads a Request by its address, with its headers in every request', async () => {
    const url = locked();
    await expect(open(new Request(url))).rejects.toMatchObject({
      name: 'NetworkError',
      message: `403 Forbidden: ${url}`,
    });
    expect(await timesOf(open(new Request(url, { headers: HEADERS })))).toEqual(TIMES);
  });

  test('sends the headers of requestInit with every request', async () => {
    expect(await timesOf(open(locked(), { requestInit: { headers: HEADERS } }))).toEqual(TIMES);
    expect(
      await timesOf(open(new URL(locked()), { requestInit: { headers: new Headers(HEADERS) } })),
    ).toEqual(TIMES);
  });

  test('ends with the signal of a Request', async () => {
    const signal = AbortSignal.abort(new Error('not now'));
    await expect(open(new Request(locked(), { signal }))).rejects.toThrow('not now');
  });

  test('reads a stream of bytes whole', async () => {
    const blob = await clipBlob(FILE);
    expect(await timesOf(open(blob.stream()))).toEqual(TIMES);
    const buffers = [await blob.slice(0, 1000).arrayBuffer(), await blob.slice(1000).arrayBuffer()];
    const stream = new ReadableStream<ArrayBuffer>({
      pull(controller) {
        const buffer = buffers.shift();
        if (buffer === undefined) controller.close();
        else controller.enqueue(buffer);
      },
    });
    expect(await timesOf(open(stream))).toEqual(TIMES);
  });

  test('cancels a silent stream with the reason of the signal', async () => {
    const cancelled: unknown[] = [];
    let isAsked = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: () => void (isAsked = true),
      cancel: (reason) => void cancelled.push(reason),
    });
    const controller = new AbortController();
    const opening = open(stream, { signal: controller.signal });
    await expect.poll(() => isAsked).toBe(true);
    const reason = new Error('too slow');
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    expect(cancelled).toEqual([reason]);
  });

  test('selects a track by its number', async () => {
    const file = new Blob([await joined(['vp8.webm', 'vp9.webm'], new WebMOutputFormat())]);
    const codecs: string[] = [];
    for (const track of [0, 1]) {
      await using reader = await open(file, { track });
      codecs.push(reader.codec.slice(0, 3));
    }
    expect(codecs).toEqual(['vp8', 'vp0']);
    await expect(open(file, { track: 2 })).rejects.toThrow('the file has 2 video tracks');
    await expect(open(file, { track: 2 })).rejects.toThrow(RangeError);
  });

  test('knows the frame rate', async () => {
    await using reader = await open(await clipBlob('h264_bframes.mp4'));
    expect(reader.frameRate).toBeCloseTo(30, 6);
    expect(reader.canDecode).toBe(true);
  });

  test('decodes VP9 with level 0, which Chromium’s MediaRecorder writes', async () => {
    const bytes = new Uint8Array(await joined(['vp9.webm'], new Mp4OutputFormat()));
    const box = new TextDecoder('latin1').decode(bytes).indexOf('vpcC');
    bytes[box + 9] = 0;
    await using reader = await open(new Blob([bytes]));
    expect(reader.codec).toMatch(/^vp09\.00\.11\.08/u);
    expect(await timesOf(open(new Blob([bytes])))).toHaveLength(TIMES.length);
  });

  test('opens a file with an undecodable codec, and names the codec', async () => {
    const pool = new VideoFramePool({ capacity: 1 });
    await using reader = await open(await clipBlob('prores.mov'));
    expect([reader.canDecode, reader.codec, reader.displayWidth]).toEqual([false, 'apco', 64]);
    const words = /cannot decode ProRes, "apco"/u;
    expect(() => reader.frames({ pool })).toThrow(words);
    expect(() => reader.readable({ pool })).toThrow(words);
    await expect(reader.frameAt(0, { pool })).rejects.toMatchObject({ name: 'NotSupportedError' });
    let chunks = 0;
    for await (const { type } of reader.packets()) if (type === 'key') chunks++;
    expect(chunks).toBe(12);
  });

  test('names a codec that mediabunny does not know', async () => {
    await expect(open(await clipBlob('mpeg4_part2.mp4'))).rejects.toMatchObject({
      name: 'NotSupportedError',
      message: expect.stringContaining('MPEG-4 Part 2') as string,
    });
  });
});

describe.each([['in this thread', {}] as const, ['in a worker', { worker: () => readerWorker() }] as const])(
  '%s > openVideo() refuses',
  (_, options) => {
    const refusal = (source: unknown, more: object = {}): Promise<unknown> =>
      openVideo(source as Blob, { ...options, ...more }).catch((error: unknown) => error);

    test.each([
      ['a request by POST', () => new Request('/film.mp4', { method: 'POST', body: 'a' }), {}, 'POST'],
      ['an address that is none', () => 'http://', {}, 'not a valid URL'],
      ['a password in the address', () => 'http://a:b@localhost/', {}, 'requestInit.headers'],
      ['requestInit for a file', () => new Blob(['a']), { requestInit: {} }, 'URL or a string'],
      ['a method', () => '/a', { requestInit: { method: 'PUT' } }, 'requestInit.method'],
      [
        'a signal in requestInit',
        () => '/a',
        { requestInit: { signal: new AbortController().signal } },
        'signal',
      ],
      ['a body', () => '/a', { requestInit: { body: 'a' } }, 'requestInit.body'],
      ['a range', () => '/a', { requestInit: { headers: { Range: 'bytes=1-' } } }, 'Range'],
      ['no-cors', () => '/a', { requestInit: { mode: 'no-cors' } }, 'no-cors'],
      ['credentials of no kind', () => '/a', { requestInit: { credentials: 'none' } }, 'none'],
      ['a codec in decoderConfig', () => '/a', { decoderConfig: { codec: 'vp8' } }, 'decoderConfig.codec'],
      [
        'an acceleration of no kind',
        () => '/a',
        { decoderConfig: { hardwareAcceleration: 'much' } },
        '"much"',
      ],
      ['a latency that is no boolean', () => '/a', { decoderConfig: { optimizeForLatency: 1 } }, 'got 1'],
      ['a track that is no number', () => '/a', { track: 'first' }, 'track'],
      [
        'an Input of another copy',
        () => ({ getPrimaryVideoTrack: () => null }),
        {},
        'another copy of mediabunny',
      ],
    ])('%s', async (name, source, more, words) => {
      const error = await refusal(source(), more);
      expect(error, name).toBeInstanceOf(TypeError);
      expect((error as Error).message).toContain(words);
    });

    test('a stream that is locked, and one of strings, which it cancels', async () => {
      const held = new Blob(['a']).stream();
      held.getReader();
      expect(await refusal(held)).toBeInstanceOf(TypeError);
      let isCancelled = false;
      const texts = new ReadableStream({
        pull: (controller) => controller.enqueue('bytes'),
        cancel: () => void (isCancelled = true),
      });
      expect(String(await refusal(texts))).toContain('not a Uint8Array or ArrayBuffer: "bytes"');
      expect(isCancelled).toBe(true);
    });
  },
);

describe('openVideo() of mediabunny’s own', () => {
  const inputOf = async (file: string): Promise<Input> => {
    const input = new Input({ formats: ALL_FORMATS, source: new BlobSource(await clipBlob(file)) });
    onTestFinished(() => input.dispose());
    return input;
  };

  test('Input and InputVideoTrack reads them, and leaves them open', async () => {
    const input = await inputOf(FILE);
    expect(await timesOf(openVideo(input))).toEqual(TIMES);
    const track = await input.getPrimaryVideoTrack();
    if (track === null) throw new Error('no track');
    const pool = new VideoFramePool({ capacity: 1 });
    const reader = await openVideo(track);
    const frames = reader.frames({ pool });
    (await frames.next()).value?.release();
    await reader.close();
    await expect(frames.next()).rejects.toMatchObject({ name: 'AbortError' });
    pool.assertNoLeaks();
    expect(input.disposed).toBe(false);
    expect(await timesOf(openVideo(track))).toEqual(TIMES);
  });

  test('Input reads HLS', async () => {
    const segment = await clipBlob('h264.m2t');
    const playlist =
      '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:2.0,\nsegment.ts\n#EXT-X-ENDLIST\n';
    const source = new CustomPathedSource(
      'https://example.com/list.m3u8',
      ({ path }) => new BlobSource(path.endsWith('.m3u8') ? new Blob([playlist]) : segment),
    );
    const input = new Input({ formats: HLS_FORMATS, source });
    onTestFinished(() => input.dispose());
    const expected = timestampsOf(clip('h264.m2t'));
    const times = await timesOf(openVideo(input));
    expect(times).toHaveLength(expected.length);
  });

  test('refuses a worker, a track of a track, and an Input that was disposed', async () => {
    const input = await inputOf(FILE);
    const track = (await input.getPrimaryVideoTrack()) ?? input;
    let made = 0;
    const worker = (): Worker => {
      made++;
      return readerWorker();
    };
    await expect(openVideo(input, { worker })).rejects.toThrow('cannot be posted to a worker');
    await expect(openVideo(track, { track: 0 })).rejects.toThrow(TypeError);
    await expect(openVideo(input, { requestInit: {} })).rejects.toThrow(TypeError);
    expect(made).toBe(0);
    input.dispose();
    await expect(openVideo(input)).rejects.toMatchObject({ name: 'InvalidStateError' });
  });

  test('an Input of other formats rejects with the reason', async () => {
    const input = new Input({ formats: [MP4], source: new BlobSource(await clipBlob(FILE)) });
    onTestFinished(() => input.dispose());
    await expect(openVideo(input)).rejects.toMatchObject({
      name: 'NotSupportedError',
      message: expect.stringContaining('formats of the Input') as string,
    });
  });
});

test('decoderConfig reaches the decoder', async () => {
  const configs: VideoDecoderConfig[] = [];
  const Platform = hookedDecoder();
  const decoder = class extends Platform {
    override configure(config: VideoDecoderConfig): void {
      configs.push(config);
      super.configure(config);
    }
  };
  const decoderConfig = { hardwareAcceleration: 'prefer-software', optimizeForLatency: true } as const;
  const pool = new VideoFramePool({ capacity: 1 });
  await using reader = await openVideo(await clipBlob(FILE), { decoder, decoderConfig });
  (await reader.frameAt(0, { pool })).release();
  expect(configs).toEqual([expect.objectContaining(decoderConfig)]);
});
