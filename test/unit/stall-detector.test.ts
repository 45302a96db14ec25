import { describe, expect, test } from 'vitest';
import { StallDetector } from '../../src/base/stall-detector.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';

const INTERVAL_MS = 100;
const STARVATION_MS = 300;

/** A wait for a decoder that has eight chunks inside, and its reports after a time. */
function listening() {
  const clock = new ManualClock();
  const log: string[] = [];
  const decoder = { isAwaited: true, untaken: 8 };
  const silence = new StallDetector(clock, INTERVAL_MS, STARVATION_MS, {
    isAwaited: () => decoder.isAwaited,
    untaken: () => decoder.untaken,
    onIdle: (silentMs) => log.push(`quiet ${silentMs}`),
    onStarved: (silentMs) => log.push(`starved ${silentMs}`),
  });
  silence.start();
  const after = (ms: number): readonly string[] => {
    clock.advance(ms);
    return log;
  };
  return { clock, silence, log, after, decoder };
}

describe('[C9] a decoder with a stall detector', () => {
  test('that is silent is idle at each interval, and starves when they add up', () => {
    const { after } = listening();
    expect(after(INTERVAL_MS - 1)).toEqual([]);
    expect(after(1)).toEqual(['quiet 100']);
    expect(after(2 * INTERVAL_MS)).toEqual(['quiet 100', 'quiet 200', 'quiet 300', 'starved 300']);
    expect(after(INTERVAL_MS).at(-1)).toBe('quiet 100');
  });

  test('that takes chunks without giving a frame is not idle, and starves nevertheless', () => {
    const { log, after, decoder } = listening();
    for (let passed = 0; passed < STARVATION_MS; passed += INTERVAL_MS) {
      decoder.untaken--;
      after(INTERVAL_MS);
    }
    expect(log).toEqual(['starved 300']);
  });

  test('that does not take its chunks is not idle', () => {
    const { after, silence } = listening();
    silence.noteInput();
    expect(after(INTERVAL_MS)).toEqual([]);
    expect(after(INTERVAL_MS)).toEqual(['quiet 200']);
  });

  test('that gives a frame starts over', () => {
    const { after, silence } = listening();
    after(2 * INTERVAL_MS);
    silence.noteFrame();
    expect(after(INTERVAL_MS)).toEqual(['quiet 100', 'quiet 200']);
    expect(after(2 * INTERVAL_MS).slice(2)).toEqual(['quiet 100', 'quiet 200']);
  });

  test('starts over with each wait, and if it had nothing to decode', () => {
    const { after, silence } = listening();
    after(2 * INTERVAL_MS);
    silence.stop();
    silence.start();
    after(INTERVAL_MS);
    silence.reset();
    expect(after(INTERVAL_MS)).toEqual(['quiet 100', 'quiet 200', 'quiet 100', 'quiet 100']);
  });

  test('has one timer, which is cleared with the last wait', () => {
    const { clock, silence, after, decoder } = listening();
    silence.start();
    expect(clock.pendingCount).toBe(1);
    silence.stop();
    expect(clock.pendingCount).toBe(0);
    silence.start();
    decoder.isAwaited = false;
    expect([after(INTERVAL_MS), clock.pendingCount]).toEqual([[], 0]);
  });
});
