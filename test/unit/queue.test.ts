import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Queue } from '../../src/base/queue.ts';

test('a queue returns its items in order, however often it is empty in between', () => {
  const step = fc.oneof(fc.integer(), fc.constantFrom('take' as const, 'take' as const, 'clear' as const));
  const numbers = fc.array(step, { maxLength: 30 });
  fc.assert(
    fc.property(numbers, (steps) => {
      const queue = new Queue<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === 'take') expect(queue.shift()).toBe(model.shift());
        else if (step === 'clear') {
          queue.clear();
          model.length = 0;
        } else {
          queue.push(step);
          model.push(step);
        }
        expect(queue.length).toBe(model.length);
      }
    }),
  );
});
