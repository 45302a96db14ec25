/** Chunks and configurations with wrong values, and frames larger than the limit. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, PoolOptions } from '../../src/index.ts';
import { decodeFrames, FrameBudget, FrameDecoder, pooledFrames, VideoFramePool } from '../../src/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { Random } from '../soak/random.ts';
import { livePictures } from '../support/accounting.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob, streamOf, trackOf } from '../support/packets.ts';
import { clipOpener, WAYS } from '../support/readers.ts';
import { takeAll, takeUntilError } from '../support/taking.ts';

/** Errors of a decoder, or of decoding, about undecodable chunks. */
const DOCUMENTED = ['EncodingError', 'DataError', 'NotSupportedError', 'OperationError', 'TypeError'];

/** More than the delay of any of the clips' decoders. */
const CAPACITY = 6;

const openClip = clipOpener();

const CLIPS = ['h264_bframes.mp4', 'vp8.webm', 'vp9.webm', 'av1.mp4'];

type Parts = { type: EncodedVideoChunkType; timestamp: number; data: Uint8Array<ArrayBuffer> };

function partsOf(chunk: EncodedVideoChunk): Parts {
  const data = new Uint8Array(chunk.byteLength);
  chunk.copyTo(data);
  return { type: chunk.type, timestamp: chunk.timestamp, data };
}

const LARGEST_TIMES = [2 ** 53 - 1, 1 - 2 ** 53, 2 ** 53 - 2, 0, -1];

/** Way of spoiling a list of chunks. */
type Damage = (chunks: Parts[], random: Random) => Parts[];

const DAMAGED = Object.entries<Damage>({
  'flipped bits in one'(chunks, random) {
    const { data } = random.of(chunks);
    for (let n = 0; n < 8; n++) data[random.below(data.length)]! ^= 1 << random.below(8);
    return chunks;
  },
  'flipped bits in all'(chunks, random) {
    for (const { data } of chunks) data[random.below(data.length)]! ^= 1 << random.below(8);
    return chunks;
  },
  'all declared as key frames': (chunks) => chunks.map((each) => ({ ...each, type: 'key' })),
  'none declared as a key frame': (chunks) => chunks.map((each) => ({ ...each, type: 'delta' })),
  'only the first declared as a key frame, which it is not': (chunks) =>
    chunks.slice(1).map((each, index) => ({ ...each, type: index === 0 ? 'key' : 'delta' })),
  'some of them empty': (chunks, random) =>
    chunks.map((each) => (random.next() < 0.2 ? { ...each, data: new Uint8Array() } : each)),
  'all of them truncated': (chunks, random) =>
    chunks.map((each) => ({ ...each, data: each.data.slice(0, 1 + random.below(each.data.length)) })),
  'in random order': (chunks, random) => chunks.toSorted(() => random.next() - 0.5),
  backwards: (chunks) => chunks.toReversed(),
  'some of them missing': (chunks, random) => chunks.filter((_, index) => index === 0 || random.next() < 0.7),
  'made of noise': (chunks, random) =>
    chunks.map((each) => ({ ...each, data: each.data.map(() => random.below(256)) })),
  'all of one time': (chunks) => chunks.map((each) => ({ ...each, timestamp: 0 })),
  'with decreasing times': (chunks) => chunks.map((each) => ({ ...each, timestamp: -each.timestamp })),
  'with the largest possible times': (chunks, random) =>
    chunks.map((each) => ({ ...each, timestamp: random.of(LARGEST_TIMES) })),
  'with times that jump': (chunks, random) =>
    chunks.map((each) => ({ ...each, timestamp: random.below(2 ** 31) * 2 ** 20 - 2 ** 50 })),
});

async function damaged(file: string, damage: Damage, seed: number) {
  const { config, chunks } = await trackOf(file, 40);
  const parts = damage(chunks.map(partsOf), new Random(seed));
  return { config, chunks: parts.map((each) => new EncodedVideoChunk(each)) };
}

