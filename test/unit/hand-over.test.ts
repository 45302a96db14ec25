import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { HandOver } from '../../src/decode/hand-over.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { decodedPool } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

const LATE_MS = 10;

interface Scene {
  readonly clock: ManualClock;
  readonly handOver: HandOver;
  /** The times of the frames that were handed over. */
  readonly taken: number[];
  /** How many frames are in the pool. */
  readonly kept: () => number;
  /** How many chunks wait inside the decoder. */
  queued: number;
  /** Puts out a frame of this time. */
  give(timestamp: number): void;
  /** The decoder takes a chunk, and tells whoever listens. */
  tell(): void;
  readonly isHeard: () => boolean;
}

/** A decoder with chunks to take. */
function scene(take: (timestamp: number) => void = () => {}): Scene {
  const clock = new ManualClock();
  const pool = decodedPool();
  const taken: number[] = [];
  const handOver = new HandOver(clock, (handle) => {
    taken.push(handle.timestamp);
    handle.release();
    take(handle.timestamp);
  });
  // What is used of a decoder.
  const decoder = {
    ondequeue: null as (() => void) | null,
    get decodeQueueSize() {
      return scene.queued;
    },
  };
  handOver.heed({ decoder: decoder as unknown as VideoDecoder, onDequeue: () => handOver.onDequeue() });
  const scene: Scene = {
    clock,
    handOver,
    taken,
    kept: () => pool.lentCount,
    queued: 2,
    give(timestamp) {
      handOver.keep(pool.adopt(makeFrame({ timestamp })));
      handOver.go();
    },
    tell: () => decoder.ondequeue?.(),
    isHeard: () => decoder.ondequeue !== null,
  };
  return scene;
}

/** One that has put out two frames, and was heard to take a chunk then. */
function tellingScene(take?: (timestamp: number) => void): Scene {
  const given = scene(take);
  given.give(-2);
  given.give(-1);
  given.tell();
  expect(given.taken.splice(0)).toEqual([-2, -1]);
  return given;
}

describe('[C9] a frame that comes out of a decoder', () => {
  test('is handed over at once where the decoder never told that it takes chunks', () => {
    const { give, taken } = scene();
    for (let time = 0; time < 4; time++) {
      give(time);
      expect(taken.at(-1)).toBe(time);
    }
  });

  test('waits until the decoder has taken its next chunk', () => {
    const { give, taken, tell } = tellingScene();
    give(0);
    give(33);
    expect(taken).toEqual([]);
    tell();
    expect(taken).toEqual([0, 33]);
    give(66);
    expect(taken).toEqual([0, 33]);
    tell();
    expect(taken).toEqual([0, 33, 66]);
  });

  test('is handed over at once, with those that wait, where no chunk is left to take', () => {
    const given = tellingScene();
    given.give(0);
    given.queued = 0;
    given.give(33);
    expect(given.taken).toEqual([0, 33]);
    given.give(66);
    expect(given.taken).toEqual([0, 33, 66]);
    expect(given.isHeard()).toBe(false);
  });

  test('is handed over at once where frames of several decoders come in turns, and none of them is listened to', () => {
    const scenes = [tellingScene(), tellingScene()];
    for (let time = 0; time < 3; time++) {
      for (const { give, taken, isHeard } of scenes) {
        give(time);
        expect([taken.at(-1), isHeard()]).toEqual([time, false]);
      }
    }
    const [, second] = scenes;
    second?.give(3);
    expect([second?.taken.at(-1), second?.isHeard()]).toEqual([2, true]);
    second?.tell();
    expect(second?.taken.at(-1)).toBe(3);
  });

  test('does not wait longer than a moment for a decoder that takes nothing', () => {
    const { give, taken, clock } = tellingScene();
    give(0);
    clock.advance(LATE_MS - 1);
    expect(taken).toEqual([]);
    clock.advance(1);
    expect(taken).toEqual([0]);
  });

  test('and waits no more at all when the decoder was late three times in a row', () => {
    const { give, taken, clock, tell, isHeard } = tellingScene();
    for (let time = 0; time < 2; time++) {
      give(time);
      clock.advance(LATE_MS);
    }
    tell();
    for (let time = 2; time < 5; time++) {
      give(time);
      expect(taken.at(-1)).toBe(time - 1);
      clock.advance(LATE_MS);
    }
    expect(taken).toEqual([0, 1, 2, 3, 4]);
    give(5);
    expect(taken.at(-1)).toBe(5);
    expect(isHeard()).toBe(false);
    give(6);
    expect(taken.at(-1)).toBe(6);
  });

  test('is not late where none waited when the time was over', () => {
    const given = tellingScene();
    for (let time = 0; time < 6; time += 2) {
      given.queued = 2;
      given.give(time);
      given.queued = 0;
      given.give(time + 1);
      given.clock.advance(LATE_MS);
    }
    expect(given.taken).toEqual([0, 1, 2, 3, 4, 5]);
    given.queued = 2;
    given.give(6);
    expect(given.taken.at(-1)).toBe(5);
    given.tell();
    expect(given.taken.at(-1)).toBe(6);
  });

  test('keeps no other from being handed over by a taker that throws', () => {
    const reported = vi.fn<(error: unknown) => void>();
    vi.stubGlobal('reportError', reported);
    onTestFinished(() => void vi.unstubAllGlobals());
    const { give, taken, tell } = tellingScene((timestamp) => {
      if (timestamp === 0) throw new Error('taker');
    });
    give(0);
    give(33);
    tell();
    expect(taken).toEqual([0, 33]);
    expect(reported.mock.calls).toEqual([[new Error('taker')]]);
  });

  test('comes in order also where its taker has another one put out', () => {
    const given = tellingScene((timestamp) => {
      if (timestamp === 0) given.give(66);
    });
    given.give(0);
    given.give(33);
    given.queued = 0;
    given.tell();
    expect(given.taken).toEqual([0, 33, 66]);
  });

  test('is released when it waits and all is dropped, and its timer called off', () => {
    const { give, taken, kept, clock, handOver } = tellingScene();
    give(0);
    give(33);
    clock.advance(1);
    expect([kept(), handOver.length]).toEqual([2, 2]);
    handOver.drop();
    expect([kept(), handOver.length]).toEqual([0, 0]);
    give(66);
    clock.advance(LATE_MS - 1);
    expect(taken).toEqual([]);
    clock.advance(1);
    expect(taken).toEqual([66]);
  });
});
