/** Opening a file in a worker: return values of the app's factory, and workers that fail. */
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { clipBlob, clipUrl } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import { readerWorker } from '../support/readers.ts';
import { watchPorts } from '../support/threads/port-watch.ts';

const made: Worker[] = [];

/** Records the worker that a factory creates, to check whether it was terminated. */
const noted = (worker: Worker): Worker => {
  made.push(worker);
  return worker;
};

/** A worker of a few lines, which is recorded. Errors that it throws are not reported to the page. */
function scriptWorker(script: string): Worker {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  onTestFinished(() => URL.revokeObjectURL(url));
  const worker = noted(new Worker(url));
  worker.addEventListener('error', (event) => event.preventDefault());
  return worker;
}

/** Resolves when a worker that answers every message has answered one more. */
async function answer(worker: Worker | undefined): Promise<void> {
  const answered = new Promise((resolve) => worker?.addEventListener('message', resolve, { once: true }));
  worker?.postMessage('are you there?');
  await answered;
}

/** Whether a worker was terminated. A slow worker can count as terminated, but a terminated one never as alive. */
const isEnded = (worker: Worker | undefined): Promise<boolean> =>
  Promise.race([
    answer(worker).then(() => false),
    new Promise<boolean>((resolve) => setTimeout(resolve, 200, true)),
  ]);

const rejection = (opening: Promise<unknown>): Promise<unknown> => opening.catch((error: unknown) => error);

/** Rejection of opening a video with sound in a worker. */
const outcomeOf = async (worker: () => Worker): Promise<unknown> =>
  rejection(openVideo(await clipBlob('vp8.webm'), { worker }));

const errorWith = (name: string, words: string): object => ({
  name,
  message: expect.stringContaining(words),
});

const ECHO = `addEventListener('message', () => postMessage('yes'));`;

afterEach(() => {
  for (const worker of made.splice(0)) worker.terminate();
});

