import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BufferedSink } from '../../src/base/pull-queue.ts';
import { PullQueue } from '../../src/base/pull-queue.ts';

/** A queue of numbers whose source notes its calls. */
function queueOf(signal?: AbortSignal) {
  const discarded: number[] = [];
  const taken: number[] = [];
  const calls = { pull: 0, rest: 0, stop: 0 };
  let sink: BufferedSink<number> | null = null;
  const queue = new PullQueue<number>((given) => {
    sink = given;
    return {
      pull: () => void calls.pull++,
      rest: () => void calls.rest++,
      stop: () => void calls.stop++,
      onTaken: (value) => void taken.push(value),
      discard: (value) => void discarded.push(value),
    };
  }, signal);
  return { queue, sink: sink as unknown as BufferedSink<number>, calls, taken, discarded };
}

const settled = (call: Promise<IteratorResult<number, undefined>>): Promise<unknown> =>
  call.then(
    ({ value }) => value ?? 'end',
    (error: unknown) => error,
  );

const step = fc.constantFrom('push', 'push', 'next', 'next', 'end', 'fail', 'abort', 'return');

/** What the calls of next() give for a script: each of them, in order. Calls that still wait are ended by return(). */
function expected(steps: readonly string[]) {
  const results: unknown[] = [];
  const ready: number[] = [];
  const discarded: number[] = [];
  const waiting: number[] = [];
  let outcome: 'running' | 'ended' | 'over' | Error = 'running';
  let pushed = 0;
  const report = (): unknown => {
    const result = outcome instanceof Error ? outcome.message : 'end';
    outcome = 'over';
    return result;
  };
  const finish = (how: 'over' | 'ended' | Error, keeps: boolean): void => {
    if (keeps && outcome !== 'running') return;
    outcome = how;
    if (!keeps) discarded.push(...ready.splice(0));
    for (const call of waiting.splice(0)) results[call] = report();
  };
  for (const each of [...steps, 'return']) {
    if (each === 'push') {
      const call = outcome === 'running' ? waiting.shift() : undefined;
      if (outcome !== 'running') discarded.push(pushed++);
      else if (call === undefined) ready.push(pushed++);
      else results[call] = pushed++;
    } else if (each === 'next') {
      if (ready.length > 0) results.push(ready.shift());
      else if (outcome === 'running') waiting.push(results.push(null) - 1);
      else results.push(report());
    } else if (each === 'end') finish('ended', true);
    else if (each === 'fail') finish(new Error('failed'), true);
    else if (each === 'return') finish('over', false);
    else if (outcome === 'running' || outcome === 'ended' || ready.length > 0)
      finish(new Error('aborted'), false);
  }
  return { results, discarded };
}

test('a pull queue yields each value once, in order, and reports an error once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const controller = new AbortController();
      const { queue, sink, calls, taken, discarded } = queueOf(controller.signal);
      const results: Promise<unknown>[] = [];
      let pushed = 0;
      for (const each of [...steps, 'return']) {
        if (each === 'push') sink.push(pushed++);
        else if (each === 'next') results.push(settled(queue.next()));
        else if (each === 'end') sink.end();
        else if (each === 'fail') sink.fail('failed');
        else if (each === 'abort') controller.signal.aborted || controller.abort('aborted');
        else void queue.return();
      }
      const model = expected(onceAborted(steps));
      expect(await Promise.all(results)).toEqual(model.results);
      expect(discarded).toEqual(model.discarded);
      expect([...taken, ...discarded].sort((a, b) => a - b)).toEqual([...Array(pushed).keys()]);
      expect(calls.stop).toBe(1);
    }),
  );
});

/** A signal fires once. */
function onceAborted(steps: readonly string[]): string[] {
  const first = steps.indexOf('abort');
  return steps.filter((each, place) => each !== 'abort' || place === first);
}

test('a pull queue pulls for each call, and rests when none waits any more', () => {
  const { queue, sink, calls } = queueOf();
  void queue.next();
  void queue.next();
  expect([calls.pull, sink.awaited]).toEqual([2, 2]);
  sink.push(1);
  expect([calls.rest, sink.awaited]).toEqual([0, 1]);
  sink.push(2);
  expect([calls.rest, sink.awaited]).toEqual([1, 0]);
  sink.push(3);
  void queue.next();
  expect(calls.pull).toBe(3);
});

test('the source may take back the oldest value that is ready', async () => {
  const { queue, sink, taken } = queueOf();
  sink.push(1);
  sink.push(2);
  expect([sink.shift(), sink.ready.length]).toEqual([1, 1]);
  expect(await settled(queue.next())).toBe(2);
  expect(taken).toEqual([2]);
  sink.abort('aborted');
  expect([await settled(queue.next()), await settled(queue.next())]).toEqual(['aborted', 'end']);
});
