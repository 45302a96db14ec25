/** Pairing of colour and alpha frames: the right ones are paired, and every frame is returned once or closed once. */
import { afterEach, describe, expect, test } from 'vitest';
import type { AlphaUse } from '../../src/media/alpha-pairs.ts';
import { AlphaPairs } from '../../src/media/alpha-pairs.ts';

class FakeFrame {
  static readonly all: FakeFrame[] = [];

  closed = 0;
  readonly timestamp: number;
  readonly name: string;

  constructor(timestamp: number, name: string) {
    this.timestamp = timestamp;
    this.name = `${name}${timestamp}`;
    FakeFrame.all.push(this);
  }

  close(): void {
    this.closed++;
  }
}

/** Pairs to which chunks of these times were added. Delta chunks unless a time is 0. */
function pairsOf(times: readonly number[], use: (time: number) => AlphaUse = () => 'paired') {
  const pairs = new AlphaPairs<FakeFrame>();
  for (const time of times) pairs.add(time, time === 0, use(time));
  return {
    pairs,
    colour: (time: number, name = 'c') => pairs.addColour(new FakeFrame(time, name), true),
    alpha: (time: number, name = 'a') => pairs.addAlpha(new FakeFrame(time, name)),
    /** The complete pairs, as text; closes their frames. */
    taken(): string[] {
      const texts: string[] = [];
      for (let pair = pairs.take(); pair !== null; pair = pairs.take()) {
        texts.push(`${pair.colour.name} ${pair.alpha?.name ?? pair.use}`);
        pair.colour.close();
        pair.alpha?.close();
      }
      return texts;
    },
  };
}

afterEach(() => {
  for (const { name, closed } of FakeFrame.all.splice(0)) expect(closed, name).toBe(1);
});

describe('AlphaPairs', () => {
  test('pairs by time, whichever decoder is ahead', () => {
    const { colour, alpha, taken } = pairsOf([0, 10, 20, 30]);
    colour(0);
    colour(10);
    expect(taken()).toEqual([]);
    alpha(0);
    expect(taken()).toEqual(['c0 a0']);
    alpha(10);
    alpha(20);
    alpha(30);
    expect(taken()).toEqual(['c10 a10']);
    colour(20);
    colour(30);
    expect(taken()).toEqual(['c20 a20', 'c30 a30']);
  });

  test('pairs frames of equal times in order', () => {
    const { colour, alpha, taken } = pairsOf([0, 10, 10, 20]);
    colour(0);
    alpha(0);
    alpha(10, 'first ');
    alpha(10, 'second ');
    colour(10, 'one ');
    colour(10, 'two ');
    expect(taken()).toEqual(['c0 a0', 'one 10 first 10', 'two 10 second 10']);
  });

  test('a frame without alpha waits for the frames before it', () => {
    const { colour, alpha, taken } = pairsOf([0, 10], (time) => (time === 10 ? 'opaque' : 'paired'));
    colour(0);
    colour(10);
    expect(taken()).toEqual([]);
    alpha(0);
    expect(taken()).toEqual(['c0 a0', 'c10 opaque']);
  });

  test('a frame whose alpha does not arrive is opaque once a later alpha frame is out', () => {
    const { colour, alpha, taken, pairs } = pairsOf([0, 10, 20]);
    colour(0);
    colour(10);
    alpha(10);
    expect(taken()).toEqual(['c0 paired', 'c10 a10']);
    colour(20);
    expect(pairs.completeCount).toBe(0);
    pairs.endThrough(pairs.lastNumber);
    expect(taken()).toEqual(['c20 paired']);
  });

  test('so is one whose colour frame comes out after the later alpha frame', () => {
    const { colour, alpha, taken } = pairsOf([0, 10]);
    alpha(10);
    colour(0);
    expect(taken()).toEqual(['c0 paired']);
    colour(10);
    expect(taken()).toEqual(['c10 a10']);
  });

  test('an alpha frame without a colour frame is closed, before and after its time', () => {
    const { colour, alpha, taken } = pairsOf([0, 10, 20]);
    alpha(0);
    alpha(10);
    colour(10);
    expect(taken()).toEqual(['c10 a10']);
    colour(20);
    alpha(5);
    alpha(20);
    expect(taken()).toEqual(['c20 a20']);
  });

  test('an unwanted frame is put out unmerged, and its alpha is closed', () => {
    const { pairs, alpha, taken } = pairsOf([0, 10, 20]);
    alpha(0);
    pairs.addColour(new FakeFrame(0, 'c'), false);
    pairs.addColour(new FakeFrame(10, 'c'), false);
    alpha(10);
    expect(taken()).toEqual(['c0 plain', 'c10 plain']);
  });

  test('times that jump back at a key frame begin a new stretch', () => {
    const { colour, alpha, taken } = pairsOf([0, 10, 20, 0, 10]);
    for (const time of [0, 10, 20, 0, 10]) alpha(time);
    for (const time of [0, 10, 20, 0, 10]) colour(time);
    expect(taken()).toEqual(['c0 a0', 'c10 a10', 'c20 a20', 'c0 a0', 'c10 a10']);
  });

  test('endThrough() leaves frames of later chunks waiting', () => {
    const { pairs, colour, alpha, taken } = pairsOf([0, 10]);
    const { lastNumber } = pairs;
    pairs.add(20, true, 'paired');
    colour(10);
    colour(20);
    pairs.endThrough(lastNumber);
    expect(taken()).toEqual(['c10 paired']);
    alpha(20);
    expect(taken()).toEqual(['c20 a20']);
  });

  test('dropIncomplete() keeps the frames before the first that waits', () => {
    const { pairs, colour, alpha, taken } = pairsOf([0, 10, 20, 30], (time) =>
      time === 20 ? 'opaque' : 'paired',
    );
    colour(0);
    alpha(0);
    colour(10);
    colour(20);
    pairs.dropIncomplete();
    expect(taken()).toEqual(['c0 a0']);
  });

  test('clear() closes every frame', () => {
    const { pairs, colour, alpha, taken } = pairsOf([0, 10, 20, 30]);
    colour(0);
    alpha(0);
    colour(10);
    alpha(20);
    alpha(30);
    pairs.clear();
    expect([pairs.waitingCount, taken()]).toEqual([0, []]);
  });
});
