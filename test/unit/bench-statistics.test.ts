/** The arithmetic behind the figures: medians of pairs, their intervals, goals. */
import { describe, expect, test } from 'vitest';
import { atLeast, atMost, verdictOf } from '../bench/page/goal.ts';
import { inTurns, orderOf } from '../bench/page/rounds.ts';
import { counted, median, paired } from '../bench/page/statistics.ts';

/** This many pairs around 1, always the same ones; `spread` is the largest distance from 1. */
const around1 = (count: number, spread: number): number[] =>
  Array.from({ length: count }, (_, index) => 1 + spread * Math.sin(index * 12.9898));

const ones = (count: number): number[] => Array<number>(count).fill(1);

describe('median()', () => {
  test('is the middle, or the mean of the two in the middle, in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
    expect(median([10, 9, 100])).toBe(10);
  });
});

describe('paired()', () => {
  test('is the median of the ratios of each round, not the ratio of the medians', () => {
    // In each round the machine is twice as slow as before, for both.
    const { value, ours, other } = paired([80, 40, 20], [100, 50, 10]);
    expect([value, ours, other]).toEqual([0.8, 40, 50]);
  });

  test('gives differences if requested', () => {
    expect(paired([7, 9, 30], [5, 5, 5], 'difference')).toMatchObject({ value: 4, values: [2, 4, 25] });
  });

  test('rejects figures without a pair', () => {
    expect(() => paired([1, 2], [1])).toThrow(RangeError);
    expect(() => paired([], [])).toThrow(RangeError);
  });

  test('has the same interval for the same figures, each time', () => {
    const figures = around1(11, 0.1);
    expect(paired(figures, ones(11))).toEqual(paired(figures, ones(11)));
  });

  test('has an interval between measured figures, with the median in it', () => {
    const { value, values, interval } = paired(around1(11, 0.1), ones(11));
    const [low = NaN, high = NaN] = interval ?? [];
    expect(values).toEqual(expect.arrayContaining([low, high]));
    const ascending = [Math.min(...values), low, value, high, Math.max(...values)];
    expect(ascending).toEqual([...new Set(ascending)].toSorted((one, other) => one - other));
  });

  test('has the interval of order statistics: of eleven pairs, the third to the ninth', () => {
    // The median of eleven draws is below the third smallest in 1 % of all cases, and above it in 4 %.
    const { interval } = paired([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], ones(11));
    expect(interval).toEqual([3, 9]);
  });

  test('is narrower with more rounds, and a point if all are equal', () => {
    const width = (count: number): number => {
      const [low, high] = paired(around1(count, 0.1), ones(count)).interval ?? [NaN, NaN];
      return high - low;
    };
    expect(width(101)).toBeLessThan(width(11));
    expect(paired(ones(5), ones(5)).interval).toEqual([1, 1]);
  });
});

describe('counted()', () => {
  test('has no interval, because a count does not vary', () => {
    const counts = { held: 'ratio', ours: 3, other: 12, value: 0.25, interval: null, values: [0.25] };
    expect(counted(3, 12)).toEqual(counts);
    expect(counted(3, 12, 'number').value).toBe(3);
  });
});

describe('verdictOf()', () => {
  test('is met when the median meets the goal, however wide the interval', () => {
    expect(verdictOf(atLeast(0.98), 0.98, [0.5, 1.2])).toBe('met');
    expect(verdictOf(atMost(15), 15, [1, 40])).toBe('met');
  });

  test('is stricter if the interval’s worse end has a bound', () => {
    expect(verdictOf(atLeast(0.98, 0.93), 0.99, [0.93, 1])).toBe('met');
    expect(verdictOf(atLeast(0.98, 0.93), 0.99, [0.92, 1])).toBe('within noise');
    expect(verdictOf(atMost(4, 5), 3, [2, 6])).toBe('within noise');
  });

  test('is within noise if the interval reaches the goal, and otherwise not met', () => {
    expect(verdictOf(atLeast(0.98), 0.97, [0.9, 0.98])).toBe('within noise');
    expect(verdictOf(atLeast(0.98), 0.97, [0.9, 0.979])).toBe('not met');
    expect(verdictOf(atMost(1.2), 1.3, [1.2, 1.4])).toBe('within noise');
    expect(verdictOf(atMost(1.2), 1.3, [1.21, 1.4])).toBe('not met');
  });

  test('has no noise for counted rows', () => {
    expect(verdictOf(atMost(0), 0, null)).toBe('met');
    expect(verdictOf(atMost(0), 1, null)).toBe('not met');
  });
});

describe('orderOf()', () => {
  test.each([2, 3, 4, 5])('has each of %i sides at each place equally often', (count) => {
    const names = Array.from({ length: count }, (_, index) => index);
    const orders = Array.from({ length: 2 * count }, (_, round) => orderOf(names, round));
    const twice = names.flatMap((place) => [place, place]);
    for (const name of names) {
      expect(orders.map((order) => order.indexOf(name)).toSorted((a, b) => a - b)).toEqual(twice);
    }
  });

  test('has each side directly before and after each other one', () => {
    const orders = Array.from({ length: 8 }, (_, round) => orderOf(['a', 'b', 'c', 'd'], round).join(''));
    expect(orders.filter((order) => order.indexOf('a') < order.indexOf('b'))).toHaveLength(4);
    expect(orders.slice(0, 2)).toEqual(['abcd', 'dcba']);
  });
});

describe('inTurns()', () => {
  test('ignores the warm-up', async () => {
    let calls = 0;
    const figures = await inTurns({ a: () => calls++, b: () => calls++ }, 4, 2);
    expect([figures.a.length, figures.b.length, calls]).toEqual([4, 4, 12]);
    expect(Math.min(...figures.a, ...figures.b)).toBe(4);
  });
});