/** Takes all frames. Resolves to the name of the error that ended them, or null. */
async function taken(frames: AsyncIterable<FrameHandle>): Promise<string | null> {
  const { error } = await takeUntilError(frames);
  return error === null ? null : (error as Error).name;
}

/** A decoder whose frames are released at once, and the names of its errors. */
function pushDecoder(pool: VideoFramePool, config: VideoDecoderConfig) {
  const errors: string[] = [];
  const output = (handle: FrameHandle): void => handle.release();
  const error = ({ name }: Error): unknown => errors.push(name);
  return { decoder: new FrameDecoder({ pool, config, output, error }), errors };
}

function requireClean(pool: VideoFramePool, outcome: string | null): void {
  if (outcome !== null) expect(DOCUMENTED).toContain(outcome);
  pool.assertNoLeaks();
  expect([pool.waitingCount, pool.bytes, livePictures()]).toEqual([0, 0, 0]);
}

describe.each(CLIPS)('chunks of %s', (file) => {
  test.each(DAMAGED)(
    '%s, end decodeFrames() cleanly or with an error that names the cause',
    async (_, damage) => {
      const pool = new VideoFramePool({ capacity: CAPACITY });
      const { config, chunks } = await damaged(file, damage, 1);
      requireClean(pool, await taken(decodeFrames(pool, streamOf(chunks), config)));
      // And the next one decodes.
      const good = await trackOf(file, 3);
      expect(await taken(decodeFrames(pool, streamOf(good.chunks), good.config))).toBe(null);
    },
  );

  test.each(DAMAGED)('%s, fail a FrameDecoder at most once', async (_, damage) => {
    const pool = new VideoFramePool({ capacity: CAPACITY });
    const { config, chunks } = await damaged(file, damage, 2);
    const { decoder, errors } = pushDecoder(pool, config);
    const refused = new Set<string>();
    for (const chunk of chunks) await decoder.decode(chunk).catch(({ name }: Error) => refused.add(name));
    await decoder.flush().catch(({ name }: Error) => refused.add(name));
    decoder.close();
    expect(errors.length).toBeLessThanOrEqual(1);
    for (const name of [...refused, ...errors]) expect([...DOCUMENTED, 'InvalidStateError']).toContain(name);
    requireClean(pool, null);
  });
});

describe('a configuration', () => {
  const ABSURD: Record<string, Partial<VideoDecoderConfig>> = {
    'without a width': { codedWidth: 0 },
    'of a width of 2^31': { codedWidth: 2 ** 31, codedHeight: 2 ** 31 },
    'of a width beyond 32 bits': { codedWidth: 2 ** 32 },
    'of a width that is no number': { codedWidth: NaN },
    'without a display height': { displayAspectWidth: 16, displayAspectHeight: 0 },
    'without a codec': { codec: '' },
    'of an unknown codec': { codec: 'film' },
    'of an unknown profile': { codec: 'avc1.FFFFFF' },
    'with a description of noise': { codec: 'avc1.64000c', description: new Uint8Array(9).fill(7) },
    'with a description of a megabyte': { codec: 'avc1.64000c', description: new Uint8Array(2 ** 20) },
  };

  test.each(Object.entries(ABSURD))(
    '%s ends decodeFrames() with an error, or has no effect',
    async (_, part) => {
      const budget = new FrameBudget({ maxBytes: 320 * 180 * 4 });
      const pool = new VideoFramePool({ capacity: CAPACITY, budget });
      const { config, chunks } = await trackOf('vp8.webm', 5);
      requireClean(pool, await taken(decodeFrames(pool, streamOf(chunks), { ...config, ...part })));
      // The declared size is replaced once a frame has arrived.
      expect(await taken(decodeFrames(pool, streamOf(chunks), config))).toBe(null);
      expect([budget.bytes, budget.frames]).toEqual([0, 0]);
    },
  );

  test('that declares 16,384 × 16,384 for small frames loses none of them', async () => {
    const { config, chunks } = await trackOf('vp8.webm');
    const pool = new VideoFramePool({ capacity: 2, maxBytes: 2 * 320 * 180 * 1.5 });
    const lying = { ...config, codedWidth: 16_384, codedHeight: 16_384 };
    const timestamps = await takeAll(decodeFrames(pool, streamOf(chunks), lying));
    expect(timestamps).toEqual(timestampsOf(clip('vp8.webm')));
    pool.assertNoLeaks();
  });
});

