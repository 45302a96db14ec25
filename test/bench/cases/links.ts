/** A frame's way to a worker and back: as a handle, against a bare frame by `postMessage()`. */
import type { PoolLink } from '../../../src/index.ts';
import { connectPool, VideoFramePool } from '../../../src/index.ts';
import type { Case } from '../page/case.ts';
import { decodedFrame } from '../page/clips.ts';
import { atMost } from '../page/goal.ts';
import { inTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { paired } from '../page/statistics.ts';

/** Frames that are made at a time, and sent one after the other. */
const FRAMES = 300;

/** Frames in a round: after the garbage collection before a round, memory and caches are cold for a while. */
const BATCHES = 10;

/**
 * Rounds before the counted ones: for some 4,000 trips the engine still compiles our side, and bare messages have
 * none.
 */
const WARM_UP_ROUNDS = 3;

export const cases = (): Case[] => [{ name: 'to a worker and back', run: measured }];

async function measured(rounds: number): Promise<Measure[]> {
  const frame = await decodedFrame();
  const worker = new Worker(new URL('../sides/echo-worker.ts', import.meta.url), { type: 'module' });
  const pool = new VideoFramePool({ capacity: FRAMES });
  const link = connectPool(pool, worker);
  await link.opened;
  const { port1, port2 } = new MessageChannel();
  worker.postMessage('port', [port2]);
  const figures = await inTurns(
    {
      bare: () => bareTrips(worker, frame),
      port: () => bareTrips(port1, frame),
      handle: () => handleTrips(link, pool, frame, 'release'),
      read: () => handleTrips(link, pool, frame, 'read'),
    },
    rounds,
    WARM_UP_ROUNDS,
  );
  link.close();
  worker.terminate();
  frame.close();
  const measure = (what: string, ours: number[], other: number[]): Measure => ({
    name: `to a worker and back: send() and release()${what}`,
    why: 'a frame that is counted in another thread costs little more than an uncounted one',
    unit: 'µs',
    compared: paired(ours, other),
    goal: atMost(1.2),
  });
  return [
    measure(' / a frame by postMessage() of the worker', figures.handle, figures.bare),
    measure(' / a frame by a MessagePort', figures.handle, figures.port),
    measure(', frame read there / a frame by a MessagePort', figures.read, figures.port),
  ];
}

/** Microseconds per trip. Frames are made before, and closed as they return. */
function bareTrips(end: Worker | MessagePort, frame: VideoFrame): Promise<number> {
  return timed(
    () => frame.clone(),
    async (each) => {
      const back = new Promise<VideoFrame>((resolve) => {
        end.onmessage = ({ data }: MessageEvent<VideoFrame>) => resolve(data);
      });
      end.postMessage(each, [each]);
      (await back).close();
    },
  );
}

/** The same with handles, until the pool's listener is called for each. */
function handleTrips(link: PoolLink, pool: VideoFramePool, frame: VideoFrame, data: string): Promise<number> {
  return timed(
    () => pool.adopt(frame.clone()),
    async (handle) => {
      const returned = new Promise<void>((resolve) => pool.setListener(() => resolve()));
      await link.send(handle, data);
      await returned;
    },
  );
}

async function timed<T>(make: () => T, trip: (each: T) => Promise<void>): Promise<number> {
  let ms = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const frames = Array.from({ length: FRAMES }, make);
    const start = performance.now();
    for (const each of frames) await trip(each);
    ms += performance.now() - start;
  }
  return (ms * 1000) / (BATCHES * FRAMES);
}
