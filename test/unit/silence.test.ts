import { describe, expect, test } from 'vitest';
import { Silence } from '../../src/decode/silence.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';

const INTERVAL_MS = 100;
const STARVATION_MS = 300;

/** A wait for a decoder that has eight chunks inside, and the log of what is reported. */
function listening() {
  const clock = new ManualClock();
  const told: string[] = [];
  const decoder = { isAwaited: true, untaken: 8 };
  const silence = new Silence(clock, INTERVAL_MS, STARVATION_MS, {
    isAwaited: () => decoder.isAwaited,
    untaken: () => decoder.untaken,
    onQuiet: (silentMs) => told.push(`quiet ${silentMs}`),
    onStarved: (silentMs) => told.push(`starved ${silentMs}`),
  });
  silence.listen();
  return { clock, silence, told, decoder };
}

describe('[C9] a decoder that is listened to', () => {
  test('and says nothing is quiet at each interval, and starves when they add up', () => {
    const { clock, told } = listening();
    clock.advance(INTERVAL_MS - 1);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['quiet 100']);
    clock.advance(2 * INTERVAL_MS);
    expect(told).toEqual(['quiet 100', 'quiet 200', 'quiet 300', 'starved 300']);
    clock.advance(INTERVAL_MS);
    expect(told.at(-1)).toBe('quiet 100');
  });

  test('and takes chunks without giving a frame is not quiet, and starves all the same', () => {
    const { clock, told, decoder } = listening();
    for (let passed = 0; passed < STARVATION_MS; passed += INTERVAL_MS) {
      decoder.untaken--;
      clock.advance(INTERVAL_MS);
    }
    expect(told).toEqual(['starved 300']);
  });

  test('and is given chunks that it does not take is not quiet', () => {
    const { clock, told, silence } = listening();
    silence.heardInput();
    clock.advance(INTERVAL_MS);
    expect(told).toEqual([]);
    clock.advance(INTERVAL_MS);
    expect(told).toEqual(['quiet 200']);
  });

  test('and gives a frame begins anew with that', () => {
    const { clock, told, silence } = listening();
    clock.advance(2 * INTERVAL_MS);
    silence.heardFrame();
    clock.advance(INTERVAL_MS);
    expect(told).toEqual(['quiet 100', 'quiet 200']);
    clock.advance(2 * INTERVAL_MS);
    expect(told.slice(2)).toEqual(['quiet 100', 'quiet 200']);
  });

  test('begins anew with each wait, and where it had nothing to decode', () => {
    const { clock, told, silence } = listening();
    clock.advance(2 * INTERVAL_MS);
    silence.stop();
    silence.listen();
    clock.advance(INTERVAL_MS);
    silence.startAnew();
    clock.advance(INTERVAL_MS);
    expect(told).toEqual(['quiet 100', 'quiet 200', 'quiet 100', 'quiet 100']);
  });

  test('has one timer, which goes when nobody waits any more', () => {
    const { clock, silence, told, decoder } = listening();
    silence.listen();
    expect(clock.pendingCount).toBe(1);
    silence.stop();
    expect(clock.pendingCount).toBe(0);
    silence.listen();
    decoder.isAwaited = false;
    clock.advance(INTERVAL_MS);
    expect([told, clock.pendingCount]).toEqual([[], 0]);
  });
});