test.each([null, 7, 'chunk', {}, new Uint8Array(9)])(
  '%s among the chunks ends with a TypeError',
  async (stray) => {
    const { config, chunks } = await trackOf('vp8.webm', 3);
    const pool = new VideoFramePool({ capacity: 3 });
    const mixed = [...chunks, stray as EncodedVideoChunk];
    expect(await taken(decodeFrames(pool, streamOf(mixed), config))).toBe('TypeError');
    requireClean(pool, null);
  },
);

describe('a frame that is larger than the limit', () => {
  const FILE = 'vp8.webm';
  const FRAME_BYTES = 320 * 180 * 1.5;

  const LIMITS: [string, (maxBytes: number) => Pick<PoolOptions, 'maxBytes' | 'budget'>][] = [
    ['maxBytes', (maxBytes) => ({ maxBytes })],
    ['a budget', (maxBytes) => ({ budget: new FrameBudget({ maxBytes }) })],
  ];

  describe.each(LIMITS)('by %s', (_, limited) => {
    const tooSmall = (): VideoFramePool => new VideoFramePool({ capacity: 8, ...limited(FRAME_BYTES - 1) });

    function requireRefused(pool: VideoFramePool, outcome: string | null): void {
      expect([outcome, pool.stats().refused, livePictures()]).toEqual(['QuotaExceededError', 1, 0]);
      expect([pool.bytes, pool.waitingCount, pool.decodingCount]).toEqual([0, 0, 0]);
      pool.assertNoLeaks();
    }

    test('is closed, and ends decodeFrames() with QuotaExceededError', async () => {
      const pool = tooSmall();
      const { config, chunks } = await trackOf(FILE);
      requireRefused(pool, await taken(decodeFrames(pool, streamOf(chunks), config)));
    });

    test('is closed, and fails a FrameDecoder with QuotaExceededError', async () => {
      const pool = tooSmall();
      const { config, chunks } = await trackOf(FILE, 3);
      const { decoder, errors } = pushDecoder(pool, config);
      for (const chunk of chunks) await decoder.decode(chunk).catch(() => {});
      await expect.poll(() => errors.length).toBe(1);
      requireRefused(pool, errors[0] ?? null);
    });

    test('is closed, and errors a stream that it is written into', async () => {
      const pool = tooSmall();
      const { readable, writable } = pooledFrames(pool);
      const writer = writable.getWriter();
      writer.closed.catch(() => {});
      const read = readable.getReader().read();
      await writer.write(colourFrame([0, 0, 0], { width: 320, height: 180 })).catch(() => {});
      requireRefused(pool, await read.then(() => null).catch(({ name }: Error) => name));
    });

    describe.each(WAYS)('read $way', ({ open }) => {
      test('is closed, and ends frames() and frameAt() with QuotaExceededError', async () => {
        const pool = tooSmall();
        await using reader = await open(await clipBlob(FILE));
        requireRefused(pool, await taken(reader.frames({ pool })));
        await expect(reader.frameAt(500_000, { pool })).rejects.toMatchObject({ name: 'QuotaExceededError' });
        expect(pool.stats().refused).toBe(2);
        pool.assertNoLeaks();
      });

      test('that just fits is accepted: every frame arrives', async () => {
        const { pool, reader } = await openClip(open, FILE, { capacity: 8, ...limited(FRAME_BYTES) });
        expect(await takeAll(reader.frames({ pool }))).toEqual(timestampsOf(clip(FILE)));
      });
    });
  });
});
