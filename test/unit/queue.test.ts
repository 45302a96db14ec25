import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Queue } from '../../src/queue.ts';

test('a queue gives what was put in, in that order, however often it is empty in between', () => {
  const numbers = fc.array(fc.option(fc.integer()), { maxLength: 30 });
  fc.assert(
    fc.property(numbers, (steps) => {
      const queue = new Queue<number>();
      const model: number[] = [];
      // A number goes in, null takes one out.
      for (const step of steps) {
        if (step === null) expect(queue.shift()).toBe(model.shift());
        else {
          queue.push(step);
          model.push(step);
        }
        expect(queue.length).toBe(model.length);
      }
    }),
  );
});
