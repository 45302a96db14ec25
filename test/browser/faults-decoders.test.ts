/**
 * Decoders that fail at each moment of their lives, under each consumer: the error is passed to the caller, and
 * the rest continues.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import {
  decodeFrames,
  FrameDecoder,
  PoolStarvedError,
  shareFrames,
  VideoFramePool,
} from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { LimitedVideoDecoder, ManualClock } from '../../src/testing/index.ts';
import { Bystander } from '../support/aside.ts';
import type { Fault, ListedDecoder as FaultyDecoder } from '../support/decoders.ts';
import { BROKEN, faultyDecoder, TAKEN } from '../support/decoders.ts';
import { clipBlob, streamOf, trackOf } from '../support/packets.ts';
import { takeUntilError } from '../support/taking.ts';
import { timePassesUntil } from '../support/time-passes.ts';

const CLIP = 'vp8.webm';
const FRAMES = 12;
const FRAMES_OF_CLIP = 60;

/** Number of frames that a consumer got, and the rejections of its pending promises. */
interface Got {
  readonly frames: number;
  readonly errors: readonly unknown[];
}

type Consumer = (pool: VideoFramePool, decoder: typeof VideoDecoder) => Promise<Got>;

/** Takes all frames, each released at once. */
async function drained(frames: AsyncIterable<FrameHandle>): Promise<Got> {
  const { seen, error } = await takeUntilError(frames);
  return { frames: seen.length, errors: error === null ? [] : [error] };
}

const CONSUMERS: Record<string, Consumer> = {
  async 'decodeFrames()'(pool, decoder) {
    const { config, chunks } = await trackOf(CLIP, FRAMES);
    return drained(decodeFrames(pool, streamOf(chunks), config, { decoder }));
  },
  async FrameDecoder(pool, decoder) {
    const { config, chunks } = await trackOf(CLIP, FRAMES);
    const callbackLog: unknown[] = [];
    let frames = 0;
    const output = (handle: FrameHandle): void => {
      frames++;
      handle.release();
    };
    try {
      const pushed = new FrameDecoder({
        pool,
        config,
        decoder,
        output,
        error: (error) => callbackLog.push(error),
      });
      const ends = await Promise.allSettled([...chunks.map((chunk) => pushed.decode(chunk)), pushed.flush()]);
      pushed.close();
      const rejected = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      // Calls after a failed one find the decoder closed, like the platform's.
      const others = rejected.filter((error) => (error as DOMException).name !== 'InvalidStateError');
      return { frames, errors: [...callbackLog, ...others] };
    } catch (error) {
      return { frames, errors: [error] };
    }
  },
  async 'reader.frames()'(pool, decoder) {
    await using reader = await openVideo(await clipBlob(CLIP), { decoder });
    return await drained(reader.frames({ pool }));
  },
  async 'reader.frameAt()'(pool, decoder) {
    await using reader = await openVideo(await clipBlob(CLIP), { decoder });
    const frame = async function* () {
      yield await reader.frameAt(350_000, { pool });
    };
    return await drained(frame());
  },
  async 'shareFrames()'(pool, decoder) {
    await using reader = await openVideo(await clipBlob(CLIP), { decoder });
    const branches = shareFrames(reader.readable({ pool }), ['one', 'other']);
    const got = await Promise.all(branches.map((branch) => drained(branch)));
    const frames = Math.min(...got.map((each) => each.frames));
    return { frames, errors: got.flatMap(({ errors }) => errors) };
  },
};

const consumers = Object.entries(CONSUMERS);

/** Number of frames of each consumer with a sound decoder. */
const WHOLE: Record<string, number> = {
  'decodeFrames()': FRAMES,
  FrameDecoder: FRAMES,
  'reader.frames()': FRAMES_OF_CLIP,
  'reader.frameAt()': 1,
  'shareFrames()': FRAMES_OF_CLIP,
};

/** Lets a consumer decode beside a bystander. Afterwards its decoders are closed, and only the bystander holds a frame. */
async function consumed(consume: Consumer, decoder: FaultyDecoder): Promise<Got> {
  const pool = new VideoFramePool({ capacity: 3 });
  const other = new Bystander(pool);
  const got = await consume(pool, decoder);
  expect(decoder.made.map(({ state }) => state)).toEqual(decoder.made.map(() => 'closed'));
  await other.finish();
  return got;
}

const FAULTS: Record<string, Fault> = {
  'when it is asked what it can': { at: 'support' },
  'when it is made': { at: 'making' },
  'when it is configured': { at: 'configure' },
  'at the first chunk': { at: 'chunk' },
  'in the middle': { at: 'chunk', chunks: 5 },
  'by a throw at the first chunk': { at: 'decode' },
  'by a throw in the middle': { at: 'decode', chunks: 5 },
  'when it is flushed': { at: 'flush' },
};

/** Cases that cannot happen: the push form has no requests, and one frame is ready before a flush. */
const NEVER: Record<string, string> = {
  FrameDecoder: 'when it is asked what it can',
  'reader.frameAt()': 'when it is flushed',
};

