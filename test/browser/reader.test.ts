/** Files read in this thread and in a worker: every container, exact frames, and errors that describe a bad file. */
import { describe, expect, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import { clip, CLIPS, numbersOf, timestampsOf } from '../media/clips.ts';
import { muteConsole } from '../support/muted-console.ts';
import { clipBlob, clipUrl } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import { clipOpener, WAYS } from '../support/readers.ts';
import { sampled } from '../support/sampled.ts';
import { takeAll, takeUntilError } from '../support/taking.ts';

const clips = CLIPS.filter(({ codec }) => codec !== null);
const cases = WAYS.flatMap((way) => clips.map((entry) => ({ ...way, entry, file: entry.file })));

const openClip = clipOpener();
muteConsole(/Retrying failed fetch/);

const notSupported = (words: string): object => ({
  name: 'NotSupportedError',
  message: expect.stringContaining(words),
});

describe.each(sampled(cases))('$way > $file', ({ open, entry }) => {
  test('frames() gives every frame in order, by the numbers in the pixels', async () => {
    const { pool, reader } = await openClip(open, entry.file, { capacity: 4 });
    const { rotation, flip, displayWidth, displayHeight } = reader;
    const size = [entry.width, entry.height];
    if (entry.rotation % 180 !== 0) size.reverse();
    expect([rotation, flip, displayWidth, displayHeight]).toEqual([entry.rotation, false, ...size]);
    const timestamps: number[] = [];
    const numbers = await takeAll(reader.frames({ pool }), ({ timestamp, frame }) => {
      timestamps.push(timestamp);
      return markOf(frame, reader);
    });
    expect(timestamps).toEqual(timestampsOf(entry));
    expect(numbers).toEqual(numbersOf(entry));
  });

  test.each([1, 3])('frameAt() is exact, between, before and after, at capacity %i', async (capacity) => {
    const { pool, reader } = await openClip(open, entry.file, { capacity });
    const timestamps = timestampsOf(entry);
    const numbers = numbersOf(entry);
    const count = timestamps.length;
    const [first = 0, last = 0] = [timestamps[0], timestamps.at(-1)];
    const times = [0, 1, 7, Math.floor(count / 2), count - 2, count - 1].flatMap((place) => {
      const at = timestamps[place] ?? 0;
      const next = timestamps[place + 1] ?? at + 10_000;
      return [at, Math.floor((at + next) / 2), next - 1];
    });
    for (const time of [first - 1_000_000, first - 1, ...times, last + 60_000_000]) {
      const handle = await reader.frameAt(time, { pool });
      // Before the first frame, the first one is displayed.
      const place = Math.max(
        timestamps.findLastIndex((timestamp) => timestamp <= time),
        0,
      );
      expect(handle.timestamp, `frameAt(${time})`).toBe(timestamps[place]);
      expect(markOf(handle.frame, reader), `frameAt(${time})`).toBe(numbers[place]);
      handle.release();
      pool.assertNoLeaks();
    }
  });
});

describe.each(WAYS)('$way', ({ open }) => {
  describe('frames()', () => {
    test.each([
      'h264_bframes.mp4',
      'h264_opengop.mp4',
      'vp9_hidden_split.webm',
      'h264_vfr.mp4',
      'h264_negative.mp4',
    ])('of %s begin with the frame that is shown at `from` and end before `to`', async (file) => {
      const { pool, reader } = await openClip(open, file, { capacity: 3 });
      const timestamps = timestampsOf(clip(file));
      for (const [a, b] of [
        [5, 9],
        [26, 30],
        [37, 39],
      ] as const) {
        const from = (timestamps[a] ?? 0) + 3;
        const to = timestamps[b] ?? 0;
        expect(await takeAll(reader.frames({ pool, from, to }))).toEqual(timestamps.slice(a, b));
        pool.assertNoLeaks();
      }
    });

    test('continue after the browser reclaimed the codec, with each frame exactly once', async () => {
      const { pool, reader } = await openClip(
        open,
        'h264_bframes.mp4',
        { capacity: 3 },
        { limits: { reclaimAfter: 40 } },
      );
      const numbers = await takeAll(reader.frames({ pool }), ({ frame }) => markOf(frame));
      expect(numbers).toEqual(numbersOf(clip('h264_bframes.mp4')));
    });

    test('end with AbortError when the reader is closed, and lend nothing more', async () => {
      const { pool, reader } = await openClip(open, 'vp9.webm', { capacity: 3 });
      const frames = reader.frames({ pool });
      const first = await frames.next();
      await reader.close();
      await expect(frames.next()).rejects.toMatchObject({ name: 'AbortError' });
      expect(pool.lentCount).toBe(1);
      first.value?.release();
      expect(() => reader.frames({ pool })).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
      await expect(reader.frameAt(0, { pool })).rejects.toMatchObject({ name: 'InvalidStateError' });
    });

    test('refuse invalid times and pools', async () => {
      const { pool, reader } = await openClip(open, 'vp9.webm', { capacity: 1 });
      expect(() => reader.frames({ pool, from: NaN })).toThrow(TypeError);
      expect(() => reader.frames({ pool: {} as VideoFramePool })).toThrow(TypeError);
      await expect(reader.frameAt('1' as unknown as number, { pool })).rejects.toThrow(TypeError);
    });
  });

  describe('openVideo()', () => {
    test('accepts an address, a URL, a response and a file', async () => {
      const url = clipUrl('vp8.webm');
      const pool = new VideoFramePool({ capacity: 2 });
      for (const source of [url, new URL(url), await fetch(url), await clipBlob('vp8.webm')]) {
        await using reader = await open(source);
        expect(reader.codec).toBe('vp8');
        expect(reader.duration).toBeGreaterThan(1_900_000);
        const handle = await reader.frameAt(1_000_000, { pool });
        expect(markOf(handle.frame)).toBe(30);
        handle.release();
      }
      pool.assertNoLeaks();
    });

    test('rejects a file of another format', async () => {
      const text = new Blob(['just some words, and not a film at all'.repeat(50)]);
      await expect(open(text)).rejects.toMatchObject(notSupported('MP4'));
      await expect(open(new Blob([]))).rejects.toMatchObject(notSupported(''));
    });

    test('rejects a file with only sound', async () => {
      await expect(open(await clipBlob('sound_only.mp4'))).rejects.toMatchObject(notSupported('only sound'));
    });

    test('rejects an address that cannot be read [fault: server]', async () => {
      await expect(open(await fetch('/no/such/film.mp4?raw'))).rejects.toThrow();
      await expect(open('http://127.0.0.1:9/film.mp4')).rejects.toMatchObject({ name: 'NetworkError' });
    });

    test('refuses an unsupported source, and a response that was read', async () => {
      await expect(open(42 as unknown as string)).rejects.toThrow(TypeError);
      const response = await fetch(clipUrl('vp8.webm'));
      await response.arrayBuffer();
      await expect(open(response)).rejects.toThrow(TypeError);
    });

    test('ends with the reason of its signal', async () => {
      const blob = await clipBlob('vp8.webm');
      await expect(open(blob, { signal: AbortSignal.abort(new Error('not now')) })).rejects.toThrow(
        'not now',
      );
      const controller = new AbortController();
      const opening = open(blob, { signal: controller.signal });
      controller.abort(new Error('changed my mind'));
      await expect(opening).rejects.toThrow('changed my mind');
      const stalled = new AbortController();
      const onRead = (): void => void setTimeout(() => stalled.abort(new Error('too slow')));
      const silent = new ReadableStream({ pull: onRead }, { highWaterMark: 0 });
      const stuck = open(new Response(silent), { signal: stalled.signal });
      await expect(stuck).rejects.toThrow('too slow');
    });
  });

  describe('a file that is truncated or garbled [fault: damaged file]', () => {
    async function readAll(blob: Blob): Promise<{ seen: number[]; error: unknown }> {
      const pool = new VideoFramePool({ capacity: 3 });
      try {
        await using reader = await open(blob);
        return await takeUntilError(reader.frames({ pool }), ({ frame }) => markOf(frame));
      } catch (error) {
        return { seen: [], error };
      } finally {
        pool.assertNoLeaks();
      }
    }

    test.each([
      ['h264_bframes.mp4', 0, 'lists no tracks'],
      ['h264.mov', 0, 'lists no tracks'],
      ['h264_fragmented.mp4', 25, 'index lists a frame'],
      ['vp8_sound.webm', 20, 'bytes are missing'],
    ])(
      '%s, truncated, gives its good frames and then an error that describes it',
      async (file, least, words) => {
        const blob = await clipBlob(file);
        const { seen, error } = await readAll(blob.slice(0, Math.floor(blob.size * 0.6)));
        expect(seen.length).toBeGreaterThanOrEqual(least);
        // Among reordered frames the last few may be good without those between them.
        expect(numbersOf(clip(file))).toEqual(expect.arrayContaining(seen));
        expect(seen.slice(0, least)).toEqual(numbersOf(clip(file)).slice(0, least));
        expect(error).toMatchObject({ name: 'EncodingError', message: expect.stringContaining(words) });
      },
    );

    test('an MPEG transport stream may end anywhere, without an error', async () => {
      const blob = await clipBlob('h264.m2t');
      const { seen, error } = await readAll(blob.slice(0, Math.floor(blob.size * 0.6)));
      expect(error).toBe(null);
      expect(seen.length).toBeGreaterThan(20);
      expect(seen.slice(0, 20)).toEqual(numbersOf(clip('h264.m2t')).slice(0, 20));
    });

    test('garbled pictures end the iteration after the good frames before them', async () => {
      const bytes = new Uint8Array(await (await clipBlob('vp9.webm')).arrayBuffer());
      // From the middle on, damage is likely to hit everything but the container's own structure.
      for (let at = Math.floor(bytes.length * 0.5); at < bytes.length; at += 3) bytes[at] = 0;
      const { seen, error } = await readAll(new Blob([bytes]));
      expect(seen.slice(0, 10)).toEqual(numbersOf(clip('vp9.webm')).slice(0, Math.min(seen.length, 10)));
      expect(error).toMatchObject({ name: 'EncodingError' });
    });
  });
});
