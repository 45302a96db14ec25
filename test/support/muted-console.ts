/** Console muting: keeps the expected lines of a test file out of the run's output. */
import { afterEach, beforeEach, expect, vi } from 'vitest';

/** Mutes the console during each test. A test fails if it printed a line that does not match. */
export function muteConsole(expected: RegExp): void {
  const lines: string[] = [];
  beforeEach(() => {
    for (const method of ['info', 'warn', 'error'] as const) {
      vi.spyOn(console, method).mockImplementation((...words) => void lines.push(words.join(' ')));
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
    const surprising = lines.splice(0).filter((line) => !expected.test(line));
    expect(surprising, 'lines on the console').toEqual([]);
  });
}