describe.each(consumers)('%s, over a decoder that fails [fault: decoder error]', (name, consume) => {
  test.each(Object.entries(FAULTS).filter(([when]) => NEVER[name] !== when))(
    '%s, ends with its error',
    async (_when, fault) => {
      const { frames, errors } = await consumed(consume, faultyDecoder(fault));
      expect(frames).toBeLessThanOrEqual(fault.at === 'flush' ? FRAMES_OF_CLIP : FRAMES - 1);
      expect(errors.length).toBeGreaterThan(0);
      expect(new Set(errors)).toEqual(new Set([BROKEN]));
    },
  );

  test('after it was closed, gets no error of it', async () => {
    const consumeAndWait: Consumer = async (pool, decoder) => {
      const got = await consume(pool, decoder);
      // The error is dispatched in a task of its own.
      await new Promise((resolve) => setTimeout(resolve, 5));
      return got;
    };
    const got = await consumed(consumeAndWait, faultyDecoder({ at: 'after close' }));
    expect(got).toEqual({ frames: WHOLE[name], errors: [] });
  });
});

const moments = ['at the first chunk', 'in the middle', 'when it is flushed'];
const takenAway = (when: string): Fault => ({ at: 'chunk', ...FAULTS[when], error: TAKEN });

const byReader = consumers.filter(([name]) => name.startsWith('reader') || name === 'shareFrames()');

describe.each(byReader)(
  '%s, over a codec that the browser reclaims [fault: codec reclaimed]',
  (name, consume) => {
    test.each(moments)('%s, continues with another one', async (when) => {
      const got = await consumed(consume, faultyDecoder({ ...takenAway(when), isOnce: true }));
      expect(got).toEqual({ frames: WHOLE[name], errors: [] });
    });

    test('again and again before it gives a frame, ends with an error', async () => {
      const { frames, errors } = await consumed(consume, faultyDecoder({ at: 'chunk', error: TAKEN }));
      expect([frames, new Set(errors)]).toEqual([0, new Set([TAKEN])]);
    });
  },
);

describe.each(consumers.filter((each) => !byReader.includes(each)))(
  '%s, over a codec that the browser reclaims [fault: codec reclaimed]',
  (_, consume) => {
    test.each(moments)('%s, ends with an error', async (when) => {
      const { errors } = await consumed(consume, faultyDecoder(takenAway(when)));
      expect(new Set(errors)).toEqual(new Set([TAKEN]));
    });
  },
);

const SURFACES = [1, 2, 3, 4, 5, 6, 7, 8];

describe.each(consumers)(
  '%s, with as many slots as the decoder has surfaces [fault: decoder with few surfaces]',
  (name, consume) => {
    test.each(SURFACES)('reaches its end with %i', async (surfaces) => {
      const pool = new VideoFramePool({ capacity: surfaces });
      const decoder = LimitedVideoDecoder.with({ surfaces });
      expect(await consume(pool, decoder)).toEqual({ frames: WHOLE[name], errors: [] });
      pool.assertNoLeaks();
    });
  },
);

const STRIP = { starvationMs: 500, holder: 'strip' };

/** Iterations for a consumer that keeps its frames. */
const ITERATIONS = {
  async 'decodeFrames()'(pool: VideoFramePool, decoder: typeof VideoDecoder) {
    const { config, chunks } = await trackOf(CLIP, FRAMES);
    return decodeFrames(pool, streamOf(chunks), config, { decoder, ...STRIP });
  },
  async 'reader.frames()'(pool: VideoFramePool, decoder: typeof VideoDecoder) {
    const reader = await openVideo(await clipBlob(CLIP), { decoder });
    onTestFinished(() => reader.close());
    return reader.frames({ pool, ...STRIP });
  },
};

describe.each(Object.entries(ITERATIONS))(
  '%s, with more slots than the decoder has surfaces [fault: decoder with few surfaces]',
  (_, iterate) => {
    test.each(SURFACES)(
      'and a consumer that keeps all frames of %i, names that consumer',
      async (surfaces) => {
        const clock = new ManualClock();
        const pool = new VideoFramePool({ capacity: 10, clock });
        const other = new Bystander(pool);
        const frames = await iterate(pool, LimitedVideoDecoder.with({ surfaces }));
        const held: FrameHandle[] = [];
        const keep = async (): Promise<void> => {
          for await (const handle of frames) held.push(handle);
        };
        const outcome = keep().catch((reason: unknown) => reason);
        const error = await timePassesUntil(clock, outcome);
        expect(error).toBeInstanceOf(PoolStarvedError);
        const { holders } = error as PoolStarvedError;
        expect(new Set(holders.map(({ holder }) => holder))).toEqual(new Set(['bystander', 'strip']));
        expect(held.length).toBe(surfaces);
        for (const handle of held) handle.release();
        await other.finish();
      },
    );
  },
);
