/** Cameras, elements, and streams of frames in other threads. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { CanvasStorage, FrameHandle, VideoFramePool } from '../../src/index.ts';
import { trackFrames } from '../../src/index.ts';
import { platformProcessor } from '../../src/tracks/track-processor.ts';
import { canvasPool, checkedPool } from '../support/checked-pools.ts';
import { frameAccount } from '../support/frame-account.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import { camera, expectGrowing, hold, readTrack, watch } from '../support/tracks.ts';

let pool: VideoFramePool;

beforeEach(() => {
  pool = checkedPool({ capacity: 8 });
});

describe('a camera', () => {
  let track: MediaStreamTrack;
  beforeEach(async () => {
    track = await camera({ width: 640, height: 480, frameRate: 30 });
  });

  test('is read unchanged: size, time and colours are its own', async () => {
    const times = await watch(trackFrames(pool, track), 8, ({ frame }) => {
      expect(frame).toMatchObject({ displayWidth: 640, displayHeight: 480, format: 'I420' });
      expect(frame.colorSpace.matrix).toBe('smpte170m');
    });
    expectGrowing(times);
    expect(track.readyState).toBe('live');
  });

  test('continues after a consumer that kept maxOpen frames, and never had more open', async () => {
    const frames = readTrack(pool, track);
    for (let round = 0; round < 3; round++) {
      const held = [await hold(frames), await hold(frames)];
      const { dropped } = pool.stats();
      const next = hold(frames);
      // Frames that the engine itself dropped are reported with the next frame.
      const other = document.createElement('video');
      other.muted = true;
      other.srcObject = new MediaStream([track]);
      await other.play();
      await new Promise<void>((resolve) => {
        other.requestVideoFrameCallback(() => other.requestVideoFrameCallback(() => resolve()));
      });
      other.srcObject = null;
      expect(pool.lentCount).toBe(2);
      for (const handle of held) handle.release();
      (await next).release();
      expect(pool.stats().dropped).toBeGreaterThan(dropped);
    }
  });

  test('shows each picture until the next one arrives, which two open frames suffice for', async () => {
    const frames = readTrack(pool, track);
    let shown = await hold(frames);
    for (let number = 0; number < 5; number++) {
      const next = await hold(frames);
      expect(next.timestamp).toBeGreaterThan(shown.timestamp);
      shown.release();
      shown = next;
    }
    shown.release();
  });

  test('continues while its pictures are kept as copies', async () => {
    const copies = canvasPool(160, 120, 6);
    const kept: FrameHandle<CanvasStorage>[] = [];
    await watch(trackFrames(pool, track), 6, async (handle) => {
      kept.push(await handle.copyTo(copies));
    });
    expect(copies.lentCount).toBe(6);
    for (const copy of kept) copy.release();
  });

  test('gives maxOpen frames after iterations that ended with a frame in transit', async () => {
    for (let round = 0; round < 6; round++) {
      const frames = trackFrames(pool, track);
      (await hold(frames)).release();
      const turn = new MessageChannel();
      const ended = new Promise((resolve) => {
        turn.port1.onmessage = () => resolve(frames.return?.());
      });
      // A thread that is busy while the next frame arrives: the engine delivers it in two tasks, and the message
      // is between.
      const until = performance.now() + 100;
      while (performance.now() < until);
      turn.port2.postMessage(null);
      await ended;
      turn.port1.close();
    }
    const frames = readTrack(pool, track);
    const held = [await hold(frames), await hold(frames)];
    for (const handle of held) handle.release();
  });

  test('that is disabled gives black pictures, and continues', async () => {
    const frames = readTrack(pool, track, { highWaterMark: 0 });
    track.enabled = false;
    const context = new OffscreenCanvas(8, 8).getContext('2d');
    const brightest = async (): Promise<number> => {
      const handle = await hold(frames);
      context?.drawImage(handle.frame, 0, 0, 8, 8);
      handle.release();
      const { data } = context?.getImageData(0, 0, 8, 8) ?? { data: [255] };
      return Math.max(...[...data].filter((_, at) => at % 4 !== 3));
    };
    await expect.poll(brightest).toBeLessThan(10);
    track.enabled = true;
    await expect.poll(brightest).toBeGreaterThan(100);
  });
});

test('an element is read as it plays, by captureStream()', async () => {
  const video = document.createElement('video');
  video.muted = true;
  // A busy machine skips pictures, and must have shown enough of them before the clip ends.
  video.playbackRate = 0.25;
  video.src = URL.createObjectURL(await clipBlob('vp8.webm'));
  // A boundary: the DOM library lacks the method, because Firefox has another name for it.
  const capture = (video as unknown as { captureStream(): MediaStream }).captureStream();
  const added = new Promise<MediaStreamTrack>((resolve) => {
    capture.addEventListener('addtrack', (event) => {
      if (event.track.kind === 'video') resolve(event.track);
    });
  });
  await video.play();
  const track = capture.getVideoTracks()[0] ?? (await added);
  const marks: number[] = [];
  await watch(trackFrames(pool, track), 5, ({ frame }) => void marks.push(markOf(frame)));
  // The engine repeats a picture for all readers when another one joins.
  expect(marks).toEqual([...marks].sort((a, b) => a - b));
  expect(new Set(marks).size).toBeGreaterThan(2);
  expect(track.readyState).toBe('live');
  video.pause();
  track.stop();
  URL.revokeObjectURL(video.src);
});

describe('a stream of frames in place of a track', () => {
  /** A stream that has these chunks, and then ends. */
  const streamOf = (...frames: unknown[]): ReadableStream<VideoFrame> =>
    new ReadableStream({
      start(controller) {
        for (const frame of frames) controller.enqueue(frame as VideoFrame);
        controller.close();
      },
    });

  test('is read, and cancelled at the end', async () => {
    let cancelled = 0;
    let number = 0;
    const pull = (controller: ReadableStreamDefaultController<VideoFrame>): void =>
      controller.enqueue(colourFrame([1, 2, 3], { timestamp: number++ }));
    const cancel = (): void => void cancelled++;
    const stream = new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
    const [first] = await watch(trackFrames(pool, stream), 3);
    expect(first).toBe(0);
    expect(cancelled).toBe(1);
  });

  test('is cancelled after the frame in transit, which is closed; then return() resolves', async () => {
    const events: string[] = [];
    let arrive = (): void => {};
    const stream = new ReadableStream<VideoFrame>(
      {
        async pull(controller) {
          const frame = colourFrame([1, 2, 3]);
          await new Promise<void>((resolve) => {
            arrive = resolve;
          });
          events.push('arrived');
          controller.enqueue(frame);
        },
        cancel: () => void events.push('cancelled'),
      },
      { highWaterMark: 0 },
    );
    const leaving = new AbortController();
    const frames = trackFrames(pool, stream, { signal: leaving.signal });
    await expect.poll(() => frameAccount().opened - frameAccount().closed).toBe(1);
    leaving.abort(new Error('left'));
    await expect(frames.next()).rejects.toThrow('left');
    const left = frames.return?.().then(() => events.push('left'));
    arrive();
    await left;
    expect(events).toEqual(['arrived', 'cancelled', 'left']);
  });

  test('is cancelled soon if no frame is in transit', async () => {
    let isCancelled = false;
    const stream = new ReadableStream<VideoFrame>({ cancel: () => void (isCancelled = true) });
    const frames = trackFrames(pool, stream);
    const pending = frames.next();
    const left = frames.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    await left;
    expect(isCancelled).toBe(true);
  });

  test('ends with its stream: after the last frame, or with the stream’s error', async () => {
    const frames = trackFrames(pool, streamOf(colourFrame([1, 2, 3], { timestamp: 7 })));
    const last = await hold(frames);
    expect(last.timestamp).toBe(7);
    last.release();
    expect((await frames.next()).done).toBe(true);
    const start = (controller: ReadableStreamDefaultController): void => controller.error(new Error('gone'));
    const failed = new ReadableStream<VideoFrame>({ start });
    await expect(trackFrames(pool, failed).next()).rejects.toThrow('gone');
  });

  test('rejects chunks that are no frames, and foreign frames, which stay unchanged', async () => {
    using handle = pool.adopt(colourFrame([1, 2, 3]));
    for (const strange of ['frame', handle.frame]) {
      await expect(trackFrames(pool, streamOf(strange)).next()).rejects.toThrow(TypeError);
    }
    expect(handle.frame.codedWidth).toBe(64);
  });

  test('carries a track into a worker, which gets neither processors nor tracks', async () => {
    const track = await camera();
    const worker = new Worker(new URL('../support/track-worker.ts', import.meta.url), { type: 'module' });
    const answer = (): Promise<unknown> =>
      new Promise((resolve) =>
        worker.addEventListener('message', ({ data }) => resolve(data), { once: true }),
      );
    expect(await answer()).toMatch(/^NotSupportedError: .*no MediaStreamTrackProcessor in this worker/u);
    const Processor = platformProcessor();
    if (Processor === undefined) throw new Error('there is no processor to take a stream of');
    const { readable } = new Processor({ track, maxBufferSize: 1 });
    const read = answer();
    // A boundary: the DOM library’s list of transferable objects is older than streams.
    worker.postMessage(readable, [readable as unknown as Transferable]);
    expect(await read).toEqual({ widths: [640, 640, 640], lent: 0, open: [] });
    worker.terminate();
    expect(track.readyState).toBe('live');
  });
});