describe('openVideo() with a worker', () => {
  test('passes on what the factory throws, unchanged [fault: callback that throws]', async () => {
    const own = new Error('no worker today');
    const outcome = outcomeOf(() => {
      throw own;
    });
    expect(await outcome).toBe(own);
  });

  test.each([
    ['nothing', () => undefined],
    ['a promise', () => Promise.resolve()],
    ['a port', () => new MessageChannel().port1],
  ])('refuses a factory that returns %s', async (_, worker) => {
    expect(await outcomeOf(worker as unknown as () => Worker)).toBeInstanceOf(TypeError);
  });

  test('refuses a worker option that is not a function, and a decoder beside it', async () => {
    const blob = await clipBlob('vp8.webm');
    const worker = 'worker.js' as unknown as () => Worker;
    await expect(openVideo(blob, { worker })).rejects.toThrow('worker must be a function');
    const decoder = LimitedVideoDecoder.with({});
    await expect(openVideo(blob, { worker: () => readerWorker(), decoder })).rejects.toThrow(TypeError);
  });

  test('creates no worker for an unsupported source, or when its signal has fired', async () => {
    let called = 0;
    const worker = (): Worker => {
      called++;
      return readerWorker();
    };
    await expect(openVideo(42 as unknown as string, { worker })).rejects.toThrow(TypeError);
    const signal = AbortSignal.abort(new Error('not now'));
    await expect(openVideo(await clipBlob('vp8.webm'), { worker, signal })).rejects.toThrow('not now');
    expect(called).toBe(0);
  });

  test('reports that the worker’s script cannot be loaded', async () => {
    const script = '/faults/opening?fault=404&film=script';
    const error = await outcomeOf(() => noted(new Worker(script, { type: 'module' })));
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject(errorWith('NetworkError', 'cannot be loaded'));
  });

  test('reports the error that a script threw before it answered', async () => {
    const error = await outcomeOf(() => scriptWorker(`${ECHO} throw new Error('bad start');`));
    expect(error).toMatchObject(errorWith('OperationError', 'bad start'));
    expect(await isEnded(made[0])).toBe(true);
  });

  test('reports a worker of another version', async () => {
    const script = `addEventListener('message', ({ data }) => {
      if (data.link) postMessage({ 'video-frame-pool': 0, kind: 'ready', purpose: 'reader', link: data.link });
      else postMessage('yes');
    });`;
    const error = await outcomeOf(() => scriptWorker(script));
    expect(error).toMatchObject(errorWith('NotSupportedError', 'another version'));
    expect(await isEnded(made[0])).toBe(true);
  });

  test('ends with its signal while a worker does not answer, and terminates the worker', async () => {
    const controller = new AbortController();
    const worker = (): Worker => scriptWorker(ECHO);
    const opening = openVideo(await clipBlob('vp8.webm'), { worker, signal: controller.signal });
    await expect.poll(() => made.length).toBe(1);
    await answer(made[0]);
    controller.abort(new Error('changed my mind'));
    await expect(opening).rejects.toThrow('changed my mind');
    expect(await isEnded(made[0])).toBe(true);
  });

  test('terminates the worker if the file cannot be read, with the error of this thread', async () => {
    const before = (await navigator.locks.query()).held?.length ?? 0;
    const text = new Blob(['just some words, and not a film at all'.repeat(50)]);
    const worker = (): Worker => noted(readerWorker({ holdsLock: 'the worker of a text' }));
    const here = (await rejection(openVideo(text))) as DOMException & { cause: Error };
    const there = await rejection(openVideo(text, { worker }));
    expect(there).toBeInstanceOf(DOMException);
    const { name, message, cause } = here;
    expect(there).toMatchObject({ name, message, cause: { message: cause.message } });
    await expect.poll(async () => (await navigator.locks.query()).held?.length ?? 0).toBe(before);
  });

  test('rejects when the worker ends while it opens the file', async () => {
    const watch = watchPorts();
    const worker = noted(readerWorker());
    const address = new URL('/faults/opening?fault=stalls&film=worker', location.href);
    const outcome = rejection(openVideo(address, { worker: () => worker }));
    await expect
      .poll(async () => (await navigator.locks.query()).held?.some(({ name }) => name?.endsWith('responder')))
      .toBe(true);
    // The watch begins with the worker's first message.
    await watch.handled(1);
    worker.terminate();
    expect(await outcome).toMatchObject({ name: 'InvalidStateError' });
  });

  test('resolves addresses in the page: relative ones, URLs, and those of blobs', async () => {
    const url = new URL(clipUrl('vp8.webm'));
    const base = document.createElement('base');
    base.href = new URL('.', url).href;
    document.head.append(base);
    onTestFinished(() => base.remove());
    const blobAddress = URL.createObjectURL(await clipBlob('vp8.webm'));
    onTestFinished(() => URL.revokeObjectURL(blobAddress));
    const pool = new VideoFramePool({ capacity: 2 });
    for (const source of [`vp8.webm${url.search}`, `${url.pathname}${url.search}`, url, blobAddress]) {
      await using reader = await openVideo(source, { worker: () => readerWorker() });
      const handle = await reader.frameAt(1_000_000, { pool });
      expect(markOf(handle.frame)).toBe(30);
      handle.release();
    }
    pool.assertNoLeaks();
  });

  test('serves several readers, each with its own worker', async () => {
    const pool = new VideoFramePool({ capacity: 4 });
    const files = ['vp8.webm', 'vp9.webm', 'h264_bframes.mp4'];
    const readers = await Promise.all(
      files.map(async (file) => openVideo(await clipBlob(file), { worker: () => readerWorker() })),
    );
    const handles = await Promise.all(readers.map((reader) => reader.frameAt(500_000, { pool })));
    expect(handles.map(({ frame }) => markOf(frame))).toEqual([15, 15, 15]);
    for (const handle of handles) handle.release();
    await readers[0]?.close();
    const again = await readers[1]?.frameAt(0, { pool });
    again?.release();
    for (const reader of readers) await reader.close();
    pool.assertNoLeaks();
  });
});
