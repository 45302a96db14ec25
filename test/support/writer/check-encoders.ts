/** Hook after each test of a file: no encoder of a writer is left open. */
import { afterEach, expect } from 'vitest';
import { alive } from './encoders.ts';

export function checkEncodersAfterEachTest(): void {
  afterEach(() => {
    const { count } = alive;
    // A test that fails here does not fail the next one.
    alive.count = 0;
    expect(count, 'encoders alive').toBe(0);
  });
}
