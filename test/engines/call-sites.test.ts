/** Stacks of holders begin at the app's own line, also of frames that a decoder's callback puts into the pool. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import {
  canvasStorage,
  decodeFrames,
  FrameDecoder,
  pooledFrames,
  shareFrames,
  trackFrames,
  VideoFramePool,
} from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob, streamOf, trackOf } from '../support/packets.ts';

const tracking = (capacity = 3): VideoFramePool => new VideoFramePool({ capacity, trackHolders: true });

/** WebKit drops the frame of a function that ends in a call. Inside this function the call is not the last step. */
const notLast = <T>(made: T): T => made;

/** The first lines of the stacks of the lent frames. */
const linesOf = (pool: VideoFramePool): string[] =>
  pool
    .holders()
    .filter(({ state }) => state === 'lent')
    .map(({ acquiredAt = '' }) => acquiredAt.split('\n')[0] ?? '');

const HERE = /call-sites\.test\.ts/u;

/** Takes a frame, reads its holder, and ends the iteration. */
async function expectLine(
  pool: VideoFramePool,
  frames: AsyncIterator<FrameHandle>,
  name: RegExp,
): Promise<void> {
  const { value } = await frames.next();
  const lines = linesOf(pool);
  value?.release();
  await frames.return?.();
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(line).toMatch(name);
    expect(line).toMatch(HERE);
  }
  pool.assertNoLeaks();
}

describe('the stack of a frame begins at the line that called', () => {
  test('reader.frames()', async () => {
    const pool = tracking();
    await using reader = await openVideo(await clipBlob('vp8.webm'));
    const framesHere = (): AsyncIterator<FrameHandle> => notLast(reader.frames({ pool }));
    await expectLine(pool, framesHere(), /framesHere/u);
  });

  test('reader.frameAt()', async () => {
    const pool = tracking();
    await using reader = await openVideo(await clipBlob('vp8.webm'));
    const frameAtHere = (): Promise<FrameHandle> => notLast(reader.frameAt(500_000, { pool }));
    const handle = await frameAtHere();
    const lines = linesOf(pool);
    handle.release();
    expect(lines).toEqual([expect.stringMatching(/frameAtHere/u)]);
    expect(lines[0]).toMatch(HERE);
  });

  test('decodeFrames()', async () => {
    const pool = tracking();
    const { chunks, config } = await trackOf('vp8.webm');
    const decodeHere = (): AsyncIterator<FrameHandle> =>
      notLast(decodeFrames(pool, streamOf(chunks), config));
    await expectLine(pool, decodeHere(), /decodeHere/u);
  });

  test('new FrameDecoder()', async () => {
    const pool = tracking();
    const { chunks, config } = await trackOf('vp8.webm');
    const lines: string[] = [];
    const output = (handle: FrameHandle): void => {
      lines.push(...linesOf(pool));
      handle.release();
    };
    const failures: unknown[] = [];
    const makeHere = (): FrameDecoder =>
      new FrameDecoder({ pool, config, output, error: (error) => failures.push(error) });
    const decoder = makeHere();
    for (const chunk of chunks.slice(0, 4)) await decoder.decode(chunk);
    await decoder.flush();
    decoder.close();
    expect([lines.length > 0, failures]).toEqual([true, []]);
    for (const line of lines) expect(line).toMatch(/makeHere/u);
  });

  test('trackFrames() or pooledFrames(), also for frames of shareFrames()', async () => {
    const pool = tracking();
    const live = (): ReadableStream<VideoFrame> =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(colourFrame([1, 2, 3]));
          controller.close();
        },
      });
    const trackHere = (): AsyncIterator<FrameHandle> => notLast(trackFrames(pool, live()));
    await expectLine(pool, trackHere(), /trackHere/u);
    const pairHere = (): ReadableWritablePair<FrameHandle, VideoFrame> => notLast(pooledFrames(pool));
    const [screen, file] = shareFrames(live().pipeThrough(pairHere()), ['screen', 'file']);
    const readers = [screen, file].map((branch) => branch?.getReader());
    const reads = await Promise.all(readers.map((reader) => reader?.read()));
    const lines = linesOf(pool);
    for (const read of reads) read?.value?.release();
    await Promise.all(readers.map((reader) => reader?.cancel()));
    expect(lines).toEqual([expect.stringMatching(/pairHere/u), expect.stringMatching(/pairHere/u)]);
    pool.assertNoLeaks();
  });

  test('adopt(), retain() and copyTo(), and a wait that another call ends', async () => {
    const pool = tracking();
    const canvases = new VideoFramePool({
      capacity: 1,
      trackHolders: true,
      storage: canvasStorage({ width: 8, height: 8 }),
    });
    const firstLine = ({ acquiredAt = '' }): string => acquiredAt.split('\n')[0] ?? '';
    const adoptHere = (): FrameHandle => notLast(pool.adopt(colourFrame([1, 2, 3])));
    const handle = adoptHere();
    const retainHere = (): FrameHandle => notLast(handle.retain());
    const share = retainHere();
    expect(linesOf(pool)).toEqual([
      expect.stringMatching(/adoptHere/u),
      expect.stringMatching(/retainHere/u),
    ]);
    const copyHere = (): ReturnType<typeof handle.copyTo<ReturnType<typeof canvasStorage>>> =>
      notLast(handle.copyTo(canvases));
    const copy = await copyHere();
    expect(canvases.holders().map(firstLine)).toEqual([expect.stringMatching(/copyHere/u)]);
    const acquireHere = (): ReturnType<typeof canvases.acquire> => notLast(canvases.acquire());
    const waiting = acquireHere();
    copy.release();
    expect(canvases.holders().map(firstLine)).toEqual([expect.stringMatching(/acquireHere/u)]);
    (await waiting).release();
    share.release();
    handle.release();
  });
});
