/** A frame's way to a worker and back: as a handle, against a bare frame by `postMessage()`. */
import type { FrameHandle, PoolLink } from '../../../src/index.ts';
import { connectPool, VideoFramePool } from '../../../src/index.ts';
import type { Case } from '../page/case.ts';
import { inTurns } from '../page/rounds.ts';
import type { Row } from '../page/row.ts';
import { rowOf } from '../page/row.ts';
import { paired } from '../page/statistics.ts';
import { decodedFrame } from './handles.ts';

/** Trips in a row, one after the other, which is some tens of milliseconds. */
const TRIPS = 300;

/** Before them, so many rounds of each: until some 4,000 trips the engine still compiles our side, and bare messages have none. */
const WARM_UP_ROUNDS = 15;

/** These are short: so many times the rounds of others. */
const MORE_ROUNDS = 3;

export const linkCases: Case[] = [
  {
    name: 'to a worker and back',
    async run(rounds) {
      const frame = await decodedFrame();
      const worker = new Worker(new URL('../sides/echo-worker.ts', import.meta.url), { type: 'module' });
      const pool = new VideoFramePool({ capacity: TRIPS });
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
        rounds * MORE_ROUNDS,
        WARM_UP_ROUNDS,
      );
      link.close();
      worker.terminate();
      frame.close();
      const name = 'to a worker and back: send() and release()';
      const row = (what: string, ours: number[], other: number[]): Row =>
        rowOf(`${name}${what}`, 'µs', paired(ours, other), 'at most', 1.3);
      return [
        row(' / a frame by postMessage() of the worker', figures.handle, figures.bare),
        row(' / a frame by a MessagePort', figures.handle, figures.port),
        row(', frame read there / a frame by a MessagePort', figures.read, figures.port),
      ];
    },
  },
];

/** Microseconds a trip. Frames are made before, and closed as they come back. */
async function bareTrips(end: Worker | MessagePort, frame: VideoFrame): Promise<number> {
  const frames = Array.from({ length: TRIPS }, () => frame.clone());
  const start = performance.now();
  for (const each of frames) {
    const back = new Promise<VideoFrame>((resolve) => {
      end.onmessage = ({ data }: MessageEvent<VideoFrame>) => resolve(data);
    });
    end.postMessage(each, [each]);
    (await back).close();
  }
  return ((performance.now() - start) * 1000) / TRIPS;
}

/** The same with handles, until the pool's listener hears of each. */
async function handleTrips(
  link: PoolLink,
  pool: VideoFramePool,
  frame: VideoFrame,
  data: string,
): Promise<number> {
  const handles: FrameHandle[] = Array.from({ length: TRIPS }, () => pool.adopt(frame.clone()));
  const start = performance.now();
  for (const handle of handles) {
    const home = new Promise<void>((resolve) => pool.setListener(() => resolve()));
    await link.send(handle, data);
    await home;
  }
  return ((performance.now() - start) * 1000) / TRIPS;
}
