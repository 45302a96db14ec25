/** Failures at every moment: all calls settle, everything is released, encoders are closed, and the error is reported once. */
import type { OutputFormat, StreamTargetChunk } from 'mediabunny';
import { Mp4OutputFormat, Output, StreamTarget, WebMOutputFormat } from 'mediabunny';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkEncodersAfterEachTest, driven, expectEnd } from '../support/writer/driving.ts';
import { alive, BROKEN, COUNTED, faulty } from '../support/writer/encoders.ts';
import { put, writing } from '../support/writer/making.ts';

const PICTURES = 40;

checkEncodersAfterEachTest();

const FULL = new DOMException('the disk is full', 'QuotaExceededError');

/** A target that fails once after this many bytes; with `Infinity` it only counts. */
function targetOf(room: number, atClose = false): { target: StreamTarget; bytes(): number } {
  let bytes = 0;
  const stream = new WritableStream<StreamTargetChunk>({
    write({ data }) {
      bytes += data.byteLength;
      if (bytes > room) throw FULL;
    },
    close() {
      if (atClose) throw FULL;
    },
  });
  return { target: new StreamTarget(stream), bytes: () => bytes };
}

const FORMATS: [string, () => OutputFormat][] = [
  ['MP4', () => new Mp4OutputFormat({ fastStart: false })],
  ['fragmented MP4', () => new Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: 0.2 })],
  ['WebM', () => new WebMOutputFormat()],
];

describe.each(FORMATS)('a target that is full in the middle of %s [fault: full target]', (_, format) => {
  test('rejects all pending calls and finalize() with one error, wherever it happens [C: EndWriting]', async () => {
    const { target, bytes } = targetOf(Infinity);
    expectEnd(await driven({ target, format: format(), pictures: PICTURES }), { state: 'finalized' });
    const size = bytes();
    expect(size).toBeGreaterThan(3000);
    const parts = [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => Math.floor(size * part));
    for (const room of [0, 1, 30, 100, ...parts, size - 1]) {
      const run = await driven({ target: targetOf(room).target, format: format(), pictures: PICTURES });
      expectEnd(run, { state: 'failed', error: FULL }, FULL, `${room} of ${size} bytes`);
      // The last promise is that of finalize().
      expect(run.ends.at(-1)?.status).toBe('rejected');
    }
  });

  test('or that cannot be closed, fails finalize()', async () => {
    const { target } = targetOf(Infinity, true);
    const run = await driven({ target, format: format(), pictures: PICTURES });
    expectEnd(run, { state: 'failed', error: FULL }, FULL);
  });
});

test.each([0, 1, 7, 20, PICTURES - 1])(
  'an encoder that breaks at picture %d ends everything with its error',
  async (at) => {
    const encoders = faulty('video', { at: 'sample', samples: at });
    const run = await driven({ encoders, pictures: PICTURES });
    expectEnd(run, { state: 'failed', error: BROKEN }, BROKEN);
  },
);

test('abort() at any moment ends everything with its reason', async () => {
  const { calls } = await driven({ target: targetOf(Infinity).target, pictures: PICTURES });
  expect(calls).toBeGreaterThan(100);
  for (let moment = 0; moment < calls; moment += moment < 12 ? 1 : 6) {
    const reason = new Error(`at call ${moment}`);
    const ended: Promise<void>[] = [];
    const run = await driven({
      target: targetOf(Infinity).target,
      pictures: PICTURES,
      at(call, writer) {
        const abort = (): void => void ended.push(writer.abort(reason));
        // In the middle of the previous call's work, or one task later.
        if (call === moment && moment % 2 === 0) queueMicrotask(abort);
        else if (call === moment) setTimeout(abort, 0);
      },
    });
    await Promise.all(ended);
    expectEnd(run, { state: 'aborted', reason }, reason, reason.message);
  }
});

test('a target that never answers delays abort() by a second, and no other call', async () => {
  const write = vi.fn<() => Promise<void>>(() => new Promise(() => {}));
  const target = new StreamTarget(new WritableStream({ write }));
  const format = new Mp4OutputFormat({ fastStart: 'fragmented' });
  const { writer } = await writing({ target, encoders: COUNTED }, {}, format);
  await put(writer, 0);
  const finalize = vi.spyOn(Output.prototype, 'finalize');
  onTestFinished(() => finalize.mockRestore());
  const finalized = writer.finalize().catch((error: unknown) => error);
  // The encoder is empty, and the end of the file waits for the target.
  await expect.poll(() => [finalize.mock.calls.length, write.mock.calls.length]).toEqual([1, 1]);
  expect(writer.state).toBe('finalizing');
  const end = writer.abort('stuck');
  expect([alive.count, writer.state]).toEqual([0, 'aborted']);
  await end;
  expect(await finalized).toBe('stuck');
});
