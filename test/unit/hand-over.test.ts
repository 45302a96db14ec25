import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { HandOver } from '../../src/decode/hand-over.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { decodedPool } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

const LATE_MS = 10;

/** A decoder with two chunks to take. `take` is called with the timestamp of each frame that is handed over. */
function scene(take: (timestamp: number) => void = () => {}) {
  const clock = new ManualClock();
  const pool = decodedPool();
  const taken: number[] = [];
  const handOver = new HandOver(clock, (handle) => {
    taken.push(handle.timestamp);
    handle.release();
    take(handle.timestamp);
  });
  // The fake has what is used of a decoder: the number of chunks inside, and the listener.
  const decoder = { ondequeue: null as (() => void) | null, decodeQueueSize: 2 };
  handOver.heed({ decoder: decoder as unknown as VideoDecoder, onDequeue: () => handOver.onDequeue() });
  return {
    handOver,
    taken,
    decoder,
    kept: () => pool.lentCount,
    isHeard: () => decoder.ondequeue !== null,
    /** Puts out a frame, while so many chunks are inside the decoder. Returns the timestamps that were taken so far. */
    give(timestamp: number, queued = 2): readonly number[] {
      decoder.decodeQueueSize = queued;
      handOver.keep(pool.adopt(makeFrame({ timestamp })));
      handOver.go();
      return taken;
    },
    /** The decoder takes a chunk, which leaves so many inside, and notifies its listener. */
    tell(queued = 2): readonly number[] {
      decoder.decodeQueueSize = queued;
      decoder.ondequeue?.();
      return taken;
    },
    /** Time passes. */
    wait(ms: number): readonly number[] {
      clock.advance(ms);
      return taken;
    },
  };
}

/** A scene that has put out two frames, after which its decoder has notified its listener. */
function tellingScene(take?: (timestamp: number) => void) {
  const given = scene(take);
  given.give(-2);
  given.give(-1);
  given.tell();
  expect(given.taken.splice(0)).toEqual([-2, -1]);
  return given;
}

describe('[C9] a frame that comes out of a decoder', () => {
  test('is handed over at once where the decoder never told that it takes chunks', () => {
    const { give } = scene();
    for (let time = 0; time < 4; time++) {
      expect(give(time).at(-1)).toBe(time);
    }
  });

  test('waits until the decoder has taken its next chunk', () => {
    const { give, tell } = tellingScene();
    give(0);
    expect(give(33)).toEqual([]);
    expect(tell()).toEqual([0, 33]);
    expect(give(66)).toEqual([0, 33]);
    expect(tell()).toEqual([0, 33, 66]);
  });

  test('is handed over at once, with those that wait, where no chunk is left to take', () => {
    const { give, isHeard } = tellingScene();
    give(0);
    expect(give(33, 0)).toEqual([0, 33]);
    expect(give(66, 0)).toEqual([0, 33, 66]);
    expect(isHeard()).toBe(false);
  });

  test('is handed over at once where frames of several decoders come in turns, and none of them is listened to', () => {
    const [first, second] = [tellingScene(), tellingScene()];
    for (let time = 0; time < 3; time++) {
      for (const { give, taken, isHeard } of [first, second]) {
        give(time);
        expect([taken.at(-1), isHeard()]).toEqual([time, false]);
      }
    }
    second.give(3);
    expect([second.taken.at(-1), second.isHeard()]).toEqual([2, true]);
    expect(second.tell().at(-1)).toBe(3);
  });

  test('does not wait longer than a moment for a decoder that takes nothing', () => {
    const { give, wait } = tellingScene();
    give(0);
    expect(wait(LATE_MS - 1)).toEqual([]);
    expect(wait(1)).toEqual([0]);
  });

  test('and waits no more at all when the decoder was late three times in a row', () => {
    const { give, taken, wait, tell, isHeard } = tellingScene();
    for (let time = 0; time < 2; time++) {
      give(time);
      wait(LATE_MS);
    }
    tell();
    for (let time = 2; time < 5; time++) {
      expect(give(time).at(-1)).toBe(time - 1);
      wait(LATE_MS);
    }
    expect(taken).toEqual([0, 1, 2, 3, 4]);
    expect(give(5).at(-1)).toBe(5);
    expect(isHeard()).toBe(false);
    expect(give(6).at(-1)).toBe(6);
  });

  test('is not late where none waited when the time was over', () => {
    const { give, taken, tell, wait } = tellingScene();
    for (let time = 0; time < 6; time += 2) {
      give(time);
      give(time + 1, 0);
      wait(LATE_MS);
    }
    expect(taken).toEqual([0, 1, 2, 3, 4, 5]);
    expect(give(6).at(-1)).toBe(5);
    expect(tell().at(-1)).toBe(6);
  });

  test('keeps no other from being handed over by a taker that throws', () => {
    const reported = vi.fn<(error: unknown) => void>();
    vi.stubGlobal('reportError', reported);
    onTestFinished(() => void vi.unstubAllGlobals());
    const { give, tell } = tellingScene((timestamp) => {
      if (timestamp === 0) throw new Error('taker');
    });
    give(0);
    give(33);
    expect(tell()).toEqual([0, 33]);
    expect(reported.mock.calls).toEqual([[new Error('taker')]]);
  });

  test('comes in order also where its taker has another one put out', () => {
    const { give, tell } = tellingScene((timestamp) => {
      if (timestamp === 0) give(66, 0);
    });
    give(0);
    give(33);
    expect(tell(0)).toEqual([0, 33, 66]);
  });

  test('is released when it waits and all is dropped, and its timer called off', () => {
    const { give, kept, wait, handOver } = tellingScene();
    give(0);
    give(33);
    wait(1);
    expect([kept(), handOver.length]).toEqual([2, 2]);
    handOver.drop();
    expect([kept(), handOver.length]).toEqual([0, 0]);
    give(66);
    expect(wait(LATE_MS - 1)).toEqual([]);
    expect(wait(1)).toEqual([66]);
  });
});
