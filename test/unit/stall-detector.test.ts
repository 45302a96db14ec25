import { describe, expect, test } from 'vitest';
import { StallDetector } from '../../src/base/stall-detector.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';

const INTERVAL_MS = 100;
const STARVATION_MS = 300;

/** A wait for a decoder that has eight chunks inside, and what it has reported after a time. */
function listening() {
  const clock = new ManualClock();
  const told: string[] = [];
  const decoder = { isAwaited: true, untaken: 8 };
  const silence = new StallDetector(clock, INTERVAL_MS, STARVATION_MS, {
    isAwaited: () => decoder.isAwaited,
    untaken: () => decoder.untaken,
    onIdle: (silentMs) => told.push(`quiet ${silentMs}`),
    onStarved: (silentMs) => told.push(`starved ${silentMs}`),
  });
  silence.start();
  const after = (ms: number): readonly string[] => {
    clock.advance(ms);
    return told;
  };
  return { clock, silence, told, after, decoder };
}

describe('[C9] a decoder that is listened to', () => {
  test('and says nothing is quiet at each interval, and starves when they add up', () => {
    const { after } = listening();
    expect(after(INTERVAL_MS - 1)).toEqual([]);
    expect(after(1)).toEqual(['quiet 100']);
    expect(after(2 * INTERVAL_MS)).toEqual(['quiet 100', 'quiet 200', 'quiet 300', 'starved 300']);
    expect(after(INTERVAL_MS).at(-1)).toBe('quiet 100');
  });

  test('and takes chunks without giving a frame is not quiet, and starves all the same', () => {
    const { told, after, decoder } = listening();
    for (let passed = 0; passed < STARVATION_MS; passed += INTERVAL_MS) {
      decoder.untaken--;
      after(INTERVAL_MS);
    }
    expect(told).toEqual(['starved 300']);
  });

  test('and is given chunks that it does not take is not quiet', () => {
    const { after, silence } = listening();
    silence.noteInput();
    expect(after(INTERVAL_MS)).toEqual([]);
    expect(after(INTERVAL_MS)).toEqual(['quiet 200']);
  });

  test('and gives a frame begins anew with that', () => {
    const { after, silence } = listening();
    after(2 * INTERVAL_MS);
    silence.noteFrame();
    expect(after(INTERVAL_MS)).toEqual(['quiet 100', 'quiet 200']);
    expect(after(2 * INTERVAL_MS).slice(2)).toEqual(['quiet 100', 'quiet 200']);
  });

  test('begins anew with each wait, and where it had nothing to decode', () => {
    const { after, silence } = listening();
    after(2 * INTERVAL_MS);
    silence.stop();
    silence.start();
    after(INTERVAL_MS);
    silence.reset();
    expect(after(INTERVAL_MS)).toEqual(['quiet 100', 'quiet 200', 'quiet 100', 'quiet 100']);
  });

  test('has one timer, which goes when nobody waits any more', () => {
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
